"""Random sources and processors: what they are drawn from."""

from __future__ import annotations

from typing import Literal

from attrs import frozen
from hypothesis import strategies as st

from tests.properties.graphs import Asking, Kind, Origin, Outlet, Spring, Step
from tests.properties.habits import NEVER, Habit, Naps, Stay
from tests.properties.mishaps import Kind as Mishap
from tests.properties.script import GRACE


@frozen
class Traits:
    """What a graph may have in it besides what a run can end well with.

    Attributes:
        deadly: mishaps where no failures edge takes them.
        breaking: sources that a mishap befalls in the end.
        stubborn: coroutines that stay for longer than the grace when they are cancelled.
    """

    deadly: bool = False
    breaking: bool = False
    stubborn: bool = False


SMALL = st.sampled_from([1, 1, 2, 3, 5, 100])
SHIFTS = st.integers(0, 6)
SECONDS = st.sampled_from([0.0, 0.0, 0.01])
NAPS = st.builds(Naps, st.sampled_from([0, 0, 1, 2, 5]), SHIFTS, SECONDS)
"""Mostly short, so that quick and slow coroutines meet."""

MANY_NAPS = st.builds(Naps, st.sampled_from([2, 5, 11]), SHIFTS, SECONDS)
"""So many that there is an item in hand at most times."""

ORIGINS: tuple[Origin, ...] = ("list", "iterable", "async generator", "rig", "feed", "loop")
BREAKING: tuple[Origin, ...] = ("iterable", "async generator", "rig")
BREAKS: tuple[Mishap | None, ...] = (None, "boom", "cut off")
TAPS: tuple[Literal["run", "worker"] | None, ...] = (None, None, None, "run", "worker", "worker")
KINDS: tuple[Kind, ...] = ("coroutine", "coroutine", "generator", "generator", "sink")
TAKEN = st.sampled_from(
    [
        {"results"},
        {"results"},
        {"results", "failures"},
        {"results", "failures"},
        {"outcomes"},
        {"results", "outcomes"},
        {"results", "failures", "outcomes"},
    ]
)
"""What of a step leads somewhere."""

KEYS = st.sampled_from([0, 0, 0, 1, 2, 3])
HABIT = st.builds(Habit, st.sampled_from([0, 2, 3, 5, 1]), st.integers(0, 4))
RARE = st.builds(Habit, st.sampled_from([0, 0, 5, 3, 2, 1]), st.integers(0, 4))
ALL_CLEANS = ("input", "output", "doomsday")
CLEANS = st.sampled_from([(), (), ("input",), ("output",), ALL_CLEANS])
DAWDLES = st.sampled_from([0.0, 0.0, 0.7 * GRACE])
LOOKS = st.sampled_from([0.0, 0.0, 1e-5, 1e-4])

TURNS = st.sampled_from([0, 1, 3])
POLITE = st.builds(Stay, RARE, TURNS, st.sampled_from([0.0, 0.0, 0.4 * GRACE]), st.booleans())
"""Stays that end within the grace."""

STUBBORN = st.builds(
    Stay,
    st.builds(Habit, st.sampled_from([1, 1, 2, 0]), st.integers(0, 4)),
    TURNS,
    st.sampled_from([1.5 * GRACE, 0.6 * GRACE, 1e3 * GRACE, 0.4 * GRACE]),
    st.booleans(),
)
"""Stays of all lengths: some end while the run cleans up, some when it is long over, and some are
too long only if there are two in a row."""


def spring(draw: st.DrawFn, name: str, number: int, traits: Traits) -> Spring:
    """Draw a source."""
    origin = draw(st.sampled_from(ORIGINS))
    return Spring(
        name,
        origin,
        first=1000 * number,
        count=draw(st.sampled_from([0, 1, 2, 5, 9, 14, 17, 30])),
        naps=draw(NAPS),
        maxsize=draw(SMALL),
        cleans=draw(st.booleans()),
        dawdles=draw(DAWDLES),
        shy=draw(st.sampled_from([False, False, True])),
        retries=draw(RARE),
        breaks=draw(st.sampled_from(BREAKS)) if traits.breaking and origin in BREAKING else None,
        stays=draw(STUBBORN if traits.stubborn else POLITE),
    )


def asking(draw: st.DrawFn, name: str) -> Asking:
    """Draw the askers of an exchange."""
    return Asking(
        name,
        first=0,
        count=draw(st.sampled_from([0, 1, 2, 5, 9, 14])),
        naps=draw(MANY_NAPS),
        maxsize=draw(SMALL),
        buffer=draw(SMALL),
        once=draw(RARE),
        leaves=draw(RARE),
        patience=draw(st.integers(0, 30)),
    )


def step(
    draw: st.DrawFn, name: str, outlet: Outlet, kind: Kind, *, catches: bool, traits: Traits
) -> Step:
    """Draw a processor; `catches` says whether its failures lead somewhere."""
    suffers = catches or (traits.deadly and draw(st.booleans()))
    return Step(
        name,
        outlet,
        kind,
        workers=draw(st.sampled_from([1, 1, 2, 2, 3, 4, 5])),
        ordered=draw(st.sampled_from([True, True, False])),
        window=draw(st.sampled_from([None, None, 1, 2, 7])),
        buffer=draw(SMALL),
        naps=draw(MANY_NAPS if traits.stubborn else NAPS),
        fails=draw(HABIT) if suffers else NEVER,
        is_cut_off=draw(RARE) if suffers else NEVER,
        most=draw(st.integers(0, 4)) if kind == "generator" else 2,
        keys=draw(KEYS),
        stays=draw(STUBBORN if traits.stubborn else POLITE),
        timeout=draw(st.sampled_from([None, None, 1e6])),
        cleans=ALL_CLEANS if traits.stubborn else draw(CLEANS),
        dawdles=draw(DAWDLES),
        tap=draw(st.sampled_from(TAPS)),
        opens_in=draw(SECONDS),
    )
