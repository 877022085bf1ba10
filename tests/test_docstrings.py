"""The examples in the library's docstrings, run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import typedpipes

MODULES = [
    "typedpipes",
    *(module.name for module in pkgutil.walk_packages(typedpipes.__path__, "typedpipes.")),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_a_module_are_true(name: str) -> None:
    done = doctest.testmod(importlib.import_module(name))

    assert done.failed == 0


def test_there_are_examples() -> None:
    assert any(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES)
