"""What failed lately, as text."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from attrs import frozen

from typedpipes.shorten import escape_unprintable, shorten, shorten_message


@frozen
class FailureText:
    """An item that failed, as text.

    Attributes:
        at: seconds since the run began.
        error: the name of the type of the error.
        message: what it says, in one line of 200 characters at most.
        item: the `repr` of the item, in 200 characters at most.
    """

    at: float
    error: str
    message: str
    item: str


class FailureTexts:
    """The last items that failed in each processor of a plumber, in its last run.

    Args:
        most: how many are kept of each.

    Attributes:
        count: how many came, of all processors and runs: it tells whether there are others.
    """

    def __init__(self, most: int) -> None:
        self.count: int = 0
        self._most = most
        self._last: dict[str, deque[FailureText]] = {}

    def of(self, name: str, /) -> Sequence[FailureText]:
        """Return those of the processor of that name, the last one last; none if there is none."""
        return tuple(self._last.get(name, ()))

    def all(self) -> Mapping[str, Sequence[FailureText]]:
        """Return all of them, by the names of processors."""
        return {name: tuple(last) for name, last in self._last.items()}

    def begin(self) -> None:
        """Forget those of an earlier run."""
        self._last.clear()

    def add(self, name: str, item: object, error: BaseException, at: float) -> None:
        """Add an item that failed, so many seconds after the run began."""
        self.count += 1
        text = FailureText(
            at,
            type(error).__name__,
            escape_unprintable(shorten_message(error)),
            escape_unprintable(shorten(item)),
        )
        self._last.setdefault(name, deque(maxlen=self._most)).append(text)
