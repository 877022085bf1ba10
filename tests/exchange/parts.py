"""Random segments, and what each makes of a number by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from attrs import define, field, frozen

from typedpipes import Joint, Processor


class Odd(Exception):
    """A number that a part fails on."""


@define
class Calls:
    """Counts calls that begin and end."""

    begun: int = 0
    ended: int = 0
    most: dict[str, int] = field(factory=dict[str, int])


@frozen
class Expected:
    """What becomes of a number.

    Attributes:
        replies: in order.
        failures: the texts of what may be raised.
    """

    replies: Sequence[int] = ()
    failures: frozenset[str] = frozenset()


class Part(Protocol):
    """A part of a segment.

    Attributes:
        in_order: whether it keeps the order of the items of a request.
    """

    @property
    def in_order(self) -> bool: ...

    def draw(self, joint: Joint[int], name: str, calls: Calls) -> Joint[int]:
        """Draw it behind a joint, with names that begin with `name`."""
        ...

    def expected(self, number: int) -> Expected:
        """Return what it makes of a number."""
        ...


@frozen
class Work:
    """A coroutine, which fails on multiples of a number if that is not 0."""

    workers: int
    ordered: bool
    fails_on: int

    @property
    def in_order(self) -> bool:
        return self.ordered or self.workers == 1

    def draw(self, joint: Joint[int], name: str, calls: Calls) -> Joint[int]:
        async def work(number: int) -> int:
            calls.begun += 1
            try:
                for _ in range(number % 3):
                    await asyncio.sleep(0)
                if number % 4 == 0:
                    await asyncio.sleep(number % 5 / 10)
                return self._made(number, name)
            finally:
                calls.ended += 1

        return joint.to(Processor(work, name=name, workers=self.workers, ordered=self.ordered))

    def _made(self, number: int, _: str) -> int:
        if self.fails_on and number % self.fails_on == 1:
            raise Odd(str(number))
        return number + 1

    def expected(self, number: int) -> Expected:
        try:
            return Expected([self._made(number, "")])
        except Odd as odd:
            return Expected(failures=frozenset([str(odd)]))


@frozen
class Keeping:
    """A test that drops every so-many-th number."""

    every: int

    in_order = True

    def draw(self, joint: Joint[int], name: str, calls: Calls) -> Joint[int]:  # noqa: ARG002
        return joint.keep(self._keeps)

    def _keeps(self, number: int) -> bool:
        return number % self.every != 0

    def expected(self, number: int) -> Expected:
        return Expected([number] if self._keeps(number) else [])


@frozen
class Count:
    """A generator of some numbers, which may fail after them."""

    workers: int
    ordered: bool
    most: int
    fails_on: int

    @property
    def in_order(self) -> bool:
        return self.ordered or self.workers == 1

    def draw(self, joint: Joint[int], name: str, calls: Calls) -> Joint[int]:
        async def count(number: int) -> AsyncIterator[int]:
            calls.begun += 1
            try:
                for each in self._made(number):
                    if each % 3 == 0:
                        await asyncio.sleep(each % 4 / 10)
                    yield each
                if self._fails(number):
                    raise Odd(str(number))
            finally:
                calls.ended += 1

        return joint.to(Processor(count, name=name, workers=self.workers, ordered=self.ordered))

    def _made(self, number: int) -> Sequence[int]:
        return [number + each for each in range(number % (self.most + 1))]

    def _fails(self, number: int) -> bool:
        return bool(self.fails_on) and number % self.fails_on == 1

    def expected(self, number: int) -> Expected:
        failures = frozenset([str(number)] if self._fails(number) else [])
        return Expected(self._made(number), failures)


@frozen
class Both:
    """Two branches, zipped, and their sums."""

    left: Sequence[Part]
    right: Sequence[Part]

    in_order = True

    def draw(self, joint: Joint[int], name: str, calls: Calls) -> Joint[int]:
        async def add(pair: tuple[int, int]) -> int:
            return pair[0] + pair[1]

        left = draw(self.left, joint, f"{name}.l", calls)
        right = draw(self.right, joint, f"{name}.r", calls)
        return left.zip(right).to(Processor(add, name=name))

    def expected(self, number: int) -> Expected:
        left, right = expected(self.left, number), expected(self.right, number)
        sums = [a + b for a, b in zip(left.replies, right.replies, strict=False)]
        return Expected(sums, left.failures | right.failures)


@frozen
class Either:
    """Two branches, merged."""

    left: Sequence[Part]
    right: Sequence[Part]

    in_order = False

    def draw(self, joint: Joint[int], name: str, calls: Calls) -> Joint[int]:
        left = draw(self.left, joint, f"{name}.l", calls)
        return left.merge(draw(self.right, joint, f"{name}.r", calls))

    def expected(self, number: int) -> Expected:
        left, right = expected(self.left, number), expected(self.right, number)
        return Expected([*left.replies, *right.replies], left.failures | right.failures)


def draw(parts: Sequence[Part], joint: Joint[int], name: str, calls: Calls) -> Joint[int]:
    """Draw parts one behind the other."""
    for place, part in enumerate(parts):
        joint = part.draw(joint, f"{name}{place}", calls)
    return joint


def expected(parts: Sequence[Part], number: int) -> Expected:
    """Return what parts one behind the other make of a number."""
    numbers: Sequence[int] = [number]
    failures: frozenset[str] = frozenset()
    for part in parts:
        several = [part.expected(each) for each in numbers]
        numbers = [reply for each in several for reply in each.replies]
        failures = failures.union(*[each.failures for each in several])
    return Expected(numbers, failures)
