"""The items that travel through random graphs: each tells where it comes from, so it is unique."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from attrs import frozen

from typedpipes import Failure


@frozen
class Made:
    """What a processor made of an item; `part` numbers what a generator gives for one."""

    by: str
    of: object
    part: int = 0


class Boom(Exception):
    """What coroutines raise on purpose. Two that say the same are equal."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Boom) and self.args == other.args

    def __hash__(self) -> int:
        return hash(self.args)


@frozen
class Habit:
    """Something that befalls every n-th item.

    Attributes:
        every: n; 0 for never.
        shift: which one is the first.
    """

    every: int = 0
    shift: int = 0

    def befalls(self, item: object) -> bool:
        return self.every > 0 and (number(item) + self.shift) % self.every == 0


@frozen
class Naps:
    """How often a coroutine suspends: differently for each item, 0 to `most` times."""

    most: int = 0
    shift: int = 0

    async def take(self, item: object) -> None:
        for _ in range((7 * number(item) + self.shift) % (self.most + 1)):
            await asyncio.sleep(0)


NEVER = Habit()
NO_NAPS = Naps()


def number(item: object) -> int:
    """Give the number of the first item of a source that is part of this one."""
    while not isinstance(item, int):
        if isinstance(item, Made):
            return number(item.of) + item.part
        item = _first(item)
    return item


def _first(item: object) -> object:
    if isinstance(item, Failure):
        return cast("Failure[object]", item).item  # one that holds an item of ours
    if isinstance(item, tuple | list):
        return cast("Sequence[object]", item)[0]  # as above
    raise TypeError(f"no item of a random graph: {item!r}")
