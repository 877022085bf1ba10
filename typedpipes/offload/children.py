"""The child processes of one job: how calls are shared out among them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

from typedpipes.errors import ChildDied
from typedpipes.offload.calling import Failed
from typedpipes.offload.child import Child
from typedpipes.offload.job import Job
from typedpipes.offload.piece import Answer, Owner, Piece
from typedpipes.offload.waiting import Waiting
from typedpipes.shorten import shorten_message

ENOUGH = 0.002
"""Seconds of work that are handed to a child at once, where calls are quick."""

WORTHWHILE = 0.0002
"""Seconds of work that is not divided among children that are free."""

MOST = 256
"""Calls that are handed to a child at once, at most."""

PLENTY = 1_000_000
"""Bytes that are handed to a child at once, at most, by what items took so far: big items go one by
one, so that few of them are on the way."""

STUCK = 0.005
"""Seconds without an answer after which what a child has not begun goes to one that is free."""

AGAIN = 0.001
"""Seconds after which a child is asked again that was just beginning a call."""

BAD_STARTS = 5
"""So many children in a row that a signal ends before they are ready cost a call: it may be what
they load that kills them."""

LAST = 10.0
"""Seconds that a child has at the end to close its resource. Then it is killed."""


class Children:
    """Child processes that work on items, started when they are needed, up to a limit.

    Each is handed as many items as take two milliseconds, by what they took so far, and as many
    again while it works on these. So a slow one goes alone, quick ones go together, and a single
    one goes at once where a child is free.

    Args:
        job: what they do.
        limit: how many there may be, 1 or more.
        owner: gets the results.
        timeout: how many seconds a call may take, counted from when the function begins.
        overdue: makes the error of a call that takes longer, whose child is killed.

    Attributes:
        batch: how many items a child is handed at once, by what they took so far.
    """

    def __init__(
        self,
        job: Job,
        limit: int,
        owner: Owner,
        timeout: float | None = None,
        overdue: Callable[[], BaseException] = TimeoutError,
    ) -> None:
        self._job = job
        self._limit = limit
        self._owner = owner
        self._timeout = timeout
        self._overdue = overdue
        self._loop = asyncio.get_running_loop()
        self._children: list[Child] = []
        self._waiting = Waiting()
        self._undone = 0  # items that wait, or that children have
        self.batch: int = 1
        self._least = 1
        self._weight = 1.0  # bytes of an item on its way
        self._bad_starts = 0  # in a row
        self._closed = False
        self._begin: asyncio.Handle | None = None
        self._look: asyncio.TimerHandle | None = None
        self._limits: dict[Child, asyncio.TimerHandle] = {}
        self._sharing = False

    def room(self) -> int:
        """How many more items there is use for: two batches for each child."""
        return 2 * self.batch * self._limit - self._undone

    def make(self, pieces: Sequence[Piece]) -> None:
        """Have items be worked on. They are handed out at the next `share_out`."""
        for piece in pieces:
            self._undone += len(piece.items)
            self._waiting.add(piece)

    def drop(self, single: Piece) -> None:
        """Have one item not be worked on, or not to the end. What becomes of it is still told."""
        if self._waiting.remove(single):
            self._undone -= 1
            return
        child = next((child for child in self._children if child.has(single)), None)
        if child is not None:
            child.read()  # it may be done
        if child is None or not child.has(single):
            return
        returned = child.withdraw(single.first, asyncio.CancelledError())
        if returned is None:
            self._loop.call_later(AGAIN, self.drop, single)
        else:
            self._undone -= single in returned
            self.returned([each for each in returned if each is not single])

    # Sharing out

    def share_out(self) -> None:
        """Hand out what waits: evenly to the children that are free, whole batches to others."""
        if self._closed or self._sharing:
            return
        self._sharing = True
        try:
            while self._waiting.count and self._hand_to_some():
                pass  # what could not be sent has failed at once, and its child is free again
        finally:
            self._sharing = False
        if self._waiting.count and self._begin is None and self._is_one_more_needed():
            self._begin = self._loop.call_soon(self._begin_one)
        if self._look is None and any(child.in_hand > 1 for child in self._children):
            self._look = self._loop.call_later(STUCK, self._look_for_stuck_ones)

    def _hand_to_some(self) -> bool:
        """Hand out items.

        Returns:
            Whether there was a child for any.
        """
        waiting = self._waiting
        free = self._free()
        handed = bool(free)
        while waiting.count and free:
            share = max(-(-waiting.count // len(free)), self._least)
            child = free.pop()
            self._hand(child, min(share, self.batch, child.capacity(self.batch)))
        for child in self._children:
            if waiting.count < self.batch or waiting.is_alone:
                break
            if child.in_hand and child.capacity(self.batch) >= self.batch:
                self._hand(child, self.batch)
                handed = True
        return handed

    def _free(self) -> list[Child]:
        return [child for child in self._children if not child.in_hand and child.capacity(1)]

    def _hand(self, child: Child, count: int) -> None:
        if self._timeout is not None and child not in self._limits:
            self._limits[child] = self._loop.call_later(self._timeout, self._limit_it, child)
        pieces = self._waiting.take(count)
        taken = sum(len(piece.items) for piece in pieces)
        self._weight = max(child.hand(pieces) / taken, 1.0)

    def _is_one_more_needed(self) -> bool:
        alive = [child for child in self._children if child.open]
        starting = sum(not child.ready for child in alive)
        return len(alive) < self._limit and starting < self._waiting.count

    def _begin_one(self) -> None:
        """Start a child, one in each turn of the event loop, because it takes a millisecond."""
        self._begin = None
        if self._closed or not self._waiting.count:
            return
        try:
            self._children.append(Child(self._job, self))
        except (OSError, RuntimeError) as error:
            self._refuse(error)
        self.share_out()

    def _refuse(self, error: Exception, *, is_for_all: bool = False) -> None:
        """Have an item fail because no child could be started for it, or could be for any."""
        if self._waiting.count:
            (single,) = self._waiting.take(1)
            items = [*single.items]
            single.items.clear()
            error = error if isinstance(error, ChildDied) else self._not_started(error)
            self.answered([(single, items, [Failed(error, is_for_all=is_for_all)])], failed=True)

    def _not_started(self, error: Exception) -> ChildDied:
        why = shorten_message(error)
        if isinstance(error, RuntimeError):  # multiprocessing says the same in 15 lines
            why = (
                "the main module starts a run while a child process imports it. Put that under "
                "`if __name__ == '__main__':`"
            )
        died = ChildDied(f"the child process for {self._job.name!r} could not start: {why}")
        died.__cause__ = error
        return died

    def _look_for_stuck_ones(self) -> None:
        """See to what was handed to a child that is at a slow call now.

        What it has done is wanted at once, and what it has not begun goes to one that is free.
        """
        self._look = None
        before = self._loop.time() - STUCK
        several = [child for child in self._children if child.in_hand > 1]
        for child in [child for child in several if child.heard <= before]:
            child.ring()
            # One that is at none has not received them yet, and would get them again.
            if child.at() is not None and self._free() and not self._waiting.count:
                self._waiting.put_first(child.recall())
        self.share_out()

    def _limit_it(self, child: Child) -> None:
        """Kill a child if it is at a call for longer than the timeout; else look again later."""
        del self._limits[child]
        timeout = self._timeout
        child.read()
        if timeout is None or not child.in_hand or not child.open:
            return
        at = child.at()
        left = timeout if at is None else child.since + timeout - monotonic()
        if at is not None and left <= 0:
            left = AGAIN
            self.returned(child.withdraw(at, self._overdue()) or ())
        self._limits[child] = self._loop.call_later(left, self._limit_it, child)

    # What children tell

    def answered(
        self, answers: Sequence[Answer], *, failed: bool = False, seconds: float = 0.0
    ) -> None:
        """Tell of results, and learn from them how many items make a batch."""
        count = sum(len(items) for _, items, _ in answers)
        if seconds:
            each = seconds / count
            most = min(2 * self.batch, MOST, int(PLENTY / self._weight))
            self.batch = max(min(int(ENOUGH / each), most), 1)
            self._least = max(min(int(WORTHWHILE / each), self.batch), 1)
        self._undone -= count
        self._owner.answered(answers, failed=failed)
        self.share_out()

    def returned(self, pieces: Sequence[Piece]) -> None:
        """Have items be worked on by others, before those that wait."""
        self._waiting.put_first(pieces)
        self.share_out()

    def changed(self, child: Child) -> None:
        """Have the child do something, or forget it."""
        if child.ended.done():
            self._children.remove(child)
            limit = self._limits.pop(child, None)
            if limit is not None:
                limit.cancel()
            if not child.ready:
                self._note_bad_start(child)
        elif child.ready:
            self._bad_starts = 0
        self.share_out()

    def _note_bad_start(self, child: Child) -> None:
        """Have a call fail, unless a signal ended the child: it may be better next time."""
        self._bad_starts += 1
        if not child.was_killed or self._bad_starts >= BAD_STARTS:
            self._bad_starts = 0
            self._refuse(child.refusal(), is_for_all=child.left_untold)

    # The end

    def halt(self) -> Sequence[Piece]:
        """Begin no more calls, kill the children that are at one, and let the others end.

        Returns:
            The items that are not done, and never will be.
        """
        if self._closed:
            return ()
        for child in self._children:
            child.read()
        self._closed = True
        for timer in (self._begin, self._look, *self._limits.values()):
            if timer is not None:
                timer.cancel()
        self._limits.clear()
        undone: list[Piece] = []
        for child in self._children:
            if child.in_hand or not child.ready:
                undone += child.abandon()
            else:
                child.dismiss()
        return [*undone, *self._waiting.take_all()]

    async def close(self) -> None:
        """End all children and wait until they are gone; those still at work are killed."""
        self.halt()
        ends = [child.ended for child in self._children]
        if not ends:
            return
        _, lasting = await asyncio.wait(ends, timeout=LAST)
        for child in self._children:
            child.kill()
        if lasting:
            await asyncio.wait(lasting)
