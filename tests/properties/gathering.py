"""A fold that gathers items as a batch does, and notes it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.properties.graphs import Gather
from tests.properties.logs import Logs
from typedpipes import Fold


class Gathering(Fold[object, object]):
    """Gives lists of items."""

    def __init__(self, node: Gather, logs: Logs) -> None:
        self._node = node
        self._logs = logs
        self._items: list[object] = []

    def take(self, item: object, /) -> Iterator[object]:
        with self._logs.work(self._node.name, item):
            self._items.append(item)
            if len(self._items) == self._node.size:
                yield from self.tick()

    def tick(self) -> Iterator[object]:
        if self._items:
            items, self._items = self._items, []
            self._logs.of(self._node.name).gave.append(items)
            yield items

    def end(self) -> Iterator[object]:
        yield from self.tick()
