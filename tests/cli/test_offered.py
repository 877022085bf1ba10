"""`--coroutines`: a module offers what it defines, or lists in `__all__`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import typedpipes

STEPS = """\
import asyncio
import json
from collections.abc import AsyncIterator
from asyncio import create_subprocess_shell
from asyncio import sleep as nap
from functools import partial
from graphs import words
from tempfile import *
from typedpipes import in_thread

async def count(text: str, base: int = 10) -> int:
    return int(text, base)

async def say(text: str) -> AsyncIterator[str]:
    yield text

shell = asyncio.create_subprocess_shell
binary = partial(count, base=2)
parse = in_thread(json.loads)

class Show:
    async def __call__(self, item: object) -> None:
        print(item)

show = Show()

try:
    from no_such_module import fast
except ImportError:
    async def fast(text: str) -> int:
        return 0
"""


@pytest.fixture
def steps(folder: Path) -> Path:
    (folder / "steps.py").write_text(STEPS)
    return folder


def refuse(name: str, folder: Path) -> list[str]:
    """Check a definition of one node, and return what is said about its coroutine."""
    (folder / "one.toml").write_text(f'nodes.a.coro = "{name}"\n')
    done = typedpipes("show", "one.toml", "-c", "steps", folder=folder)
    return [line for line in done.stderr.splitlines() if "nodes.a.coro" in line]


@pytest.mark.parametrize(
    "name",
    ["create_subprocess_shell", "nap", "words", "shell", "mkdtemp", "asyncio", "in_thread"],
)
def test_what_a_module_imported_is_not_offered(name: str, steps: Path) -> None:
    [said] = refuse(name, steps)

    assert said == (
        f"typedpipes: one.toml:1: nodes.a.coro: {name!r} is not offered by 'steps'. "
        "It is imported there: list it in `__all__` to offer it."
    )


@pytest.mark.parametrize("name", ["count", "binary", "parse", "show", "fast"])
def test_what_a_module_makes_is_offered_however_it_makes_it(name: str, steps: Path) -> None:
    assert refuse(name, steps) == []


def test_a_name_is_suggested_among_those_that_are_offered(steps: Path) -> None:
    [said] = refuse("cuont", steps)

    assert said.endswith("is not offered by 'steps'. Did you mean 'count'?")


def test_a_definition_runs_no_shell_that_a_module_only_imported(steps: Path) -> None:
    (steps / "shell.toml").write_text(
        'nodes.say = { coro = "say", args = { text = "echo owned > owned" } }\n'
        'nodes.shell.coro = "create_subprocess_shell"\n'
        'graph.say = ["shell"]\n'
    )

    done = typedpipes("run", "shell.toml", "-c", "steps", folder=steps)

    assert done.returncode == 1
    assert not (steps / "owned").exists()


def test_what_is_listed_is_offered_and_nothing_else(steps: Path) -> None:
    (steps / "steps.py").write_text(STEPS + '__all__ = ["words", "show"]\n')

    assert refuse("show", steps) == []
    assert refuse("words", steps) == []
    assert refuse("count", steps) != []


def test_a_module_without_source_offers_what_says_that_it_is_at_home_there(steps: Path) -> None:
    import py_compile

    py_compile.compile(str(steps / "steps.py"), cfile=str(steps / "steps.pyc"))
    (steps / "steps.py").unlink()

    assert refuse("count", steps) == []
    assert refuse("nap", steps) != []
