"""What can be connected: outlets, which give items, and stages, which also take some."""

from __future__ import annotations

from typing import Generic

from typing_extensions import TypeVar

T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


class Pausable:
    """Something that can be told to take no more items for now: a source or a processor."""


class Outlet(Generic[T_co]):
    """Something that gives items of one type: a source, a processor, a joint."""


class Stage(Outlet[T_co], Generic[T_contra, T_co]):
    """Something that takes items of one type and gives items of another.

    It is contravariant in what it takes and covariant in what it gives: a stage that takes
    any object can be connected where strings are given.
    """
