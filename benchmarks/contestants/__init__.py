"""The contestants, one per file; a peer that cannot be imported is left out."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module

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
    "pool",
    "pool_64",
    "executor",
    "executor_64",
    "joblib",
    "aiomultiprocess",
    "pypeln_process",
)
BY_HAND = frozenset({"loop", "queues", "generators"})
"""What is no library: the references, not the peers."""


def installed(names: Iterable[str] = NAMES) -> list[Contestant]:
    """The contestants of these names that can run here, in the order of `NAMES`."""
    wanted = set(names)
    found: list[Contestant] = []
    for name in NAMES:
        if name in wanted:
            with suppress(ImportError):
                found.append(load(name))
    return found


def load(name: str) -> Contestant:
    contestant: Contestant = import_module(f"{__name__}.{name}").CONTESTANT
    return contestant
