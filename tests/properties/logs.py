"""What the coroutines of a random graph see, noted as it happens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from attrs import define, field, frozen

from tests.properties.graphs import Sieve
from tests.properties.items import Boom


@define
class Log:
    """What one part saw.

    Attributes:
        started: the items it got, in order.
        returned: those it worked on to the end.
        raised: those it raised on.
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


class Logs:
    """The logs of all parts, by name.

    Attributes:
        noticed: called at every sign of life.
        cleaning: called when cleanup coroutines begin.
    """

    def __init__(self) -> None:
        self._logs: defaultdict[str, Log] = defaultdict(Log)
        self.noticed: Callable[[], None] = _nothing
        self.cleaning: Callable[[], None] = _nothing

    def of(self, name: str) -> Log:
        """Give the log of a part."""
        return self._logs[name]

    def clear(self) -> None:
        """Begin with empty logs."""
        self._logs.clear()

    def give(self, name: str, item: object) -> None:
        """Note that a source gives an item."""
        self.noticed()
        self._logs[name].gave.append(item)

    def clean(self, name: str, kind: str, left: list[object]) -> None:
        """Note what a cleanup coroutine got."""
        assert kind not in self._logs[name].cleaned, "cleaned up twice"
        self._logs[name].cleaned[kind] = left

    def call(self, name: str, item: object) -> Call:
        """Note what becomes of a call."""
        self.noticed()
        self._logs[name].started.append(item)
        return Call(self._logs[name], item)


def _nothing() -> None:
    """Do nothing."""


@frozen
class Call:
    """A call of a coroutine, in progress."""

    log: Log
    item: object

    def __enter__(self) -> Log:
        return self.log

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.log.returned.append(self.item)
        elif issubclass(kind, Boom):
            self.log.raised.append(self.item)
        else:
            self.log.stopped.append(self.item)


@frozen(eq=False)
class Sifting:
    """The test of a `keep`."""

    sieve: Sieve
    logs: Logs

    def __call__(self, item: object) -> bool:
        kept = not self.sieve.drops.befalls(item)
        with self.logs.call(self.sieve.name, item) as log:
            if kept:
                log.gave.append(item)
        return kept
