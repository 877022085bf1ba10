"""Checks of the numbers that the public face takes."""

from __future__ import annotations

from typedpipes.errors import SettingError
from typedpipes.shorten import shorten


def positive(what: str, number: int) -> int:
    """Give the whole number back if it is 1 or more.

    Raises:
        SettingError: it is not; `what` says in the message which number is meant.
    """
    if type(number) is not int or number < 1:
        raise SettingError(f"{what} must be a whole number of 1 or more, not {shorten(number)}")
    return number


def bound(what: str, number: int | None) -> int | None:
    """Return the bound if it is 1 or more, or not set.

    Raises:
        SettingError: it is neither; `what` says in the message which bound is meant.
    """
    return None if number is None else positive(what, number)


def seconds(what: str, number: object) -> float:
    """Give the duration back if it is above 0.

    Raises:
        SettingError: it is not; `what` says in the message which duration is meant.
    """
    if isinstance(number, int | float) and number > 0:
        return number
    raise SettingError(f"{what} must be a number of seconds above 0, not {shorten(number)}")
