"""Calling a plain function outside a coroutine."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from attrs import frozen
from typing_extensions import TypeVar

from typedpipes.coroutines import name_of
from typedpipes.errors import ChildDied
from typedpipes.shorten import shorten, shorten_message

Item = TypeVar("Item")
Result = TypeVar("Result")
P = ParamSpec("P")


def call(
    function: Callable[Concatenate[Item, P], Result], item: Item, *more: P.args, **named: P.kwargs
) -> Result:
    """Call a function, and turn `StopIteration` into an error, as a coroutine does.

    A future cannot hold that exception, so its waiter would wait forever.

    Raises:
        RuntimeError: the function raised `StopIteration`.
        Exception: whatever else the function raises.
    """
    try:
        return function(item, *more, **named)
    except StopIteration as error:
        raise RuntimeError(f"{name_of(function)!r} raised StopIteration") from error


@frozen
class Failed:
    """Stands among the results for one that there is none of.

    Attributes:
        where: the traceback in the child, if it was raised there.
        is_for_all: whether there will be none for any other item either.
    """

    _error: BaseException
    where: str = ""
    is_for_all: bool = False

    def error(self) -> BaseException:
        """Return why, in the parent, with the traceback of the child as its cause."""
        if self.where:
            self._error.__cause__ = TracebackOfChild(self.where)
        return self._error


class TracebackOfChild(Exception):
    """Shows where in a child process an error was raised."""

    def __str__(self) -> str:
        """Return the traceback, apart from what is around it."""
        return f'\n"""\n{self.args[0]}"""'


def failed(function: Callable[[Item], Result], error: BaseException) -> Failed:
    """In a child: make of what the function raised what can be sent to the parent.

    `sys.exit` and `KeyboardInterrupt` would end the parent, so they become a `ChildDied`; and an
    exception that cannot be pickled or unpickled becomes a `RuntimeError` that describes it.
    """
    name = name_of(function)
    where = "".join(traceback.format_exception(error))
    if isinstance(error, SystemExit | KeyboardInterrupt):
        asked = f"{name!r} asked its child process to exit: {shorten(error)}"
        return Failed(ChildDied(asked), where)
    if isinstance(error, StopIteration):
        return Failed(RuntimeError(f"{name!r} raised StopIteration"), where)
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # bytes that we have just made
    except Exception as why:  # noqa: BLE001  # whatever the exception's class raises
        told = (
            f"{name!r} raised {shorten(error)}, which cannot be sent from a child process as it "
            f"is: {shorten_message(why)}"
        )
        return Failed(RuntimeError(told), where)
    return Failed(error, where)
