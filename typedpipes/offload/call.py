"""One call of a function in a child process, and what becomes of it."""

from __future__ import annotations

from typing import Any


class Call:
    """A function is to be called with an item.

    Attributes:
        item: what it is called with. Any: who asks for the call knows its type.
        alone: whether it is handed out alone, because a child died before it had begun any call.
        number: which of the calls it is that a child was handed, once it was.
        done: whether the rest says what became of it.
        result: what the function returned, if it did.
        error: what it raised, or why it could not be called; `None` if it returned.
    """

    __slots__ = ("alone", "done", "error", "item", "number", "result")

    def __init__(self, item: Any) -> None:  # noqa: ANN401  # see above
        self.item: Any = item
        self.alone: bool = False
        self.number: int
        self.done: bool = False
        self.result: Any
        self.error: BaseException | None = None

    def succeed(self, result: Any) -> None:  # noqa: ANN401  # see above
        """Say what came out of it, or what stands for that."""
        self.done = True
        self.result = result
        self.error = None

    def fail(self, error: BaseException) -> None:
        """Say that there is no result, and why."""
        self.done = True
        self.error = error
