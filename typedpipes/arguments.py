"""Checks for the numbers that the public API takes."""

from __future__ import annotations

from typedpipes.errors import SettingError
from typedpipes.shorten import shorten


def positive(what: str, number: int) -> int:
    """Return the whole number if it is 1 or more.

    Raises:
        SettingError: it is not; `what` names the number in the message.
    """
    if type(number) is not int or number < 1:
        raise SettingError(f"{what} must be a whole number of 1 or more, not {shorten(number)}")
    return number


def natural(what: str, number: int) -> int:
    """Return the whole number if it is 0 or more.

    Raises:
        SettingError: it is not; `what` names the number in the message.
    """
    if type(number) is not int or number < 0:
        raise SettingError(f"{what} must be a whole number of 0 or more, not {shorten(number)}")
    return number


def bound(what: str, number: int | None) -> int | None:
    """Return the bound if it is 1 or more, or not set.

    Raises:
        SettingError: it is neither; `what` names the bound in the message.
    """
    return None if number is None else positive(what, number)


def share(what: str, number: object) -> float:
    """Return the number if it is above 0, and 1 at most.

    Raises:
        SettingError: it is not; `what` names the number in the message.
    """
    if isinstance(number, int | float) and 0 < number <= 1:
        return number
    raise SettingError(f"{what} must be a number above 0, and 1 at most, not {shorten(number)}")


def one_of(what: str, word: str, *words: str) -> None:
    """Refuse a word that is not one of those there are.

    Raises:
        SettingError: it is not; `what` names it in the message.
    """
    if word not in words:
        choice = " or ".join(map(repr, words))
        raise SettingError(f"{what} must be {choice}, not {shorten(word)}")


def seconds(what: str, number: object) -> float:
    """Return the duration in seconds if it is above 0.

    Raises:
        SettingError: it is not; `what` names the duration in the message.
    """
    if isinstance(number, int | float) and number > 0:
        return number
    raise SettingError(f"{what} must be a number of seconds above 0, not {shorten(number)}")
