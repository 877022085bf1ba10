"""The doomsday kind of queue, and the dooms in it: how the end of a run is announced."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import partial
from typing import Generic, Literal, Self

from attrs import field, frozen
from typing_extensions import TypeVar

from typedpipes.errors import QueueClosed, QueueEmpty, RunStateError, SettingError
from typedpipes.flow.waiting import Waiters
from typedpipes.queues.home import Home, elsewhere
from typedpipes.shorten import shorten

MODES = ("drain", "abort")


def _no_mode(_: object, __: object, reason: str) -> None:
    if reason in MODES:
        raise SettingError(
            f"Doom({reason!r}) names a mode in the place of the reason. "
            f"Write Doom('it is enough', mode={reason!r})."
        )


def _drain_or_abort(_: object, __: object, mode: str) -> None:
    if mode not in MODES:
        raise SettingError(f"the mode of a doom must be 'drain' or 'abort', not {shorten(mode)}")


@frozen
class Doom:
    """The message that ends a run. To carry more, subclass it, with `@attrs.frozen` as here.

    A standard dataclass would not know the fields that are declared here.

    Attributes:
        reason: why, in words.
        mode: `"drain"` stops the sources and lets what is inside flow out;
            `"abort"` cancels what is in hand at once.

    Raises:
        SettingError: the mode is another one, or is given as the reason.
    """

    reason: str = field(validator=_no_mode)
    mode: Literal["drain", "abort"] = field(
        default="drain", validator=_drain_or_abort, kw_only=True
    )


DoomT = TypeVar("DoomT", bound=Doom, default=Doom)


class DoomsdayQueue(Generic[DoomT]):
    """Where the end of a run is announced.

    It is never full: stopping something must not have to wait. A doom takes effect the
    moment it is put; from another thread, at the next turn of the event loop.
    """

    def __init__(self, dooms: Iterable[DoomT] = (), *, closed: bool = False) -> None:
        self._dooms = deque(dooms)
        self._closed = closed
        self._readers = Waiters()
        self._listener: Callable[[DoomT], None] | None = None
        self._home: Home | None = None

    async def put(self, doom: DoomT) -> None:
        """Announce a doom. It never waits, and any thread may do it."""
        self.put_nowait(doom)

    def put_nowait(self, doom: DoomT) -> None:
        """Announce a doom. Any thread may do it.

        Raises:
            QueueClosed: it is the queue of a cleanup coroutine: the run is over.
            RunStateError: it is another thread, and the event loop of the run is closed.
        """
        if self._closed:
            raise QueueClosed("the run is over; a doom has nothing to end")
        home = self._home
        if home is None or home.is_here():
            self._put(doom)
        else:
            home.send(partial(self._put_late, doom, home))

    def _put_late(self, doom: DoomT, home: Home) -> None:
        if self._home is home:  # else that run is over, and the doom is not meant for another
            self._put(doom)

    def _put(self, doom: DoomT) -> None:
        self._dooms.append(doom)
        self._readers.wake()
        if self._listener is not None:
            self._listener(doom)

    async def get(self) -> DoomT:
        """Take the oldest doom, waiting for one as long as there is none.

        Cancelled while it waits, it has taken nothing.

        Raises:
            QueueClosed: it is the queue of a cleanup coroutine, and all dooms were taken.
            RunStateError: it is another thread than that of the run.
        """
        if self._home is not None and not self._home.is_here():
            raise elsewhere(
                "the doomsday queue",
                "`asyncio.run_coroutine_threadsafe(doomsday.get(), loop).result()`",
            )
        while not self._dooms:
            if self._closed:
                raise QueueClosed("the run is over and all its dooms were taken")
            await self._readers.wait()
        return self._dooms.popleft()

    def get_nowait(self) -> DoomT:
        """Take the oldest doom at once.

        Raises:
            QueueEmpty: there is none now.
            QueueClosed: the run is over and all its dooms were taken.
        """
        if not self._dooms and self._closed:
            raise QueueClosed("the run is over and all its dooms were taken")
        if not self._dooms:
            raise QueueEmpty("no doom was put; wait for one with `get`")
        return self._dooms.popleft()

    def drain(self) -> list[DoomT]:
        """Take all dooms that are there now, oldest first."""
        dooms = list(self._dooms)
        self._dooms.clear()
        return dooms

    def __aiter__(self) -> Self:
        """Take dooms one by one; in a cleanup coroutine it ends after the last."""
        return self

    async def __anext__(self) -> DoomT:
        try:
            return await self.get()
        except QueueClosed:
            raise StopAsyncIteration from None


def listen(
    queue: DoomsdayQueue[DoomT], listener: Callable[[DoomT], None] | None, home: Home | None
) -> None:
    """Have a function called, where a run lives, with every doom that is put; `None` ends that."""
    queue._listener = listener
    queue._home = home


doomsday: ContextVar[DoomsdayQueue[Doom]] = ContextVar("doomsday")
"""The doomsday queue of the run that the current coroutine works for; outside there is none."""


def drain(reason: str = "") -> None:
    """End the run that the current coroutine works for: as a `Doom` that drains.

    Its sources stop, and what is inside flows out, the item in hand included.

    Args:
        reason: why, in words.

    Raises:
        RunStateError: the current task works for no run.
    """
    _doomsday_of_the_run().put_nowait(drained(reason))


def abort(reason: str = "") -> None:
    """End the run that the current coroutine works for at once: as a `Doom` that aborts.

    What is in hand is cancelled, the current coroutine included, at its next `await`.

    Args:
        reason: why, in words.

    Raises:
        RunStateError: the current task works for no run.
    """
    _doomsday_of_the_run().put_nowait(aborted(reason))


def drained(reason: str) -> Doom:
    """Return a doom that drains, for a reason that may be empty."""
    return Doom(reason or "no reason was given")


def aborted(reason: str) -> Doom:
    """Return a doom that aborts, for a reason that may be empty."""
    return Doom(reason or "no reason was given", mode="abort")


def _doomsday_of_the_run() -> DoomsdayQueue[Doom]:
    try:
        return doomsday.get()
    except LookupError:
        raise RunStateError(
            "there is no run to end here. Call it in a coroutine of a run; elsewhere, use the "
            "methods `drain` and `abort` of the plumber."
        ) from None
