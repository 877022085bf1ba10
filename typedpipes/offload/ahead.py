"""Iterating in a thread, ahead of the one who takes the items."""

from __future__ import annotations

import inspect
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextvars import Context
from typing import Generic

from typing_extensions import TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """The items of an iterable that a thread iterates, and what became of the iteration.

    All is said under one lock, which the thread holds for an item at a time.

    Args:
        function: returns the iterable; it is called in the thread, and a generator closed there.
        maxsize: how many items may be here. Then the thread waits until half of them are taken.
        tell: called in the thread when there is something for one who has asked `want`.

    Attributes:
        begun: whether the thread was started.
        over: whether it reads no more. What is here can still be taken.
        error: what iterating raised, once it is over.
    """

    def __init__(
        self, function: Callable[[], Iterable[T]], maxsize: int, tell: Callable[[], None]
    ) -> None:
        self.begun: bool = False
        self.over: bool = False
        self.error: BaseException | None = None
        self._function = function
        self._maxsize = maxsize
        self._tell = tell
        self._items = deque[T]()
        self._changed = threading.Condition()
        self._wanted = False
        self._stops = False
        self._thread: threading.Thread | None = None

    # In the thread of the one who takes

    def begin(self, name: str, context: Context) -> None:
        """Start the thread, with this name and in this context.

        It is a daemon: one that blocks must not keep the interpreter from exiting.

        Raises:
            RuntimeError: the operating system has no thread for it.
        """
        self.begun = True
        self._thread = threading.Thread(
            target=context.run, args=(self._work,), name=name, daemon=True
        )
        self._thread.start()

    def __len__(self) -> int:
        return len(self._items)

    def peek(self) -> Sequence[T]:
        """Look at what is here, oldest first."""
        with self._changed:
            return tuple(self._items)

    def take(self, count: int) -> Sequence[T]:
        """Take that many of the items that are here."""
        with self._changed:
            taken = [self._items.popleft() for _ in range(count)]
            if len(self._items) <= self._maxsize // 2:
                self._changed.notify()
        return taken

    def want(self, seen: int) -> bool:
        """Ask to be told when more than the items that were seen are here, or it is over.

        Returns:
            Whether that is so already: then nothing is told.
        """
        with self._changed:
            more = self.over or len(self._items) > seen
            self._wanted = not more
        return more

    def stop(self) -> None:
        """Begin no other item. What the thread is at still comes, and then it is over."""
        with self._changed:
            self._stops = True
            self.over = self.over or not self.begun
            self._changed.notify()

    def leave(self) -> None:
        """Wait for the thread no longer: it is over, and what the thread still reads is dropped."""
        with self._changed:
            self._stops = self.over = True
            self._tell, self._thread = _nobody, None

    def join(self) -> None:
        """Wait for the last step of a thread that is over, unless it was left."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._tell = _nobody  # who holds this, as an error may, holds nobody else

    # In the thread that iterates

    def _work(self) -> None:
        error: BaseException | None = None
        try:
            self._iterate()
        except BaseException as raised:  # noqa: BLE001  # whatever the user's iterable raises
            error = raised
        with self._changed:
            if not self.over:  # else it was left
                self.over, self.error = True, error
                self._say()
        del error  # whose traceback holds this frame

    def _iterate(self) -> None:
        items = iter(self._function())
        try:
            while not self._stops:
                try:
                    item = next(items)
                except StopIteration:
                    return
                self._put(item)
                del item  # the next one may take long
        finally:
            if inspect.isgenerator(items):
                items.close()

    def _put(self, item: T) -> None:
        """Add an item, and wait until there is room for the next."""
        with self._changed:
            if self.over:
                return
            self._items.append(item)
            self._say()
            while len(self._items) >= self._maxsize and not self._stops:
                self._changed.wait()

    def _say(self) -> None:
        if self._wanted:
            self._wanted = False
            self._tell()


def _nobody() -> None:
    """Tell nobody."""
