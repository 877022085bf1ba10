"""Sources whose items are read in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from typedpipes.engine.life import ABORTS, ENDED, FLOWS, PAUSED, Life
from typedpipes.engine.lulls import FOR_ROOM
from typedpipes.engine.ports import Item
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.sources import SourceNode
from typedpipes.engine.turns import LONGEST_SLICE
from typedpipes.flow.outputs import Outputs
from typedpipes.offload.ahead import Ahead
from typedpipes.source import ThreadSource


class ThreadNode(SourceNode):
    """A source of the items of an iterable that a thread iterates.

    It has no task: it puts what was read, as many items as there is room for, when it is woken by
    the thread or by a reader. It ends once the thread is over, or was left behind.
    """

    __slots__ = ("_ahead", "_later", "_loop", "_source", "_timer")

    life: Life

    def __init__(
        self, source: ThreadSource[Item], name: str, outputs: Outputs[Item], runtime: Runtime
    ) -> None:
        super().__init__(name, outputs, runtime)
        self._source = source
        self._ahead = Ahead[Item](source.function, source.maxsize, self._tell)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._later = False  # whether it goes on in the next turn of the event loop

    def _tell(self) -> None:
        with suppress(RuntimeError):  # the event loop was closed in the middle of the run
            self._loop.call_soon_threadsafe(self.wake)

    def wake(self) -> None:
        if self.life in (PAUSED, ENDED):
            return
        if not self._ahead.begun and self.life is FLOWS:
            self._begin_to_read()
        over = self._ahead.over  # asked first: what the thread reads before it is over is here then
        left = self._put_a_slice()
        lacks_room = bool(left) and self._goes_on() and self.outputs.room() <= 0
        self.note_work(not lacks_room)
        if lacks_room:
            self.outputs.want_room()
            self.waits_for(FOR_ROOM)
        elif left and self._goes_on():
            self._go_on_later()
        elif over:
            self._finish()
        elif self._ahead.want(left):
            self._go_on_later()  # it came meanwhile

    def rests(self) -> bool:
        # Else the thread may come with more.
        return len(self._ahead) > 0 and any(edge.writer_waits for edge in self.outputs.edges)

    def _go_on_later(self) -> None:
        """Have a turn once others have had theirs."""
        if not self._later:
            self._later = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._later = False
        self.wake()

    def _begin_to_read(self) -> None:
        try:
            self._ahead.begin(f"typedpipes {self.name}", self.runtime.context())
        except RuntimeError as error:  # the operating system has no thread for it
            self._ahead.leave()
            self.fail(error)

    def _put_a_slice(self) -> int:
        """Put what there is, as far as there is room; return how many items are left."""
        here = len(self._ahead)
        if not self._goes_on():
            return here
        count = max(min(here, self.outputs.room(), LONGEST_SLICE), 0)
        if count:
            self.outputs.extend(self._ahead.take(count))
            self.outputs.gave()
        return here - count

    def _goes_on(self) -> bool:
        """Whether there are readers that take what was read, now or later."""
        return self.life < ABORTS and not self.outputs.left

    def _finish(self) -> None:
        self._ahead.join()
        error, self._ahead.error = self._ahead.error, None
        if error is not None:
            self.fail(error)
        self.end()

    def pause(self) -> None:
        super().pause()
        self.note_work(False)

    # How it is ended

    def stop(self) -> None:
        super().stop()
        self._ahead.stop()
        if self._timer is None and not self._ahead.over:
            self._timer = self._loop.call_later(self._source.grace, self._leave_behind)

    def drain(self) -> None:
        self.stop()
        self.wake()

    def abort(self) -> None:
        self.life = max(self.life, ABORTS)
        self.drain()

    def _leave_behind(self) -> None:
        """End without the thread, which does not return."""
        if not self._ahead.over:
            self._ahead.leave()
            self.runtime.log.left_behind(self.name, self._source.grace)
            self.wake()

    def look_back(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def held(self) -> Sequence[Item]:
        return (*self.stranded, *self._ahead.peek())

    def count_held(self) -> int:
        return len(self.stranded) + len(self._ahead)
