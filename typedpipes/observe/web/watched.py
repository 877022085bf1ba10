"""A plumber whose runs pages show: it is looked at when one asks, and for all of them at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from typedpipes.blueprint import Blueprint
from typedpipes.engine.log import without_item
from typedpipes.errors import RunStateError, TypedpipesError, WiringErrors
from typedpipes.gauges import FailureTexts, Gauges
from typedpipes.observe.snapshot import Snapshots, changes
from typedpipes.observe.web.events import encode
from typedpipes.outlet import Pausable
from typedpipes.plumber import Plumber
from typedpipes.report import PipelineFailed
from typedpipes.shorten import escape_unprintable, shorten_message
from typedpipes.show.picture import printable

EVERY: Final = 0.25
"""Seconds between two looks at a run."""
_PATIENCE: Final = 0.2
"""Seconds that a look waits for a run in another thread."""
_KEPT: Final = 16
"""How many messages a page may fall back, before it gets a whole snapshot again."""


class Watched:
    """A plumber, and what pages are told about its runs.

    Nothing is computed but in `look`; only what fails is noted as it does, if that is asked for.
    What a look finds is kept as messages, so that any number of pages cost one look.

    Args:
        plumber: what is watched.
        items: whether the texts of errors, which may have items in them, and items are told.

    Raises:
        WiringErrors: the drawing is wrong.

    Attributes:
        parts: what can be paused, by its name in the drawing.
        blueprint: what runs, or ran last.
    """

    def __init__(self, plumber: Plumber, *, items: bool) -> None:
        self.plumber = plumber
        self._items = items
        self._looked = -EVERY
        self._version = 0
        self._snapshot: Mapping[str, object] = {}
        self._messages: deque[bytes] = deque(maxlen=_KEPT)
        self._errors: tuple[float, Sequence[str]] | None = None  # of which run
        self._texts: FailureTexts | None = None
        self._told = 0  # of these texts
        self._take(plumber.blueprint())

    def _take(self, blueprint: Blueprint) -> None:
        self.blueprint: Blueprint = blueprint
        self._snapshots = Snapshots(blueprint)
        self.parts: Mapping[str, Pausable] = {
            printable(node.name): node.part
            for node in blueprint.nodes
            if isinstance(node.part, Pausable)
        }

    @contextmanager
    def noting(self) -> Generator[None]:
        """Note what fails, if that is to be told, while a block of code runs."""
        if not self._items:
            yield
            return
        with self.plumber.failure_texts() as self._texts:
            yield

    async def look(self, *, last: bool = False) -> int:
        """Look at the run, unless that was done a moment ago, and return the version.

        Args:
            last: whether to look in any case.
        """
        now = monotonic()
        if not last and now - self._looked < 0.9 * EVERY:
            return self._version
        if now - self._looked > 4 * EVERY:
            self._snapshots.forget()  # what was long ago says nothing about the rates of now
        self._looked = now
        try:
            gauges = self.plumber.gauges(within=_PATIENCE)
            if not self._is_drawn(gauges):  # what was drawn since then has begun to run
                self._take(self.plumber.blueprint())
        except (RunStateError, WiringErrors):
            return self._version  # the event loop of another thread is blocked: later, perhaps
        later = {**self._snapshots.take(gauges), "errors": await self._failed(gauges)}
        patch = changes(self._snapshot, later)
        if patch:
            self._snapshot = later
            self._add(encode("change", patch))
        if self._texts is not None and self._texts.count != self._told:
            self._told = self._texts.count
            self._add(_tell(self._texts))
        return self._version

    def _add(self, message: bytes) -> None:
        self._version += 1
        self._messages.append(message)

    def since(self, version: int) -> Iterator[bytes]:
        """Yield what a page has to be sent that knows everything up to a version; 0 is nothing."""
        missed = self._version - version
        if version and missed <= len(self._messages):
            yield from [*self._messages][len(self._messages) - missed :]
        else:
            yield encode("snapshot", self._snapshot)
            if self._texts is not None:
                yield _tell(self._texts)

    def _is_drawn(self, gauges: Gauges) -> bool:
        """Whether the drawing is of what gauges are of."""
        blueprint = self.blueprint
        return [each.name for each in gauges.processors] == [
            node.name for node in blueprint.nodes
        ] and [(edge.start, edge.end) for edge in gauges.edges if edge.start] == [
            (edge.start, edge.end) for edge in blueprint.edges
        ]

    async def _failed(self, gauges: Gauges) -> Sequence[str]:
        """Return why the run has failed, once that is known."""
        if gauges.state != "failed":
            return ()
        if self._errors is None or self._errors[0] != gauges.began:
            try:
                async with asyncio.timeout(0):  # its cleanup coroutines may still run
                    await self.plumber.ended()
            except (TimeoutError, RunStateError):
                return ()
            except PipelineFailed as failed:
                self._errors = gauges.began, [*map(self._say, failed.exceptions)]
            except TypedpipesError as error:
                # Of a run over a network: what became of its broker, and so of no item.
                self._errors = gauges.began, [escape_unprintable(shorten_message(error))]
        return () if self._errors is None else self._errors[1]

    def _say(self, error: Exception) -> str:
        if self._items or not isinstance(error, TypedpipesError):
            return escape_unprintable(shorten_message(error))
        return escape_unprintable(without_item(error))


def _tell(texts: FailureTexts) -> bytes:
    last = texts.all()
    return encode("failures", {printable(name): last[name] for name in last})
