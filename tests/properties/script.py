"""What happens to a run on its way, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import frozen
from hypothesis import strategies as st

How: TypeAlias = Literal["drain", "abort", "cancel"]

OnFailure: TypeAlias = Literal["abort", "drain"]

GRACE = 60.0
"""Seconds of grace of every run."""


@frozen(kw_only=True)
class _Event:
    """Something that happens.

    Attributes:
        after: turns of the event loop since the event before, or signs of life of the
            coroutines and sources since the beginning.
        inside: whether it is the latter: it then happens inside of a coroutine or a source.
    """

    after: int = 0
    inside: bool = False


@frozen
class Pause(_Event):
    """Some nodes are paused or resumed.

    Attributes:
        nodes: which, by number; all if there are none.
    """

    nodes: tuple[int, ...] = ()
    resume: bool = False


@frozen
class Ending(_Event):
    """The run is to end.

    Attributes:
        how: drained, aborted, or by the cancellation of `run`.
        by_doom: whether it is a doom that drains or aborts it, or the plumber's own method.
    """

    how: How
    by_doom: bool = True


@frozen
class Block(_Event):
    """The event loop is kept, for longer than the grace.

    Attributes:
        seconds: for how long.
    """

    seconds: float = 2 * GRACE


Event: TypeAlias = Pause | Ending | Block
Script: TypeAlias = tuple[Event, ...]


def _one_after_the_other(*scripts: Sequence[Event]) -> Script:
    return tuple(event for script in scripts for event in script)


_MOMENTS = st.one_of(st.integers(0, 6), st.integers(0, 60))
_HOWS: tuple[How, ...] = ("drain", "abort", "cancel")
_NODES = st.lists(st.integers(0, 9), max_size=2).map(tuple)

pauses: st.SearchStrategy[Script] = st.lists(
    st.builds(Pause, _NODES, st.booleans(), after=_MOMENTS, inside=st.booleans()), max_size=4
).map(tuple)
"""Pauses at any moment."""

blocks: st.SearchStrategy[Script] = st.lists(
    st.builds(
        Block, st.sampled_from([1.1 * GRACE, 2 * GRACE]), after=_MOMENTS, inside=st.booleans()
    ),
    max_size=1,
).map(tuple)
"""The event loop is kept once: those who cannot return meanwhile can do so afterwards."""

endings: st.SearchStrategy[Script] = st.builds(
    _one_after_the_other,
    pauses,
    st.lists(
        st.builds(
            Ending, st.sampled_from(_HOWS), st.booleans(), after=_MOMENTS, inside=st.booleans()
        ),
        min_size=1,
        max_size=3,
    ),
    st.one_of(pauses, blocks),
)
"""Ends at any moment, with pauses before, and pauses or a loop that is kept after."""

ways: st.SearchStrategy[OnFailure] = st.sampled_from(("abort", "drain"))
"""What a failure that goes nowhere does to a run."""
