"""What happens to a run on its way, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import frozen
from hypothesis import strategies as st


@frozen
class Pause:
    """Some nodes are paused or resumed.

    Attributes:
        after: turns of the event loop since the event before.
        nodes: which, by number; all if there are none.
    """

    after: int
    nodes: tuple[int, ...] = ()
    resume: bool = False


@frozen
class Ending:
    """The run is to end.

    Attributes:
        how: by a doom of one of the modes, or by the cancellation of `run`.
        after: turns of the event loop since the event before, or signs of life of the
            coroutines since the beginning.
        inside: whether it is the latter: it then happens inside of a coroutine.
    """

    how: Literal["drain", "abort", "cancel"]
    after: int = 0
    inside: bool = False


Script: TypeAlias = tuple[Pause | Ending, ...]


def _one_after_the_other(*scripts: Sequence[Pause | Ending]) -> Script:
    return tuple(event for script in scripts for event in script)


_MOMENTS = st.one_of(st.integers(0, 6), st.integers(0, 60))
_HOWS: tuple[Literal["drain", "abort", "cancel"], ...] = ("drain", "abort", "cancel")

pauses: st.SearchStrategy[Script] = st.lists(
    st.builds(Pause, _MOMENTS, st.lists(st.integers(0, 9), max_size=2).map(tuple), st.booleans()),
    max_size=4,
).map(tuple)
"""Pauses at any moment."""

endings: st.SearchStrategy[Script] = st.builds(
    _one_after_the_other,
    pauses,
    st.lists(
        st.builds(Ending, st.sampled_from(_HOWS), _MOMENTS, st.booleans()), min_size=1, max_size=3
    ),
    pauses,
)
"""Ends at any moment, with pauses before and after."""
