"""Moves: what a process wants to give next, judged by the last record that was given.

Each is a function of the last record. It returns the record to give behind that, or says that it is
not its turn yet, or that it has been done by others.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

from typedpipes.network.record import Made, Progresses, Record


class Verdict(Enum):
    """Why nothing can be given."""

    NOT_YET = "not yet"
    TOO_LATE = "too late"


NOT_YET: Final = Verdict.NOT_YET
TOO_LATE: Final = Verdict.TOO_LATE

Move: TypeAlias = Callable[[Record], Record | Verdict]


def giving(position: int, made: Made, *, in_order: bool = True, number: int = 0) -> Move:
    """Return the move that gives what was made of a position of an input.

    Args:
        position: which one.
        made: what was made of it.
        in_order: whether all positions before have to be done.
        number: of the input.
    """

    def move(head: Record) -> Record | Verdict:
        progress = head.of(number)
        if progress.has(position):
            return TOO_LATE
        if in_order and progress.floor != position - 1:
            return NOT_YET
        return head.followed_by(made, {number: progress.adding(position)})

    return move


def closing(position: int, *, number: int = 0, enough: int = 1) -> Move:
    """Return the move that notes that a position closes its input, when all before are done.

    Args:
        position: which one.
        number: of the input.
        enough: how many inputs have to be closed for the node to close.
    """

    def move(head: Record) -> Record | Verdict:
        progress = head.of(number)
        if progress.has(position):
            return TOO_LATE
        if progress.floor != position - 1:
            return NOT_YET
        closed = {number: progress.adding(position, closed=True)}
        if sum(each.closed for each in {**head.progress, **closed}.values()) >= enough:
            return head.closed_with(closed)
        return head.followed_by(Made(), closed)

    return move


def leaving(head: Record) -> Record:
    """Close the node wherever it is: nothing takes what it gives any more."""
    return head.closed_with({})


def advancing(before: Progresses, after: Progresses, made: Made, *, closes: bool = False) -> Move:
    """Return the move from one state of all inputs to another.

    Args:
        before: the progress in each input that it was made from.
        after: the progress in each with it.
        made: what was made in between.
        closes: whether the node is closed with it; then nothing was made.
    """

    def move(head: Record) -> Record | Verdict:
        if any(head.of(number) != progress for number, progress in before.items()):
            return TOO_LATE
        return head.closed_with(after) if closes else head.followed_by(made, after)

    return move
