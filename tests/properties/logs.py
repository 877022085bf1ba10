"""What the coroutines of a random graph see, noted as it happens."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from attrs import define, field, frozen

from tests.properties.graphs import Parting, Sieve
from tests.properties.items import looks
from tests.properties.mishaps import mishap
from typedpipes import First, Second


@define
class Log:
    """What one part saw.

    Attributes:
        started: the items it got, in order.
        returned: those it worked on to the end.
        raised: those that a mishap befell.
        stopped: those it was cancelled with.
        gave: what it made, in order.
        cleaned: what its cleanup coroutines got, by queue kind.
    """

    started: list[object] = field(factory=list[object])
    returned: list[object] = field(factory=list[object])
    raised: list[object] = field(factory=list[object])
    stopped: list[object] = field(factory=list[object])
    gave: list[object] = field(factory=list[object])
    cleaned: dict[str, list[object]] = field(factory=dict[str, list[object]])

    def in_hand(self) -> int:
        """How many items it works on."""
        return len(self.started) - len(self.returned) - len(self.raised) - len(self.stopped)

    def unfinished(self) -> Sequence[object]:
        """Return the items that it worked on until it was left behind with them."""
        done = [looks(item) for item in (*self.returned, *self.raised, *self.stopped)]
        left: list[object] = []
        for item in self.started:
            if looks(item) in done:
                done.remove(looks(item))
            else:
                left.append(item)
        return left


@define(eq=False)
class Tap:
    """The resource of a step.

    Attributes:
        is_open: whether it is open now.
    """

    is_open: bool = False

    def use(self) -> None:
        """Use it in a call."""
        assert self.is_open, "a call with a resource that is not open"


class Logs:
    """The logs of all parts, by name.

    Attributes:
        taps: all resources that were made.
        lives: called at every sign of life of those outside.
        noticed: called at every sign of life of the coroutines and sources.
        begins: called when a coroutine of a step begins, with the name of the step and the item.
        befell: called at every mishap, with the name of the part, the item and the error.
        left_behind: tells whether the run went on without what a part still had in hand.
        cleaning: called when cleanup coroutines begin.
    """

    def __init__(self) -> None:
        self._logs: defaultdict[str, Log] = defaultdict(Log)
        self.taps: list[Tap] = []
        self.lives: Callable[[], None] = _nothing
        self.noticed: Callable[[], None] = _nothing
        self.begins: Callable[[str, object], None] = _nothing
        self.befell: Callable[[str, object, BaseException], None] = _nothing
        self.left_behind: Callable[[str], bool] = _never
        self.cleaning: Callable[[], None] = _nothing

    def of(self, name: str) -> Log:
        """Return the log of a part."""
        return self._logs[name]

    def all(self) -> Iterator[tuple[str, Log]]:
        """Return all logs, with the names of the parts."""
        yield from self._logs.items()

    def clear(self) -> None:
        """Begin with empty logs."""
        self._logs.clear()
        self.taps.clear()

    def give(self, name: str, item: object) -> None:
        """Note that a source gives an item."""
        self.noticed()
        self._logs[name].gave.append(item)

    def clean(self, name: str, kind: str, left: list[object]) -> None:
        """Note what a cleanup coroutine got."""
        assert kind not in self._logs[name].cleaned, "cleaned up twice"
        self._logs[name].cleaned[kind] = left

    def work(self, name: str, item: object) -> Call:
        """Note that a step begins to work on an item, and what becomes of that."""
        self.begins(name, item)
        self.noticed()
        return self.call(name, item)

    def call(self, name: str, item: object) -> Call:
        """Note what becomes of a call."""
        self._logs[name].started.append(item)
        return Call(self, name, item)


def _nothing(*_: object) -> None:
    """Do nothing."""


def _never(_: str) -> bool:
    return False


@frozen
class Call:
    """A call of a coroutine, in progress. Once it was left behind, nothing of it is noted."""

    logs: Logs
    name: str
    item: object

    def give(self, result: object) -> None:
        """Note what it makes."""
        if not self.logs.left_behind(self.name):
            self.logs.of(self.name).gave.append(result)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: object
    ) -> None:
        log = self.logs.of(self.name)
        if self.logs.left_behind(self.name):
            return
        if error is None:
            log.returned.append(self.item)
        elif mishap(error) is None or _is_cancelled(error):
            log.stopped.append(self.item)
        else:
            log.raised.append(self.item)
            self.logs.befell(self.name, self.item, error)


def _is_cancelled(error: BaseException) -> bool:
    """Whether it may be the cancellation of the task that comes in the guise of another one."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


@frozen(eq=False)
class Sifting:
    """The test of a `keep`."""

    sieve: Sieve
    logs: Logs

    def __call__(self, item: object) -> bool:
        kept = not self.sieve.drops.befalls(item)
        self.logs.noticed()
        with self.logs.call(self.sieve.name, item) as call:
            if kept:
                call.give(item)
        return kept


@frozen(eq=False)
class Sorting:
    """The function of a `split`."""

    parting: Parting
    logs: Logs

    def __call__(self, item: object) -> First[object] | Second[object]:
        self.logs.noticed()
        with self.logs.call(self.parting.name, item) as call:
            call.give(item)
        return Second(item) if self.parting.way(item) else First(item)
