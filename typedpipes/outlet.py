"""What can be connected: outlets, which give items, and stages, which also take some."""

from __future__ import annotations

from typing import Generic

from typing_extensions import TypeVar

Given_co = TypeVar("Given_co", covariant=True)
Taken_contra = TypeVar("Taken_contra", contravariant=True)
In = TypeVar("In")


class Pausable:
    """Something that can be told to take no more items for now: a source or a processor."""


class Outlet(Generic[Given_co]):
    """Something that gives items of one type: a source, a processor, a joint."""


class Stage(Outlet[Given_co], Generic[Taken_contra, Given_co]):
    """Something that takes items of one type and gives items of another.

    It is contravariant in what it takes and covariant in what it gives: a stage that takes
    any object can be connected where strings are given.
    """


class Fallible(Stage[In, Given_co], Generic[In, Given_co]):
    """A stage whose items have outcomes: a result, or a failure that holds the item.

    It is invariant in what it takes, because its failures give that back.
    """
