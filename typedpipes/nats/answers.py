"""Answers: what comes for what was asked, on one subscription for all of a connection."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Generic

from typing_extensions import TypeVar

T = TypeVar("T")


class Answers(Generic[T]):
    """Matches each answer with what it is for, by the subject that it comes on.

    Args:
        inbox: the subject that only this connection listens to; one below it is for each answer.

    Attributes:
        subject: what to listen to.
    """

    def __init__(self, inbox: str) -> None:
        self.subject: str = f"{inbox}.*"
        self._inbox = inbox
        self._numbers = count()
        self._awaited: dict[str, asyncio.Future[T]] = {}

    def expect(self) -> tuple[str, asyncio.Future[T]]:
        """Return where an answer is to come, and what gets it; forget it when it is of no use."""
        subject = f"{self._inbox}.{next(self._numbers)}"
        answer = self._awaited[subject] = asyncio.get_running_loop().create_future()
        return subject, answer

    def came(self, subject: str, answer: T) -> None:
        """Note that an answer came; one that is not expected any more is dropped."""
        expected = self._awaited.get(subject)
        if expected is not None and not expected.done():
            expected.set_result(answer)

    def forget(self, subject: str) -> None:
        """Expect an answer no more."""
        self._awaited.pop(subject, None)
