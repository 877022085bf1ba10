"""What coroutines and sources raise on purpose: an error, or a cancellation from elsewhere."""

from __future__ import annotations

import asyncio
from typing import Literal, TypeAlias

from typedpipes import CoroutineCancelled

Kind: TypeAlias = Literal["boom", "cut off"]


class Mishap(Exception):
    """What befell an item, or a source after so many of its items.

    Of the kind "cut off" it is never raised: it stands for the `CancelledError` that is.
    """

    def __init__(self, kind: Kind, number: int) -> None:
        super().__init__(kind, number)
        self.kind: Kind = kind
        self.number = number


async def befall(kind: Kind, number: int) -> None:
    """Have it happen in a coroutine; every other one that is cut off has to wait for it.

    Raises:
        Mishap: of the kind "boom".
        CancelledError: of the kind "cut off".
    """
    if kind == "cut off":
        future = _future()
        if number % 2:
            asyncio.get_running_loop().call_soon(future.cancel, (kind, number))
        else:
            future.cancel((kind, number))
        await future
    raise Mishap(kind, number)


def befall_at_once(kind: Kind, number: int) -> None:
    """Have it happen in a plain function.

    Raises:
        Mishap: of the kind "boom".
        CancelledError: of the kind "cut off".
    """
    if kind == "cut off":
        future = _future()
        future.cancel((kind, number))
        future.result()
    raise Mishap(kind, number)


def _future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


def mishap(error: BaseException | None) -> Mishap | None:
    """Return the mishap that an error is, or comes from; none for the cancellation by a run."""
    match error:
        case Mishap():
            return error
        case asyncio.CancelledError(args=((kind, number),)):
            return Mishap(kind, number)
        case CoroutineCancelled():
            return mishap(error.__cause__)
        case _:
            return None


def why(error: BaseException) -> str:
    """Return why something failed, in the same words for an error and for what it stands for."""
    known = mishap(error)
    if known is None:
        return f"{type(error).__name__}: {error}"
    return f"{known.kind} at {known.number}"
