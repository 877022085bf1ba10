"""Calling a plain function where no coroutine is around it."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from typing_extensions import TypeVar

from typedpipes.coroutines import name_of
from typedpipes.errors import ChildDied
from typedpipes.shorten import shorten, shorten_message

Item = TypeVar("Item")
Result = TypeVar("Result")


def call(function: Callable[[Item], Result], item: Item) -> Result:
    """Call a function with an item, with the guard that a coroutine has against `StopIteration`.

    A future cannot hold that exception, so whoever waited for it would wait for ever.

    Raises:
        RuntimeError: the function raised `StopIteration`.
        Exception: whatever else it raises.
    """
    try:
        return function(item)
    except StopIteration as error:
        raise RuntimeError(f"{name_of(function)!r} raised StopIteration") from error


def call_in_child(function: Callable[[Item], Result], item: Item) -> Result:
    """Do so in a child process, and raise only what can be sent to the parent.

    Raises:
        ChildDied: the function asked its process to exit, as `sys.exit` does.
        RuntimeError: the function raised an exception that cannot be pickled, or not unpickled.
    """
    try:
        return call(function, item)
    except (SystemExit, KeyboardInterrupt) as error:
        # Sent to the parent as it is, it would end that.
        raise ChildDied(
            f"{name_of(function)!r} asked its child process to exit: {shorten(error)}"
        ) from None
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes of a moment ago
        except Exception as why:  # noqa: BLE001  # whatever the exception's class raises
            raise RuntimeError(
                f"{name_of(function)!r} raised {shorten(error)}, which cannot be sent from a child "
                f"process as it is: {shorten_message(why)}"
            ) from None
        raise
