"""The contestants, one per file; a peer that is not installed is left out."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec

from benchmarks.contestant import Contestant

NAMES = (
    "typedpipes",
    "loop",
    "queues",
    "generators",
    "aiostream",
    "anyio",
    "streamable",
    "streamz",
    "pypeln",
    "reactivex",
    "spdl",
    "bytewax",
)
BY_HAND = frozenset({"loop", "queues", "generators"})
"""What is no library: the references, not the peers."""


def installed(names: Iterable[str] = NAMES) -> list[Contestant]:
    """The contestants of these names that can run here, in the order of `NAMES`."""
    wanted = set(names)
    return [load(name) for name in NAMES if name in wanted and is_here(name)]


def is_here(name: str) -> bool:
    """A peer's file has the name of the package that it imports."""
    return name in BY_HAND or find_spec(name) is not None


def load(name: str) -> Contestant:
    contestant: Contestant = import_module(f"{__name__}.{name}").CONTESTANT
    return contestant
