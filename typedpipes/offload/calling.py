"""Calling a plain function outside a coroutine."""

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
    """Call a function with an item, and turn `StopIteration` into an error, as a coroutine does.

    A future cannot hold that exception, so its waiter would wait forever.

    Raises:
        RuntimeError: the function raised `StopIteration`.
        Exception: whatever else the function raises.
    """
    try:
        return function(item)
    except StopIteration as error:
        raise RuntimeError(f"{name_of(function)!r} raised StopIteration") from error


def call_in_child(function: Callable[[Item], Result], item: Item) -> Result:
    """Like `call`, in a child process: raise only what can be sent to the parent.

    Raises:
        ChildDied: the function asked its process to exit, as `sys.exit` does.
        RuntimeError: the function raised an exception that cannot be pickled or unpickled.
    """
    try:
        return call(function, item)
    except (SystemExit, KeyboardInterrupt) as error:
        # Sent to the parent as it is, it would end the parent.
        raise ChildDied(
            f"{name_of(function)!r} asked its child process to exit: {shorten(error)}"
        ) from None
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301  # bytes that we have just made
        except Exception as why:  # noqa: BLE001  # whatever the exception's class raises
            raise RuntimeError(
                f"{name_of(function)!r} raised {shorten(error)}, which cannot be sent from a child "
                f"process as it is: {shorten_message(why)}"
            ) from None
        raise
