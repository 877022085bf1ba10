"""The errors of typedpipes, distinguished by who has to act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final, Literal, Self

from typing_extensions import TypeIs

from typedpipes.shorten import escape_unprintable, shorten


class TypedpipesError(Exception):
    """The root of every error that typedpipes itself raises."""


class QueueEmpty(TypedpipesError, asyncio.QueueEmpty):
    """Nothing is in the queue now; more may come. Wait with `get`."""


class QueueFull(TypedpipesError, asyncio.QueueFull):
    """The queue holds `maxsize` items now. Wait with `put`."""


class QueueClosed(TypedpipesError):
    """The queue has ended: nothing more goes in, or nothing more comes out.

    This is normal while a run stops.
    """


def closed(message: str, failures: Sequence[TypedpipesError]) -> QueueClosed:
    """Return the error of a queue that has ended, because of the first of the failures if any."""
    error = QueueClosed(message)
    error.__cause__ = failures[0] if failures else None
    return error


def consists_of(error: BaseException, test: Callable[[BaseException], bool]) -> bool:
    """Whether the test is true of an error, or of each in a group of errors."""
    if test(error):
        return True
    return _is_group(error) and all(consists_of(each, test) for each in error.exceptions)


def _is_group(error: BaseException) -> TypeIs[BaseExceptionGroup[BaseException]]:
    return isinstance(error, BaseExceptionGroup)


class WiringError(TypedpipesError):
    """The drawing, or one of its parts, is wrong. The author of the graph has to act.

    Attributes:
        nodes: the names of the nodes that the error is about.
        culprit: the node whose coroutine or settings are at fault, if it is known.
    """

    def __init__(
        self, message: str, *, nodes: Sequence[str] = (), culprit: str | None = None
    ) -> None:
        super().__init__(message)
        self.nodes: tuple[str, ...] = tuple(nodes)
        self.culprit: str | None = culprit


class SettingError(WiringError, ValueError):
    """A setting has a value that it cannot have, such as a number out of its bounds."""


class ReadOnlyError(WiringError, AttributeError):
    """An attribute was set that can only be given when its object is made."""


class WiringWarning(UserWarning):
    """A drawing is right, and yet bound to come to a standstill if it gets enough items.

    It comes when the blueprint is made, and says which zips cannot all go on.
    """


class WiringErrors(ExceptionGroup[WiringError], TypedpipesError):
    """Everything that is wrong with one drawing, at once."""

    def __new__(cls, plumber: str, errors: Sequence[WiringError]) -> Self:
        """Group the wiring errors of the plumber of that name."""
        wrong = "\n".join(f"  - {error}" for error in errors)
        return super().__new__(cls, f"the drawing of {plumber!r} is wrong:\n{wrong}", errors)

    def __init__(self, plumber: str, errors: Sequence[WiringError]) -> None:
        super().__init__(plumber, errors)
        self.plumber: str = plumber

    def __str__(self) -> str:
        """Return what is wrong, without the count of the group: it has a line for each."""
        return self.message

    def derive(self, excs: Sequence[WiringError], /) -> WiringErrors:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # pyrefly: ignore[bad-override]  # only wiring errors are in here
        """Keep the kind of the group when it is split."""
        return WiringErrors(self.plumber, excs)


class DefinitionError(TypedpipesError):
    """A definition is wrong in one place. Its author has to act.

    Attributes:
        what: what is wrong there, and what to do.
        where: the place, such as `nodes.reverse.workers`, or `reverse -> store` for a connection.
        origin: the file as it was named; empty for a text or a mapping.
        line: the line in the file or text, from 1; `None` for a mapping.
        column: the column in that line, in characters from 1; `None` where it is not known.
        code: what kind of mistake it is, such as `connection`; docs/cli.md lists them.
        also: the other places in which the same is wrong, if they are so many that they are
            not reported one by one.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        origin: str = "",
        line: int | None = None,
        column: int | None = None,
        code: str = "shape",
        also: Sequence[str] = (),
    ) -> None:
        file = escape_unprintable(origin)  # anyone may have named it
        place = f"{file}:{line}" if file and line else file or (f"line {line}" if line else "")
        super().__init__(": ".join(part for part in (place, where, what) if part))
        self.what = what
        self.where = where
        self.origin = origin
        self.line = line
        self.column = column
        self.code = code
        self.also: tuple[str, ...] = tuple(also)


class DefinitionErrors(ExceptionGroup[DefinitionError], DefinitionError):
    """Everything that is wrong with one definition, at once.

    It is a `DefinitionError` too, so a single `except DefinitionError` is enough for definitions
    from outside.
    """

    def __new__(cls, errors: Sequence[DefinitionError]) -> Self:
        """Group the errors of a definition."""
        wrong = "\n".join(f"  - {error}" for error in errors)
        return super().__new__(cls, f"the definition is wrong:\n{wrong}", errors)

    def __init__(self, errors: Sequence[DefinitionError]) -> None:
        DefinitionError.__init__(self, "the definition is wrong", origin=errors[0].origin)

    def __str__(self) -> str:
        """Return what is wrong, without the count of the group: it has a line for each."""
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as the errors that the group was made of."""
        return DefinitionErrors, (self.exceptions,)

    def derive(self, excs: Sequence[DefinitionError], /) -> DefinitionErrors:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # pyrefly: ignore[bad-override]  # only errors of definitions are in here
        """Keep the kind of the group when it is split."""
        return DefinitionErrors(excs)


class RunStateError(TypedpipesError, RuntimeError):
    """A plumber was asked for what its state does not allow, such as running twice at once."""


class NoItem(Enum):
    """The type of `NO_ITEM`; an enum, so that it is the same object after unpickling."""

    NO_ITEM = "no item"


NO_ITEM: Final = NoItem.NO_ITEM
"""Stands for the item where there is none: in the errors of a source."""


def _on(item: object) -> str:
    return "" if item is NO_ITEM else f" on {shorten(item)}"


class ProcessorFailed(TypedpipesError):
    """A coroutine raised, and no failures edge takes it. The error is its `__cause__`.

    Attributes:
        processor: the name of the processor or source.
        item: the item in progress; `NO_ITEM` for a source, which has none.
    """

    def __init__(self, processor: str, item: object, error: BaseException) -> None:
        super().__init__(processor, item, error)
        self.processor: str = processor
        self.item: object = item
        self.__cause__: BaseException | None = error

    def __str__(self) -> str:
        """Return what failed, on which item, and why: 200 characters each for item and error."""
        return f"{self.processor!r} failed{_on(self.item)}: {shorten(self.args[-1])}"

    def __repr__(self) -> str:
        """Name the processor only: a `repr` may be logged, and the item may be secret."""
        return f"{type(self).__name__}({self.processor!r})"


class NoReply(TypedpipesError):
    """A request was answered with nothing: all that its item became was dropped on the way.

    Attributes:
        exchange: the name of the exchange.
        item: what was asked.
    """

    def __init__(self, exchange: str, item: object) -> None:
        super().__init__(exchange, item)
        self.exchange: str = exchange
        self.item: object = item

    def __str__(self) -> str:
        """Say what was asked, in 200 characters, and what to do."""
        return (
            f"{self.exchange!r} has no reply to {shorten(self.item)}: all that it became was "
            "dropped on the way, as by keep. Use stream where there may be none."
        )

    def __repr__(self) -> str:
        """Name the exchange only: see `ProcessorFailed`."""
        return f"{type(self).__name__}({self.exchange!r})"


class ReturnedLate(TypedpipesError, TimeoutError):
    """A call returned when the `timeout` of its processor was over: its item has failed.

    A function in a thread cannot be stopped, and a coroutine may swallow its cancellation. What
    is returned then goes nowhere else.

    Attributes:
        processor: the name of the processor.
        timeout: its limit, in seconds.
        result: what was returned.
    """

    def __init__(self, processor: str, timeout: float, result: object) -> None:
        super().__init__()
        self.processor: str = processor
        self.timeout: float = timeout
        self.result: object = result

    def __str__(self) -> str:
        """Say which limit it was, and show the result in 200 characters."""
        return (
            f"{self.processor!r} took longer than its timeout of {self.timeout:g} s, "
            f"and returned then: {shorten(self.result)}"
        )

    def __repr__(self) -> str:
        """Name the processor: the result may be secret, and this may be shown unasked."""
        return f"{type(self).__name__}({self.processor!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as what it was made of."""
        return ReturnedLate, (self.processor, self.timeout, self.result)


class CoroutineCancelled(TypedpipesError):
    """Something that a coroutine awaited was cancelled, and not by the run.

    For example, a library does that when it closes its session. It is a failure like any
    other, so it can go to a failures edge; the `CancelledError` is its `__cause__`.

    Attributes:
        processor: the name of the processor or source.
    """

    def __init__(self, processor: str) -> None:
        super().__init__(processor)
        self.processor: str = processor

    def __str__(self) -> str:
        """Return whose coroutine it was, and what to do."""
        return (
            f"something that {self.processor!r} awaited was cancelled, not by the run. "
            "Catch CancelledError where it awaits that, if it is to go on."
        )


class CleanupFailed(TypedpipesError):
    """A cleanup coroutine raised or took too long. The error is its `__cause__`.

    Attributes:
        processor: the name of the processor it belongs to.
        kind: its queue kind: `"input"`, `"output"` or `"doomsday"`.
    """

    def __init__(self, processor: str, kind: str, error: BaseException) -> None:
        super().__init__(processor, kind, error)
        self.processor: str = processor
        self.kind: str = kind
        self.__cause__: BaseException | None = error

    def __str__(self) -> str:
        """Return which one failed, and why."""
        error = shorten(self.args[-1])
        return f"the {self.kind} cleanup coroutine of {self.processor!r} failed: {error}"

    def __repr__(self) -> str:
        """Name the processor and the queue kind."""
        return f"{type(self).__name__}({self.processor!r}, {self.kind!r})"


class ResourceFailed(TypedpipesError):
    """A resource could not be opened, did not stay open, or could not be closed.

    The error is its `__cause__`.

    Attributes:
        resource: its name.
        users: the names of the processors and sources that use it.
        when: `"opening"`, `"open"` or `"closing"`.
    """

    def __init__(
        self,
        resource: str,
        users: Sequence[str],
        when: Literal["opening", "open", "closing"],
        error: BaseException,
    ) -> None:
        super().__init__(resource, users, when, error)
        self.resource: str = resource
        self.users: tuple[str, ...] = tuple(users)
        self.when: Literal["opening", "open", "closing"] = when
        self.__cause__: BaseException | None = error

    def __str__(self) -> str:
        """Return which one failed, whose it is, and why."""
        users = ", ".join(map(repr, self.users))
        what = {
            "opening": "could not be opened",
            "open": "did not stay open",
            "closing": "could not be closed",
        }[self.when]
        return f"the resource {self.resource!r} of {users} {what}: {shorten(self.args[-1])}"

    def __repr__(self) -> str:
        """Name the resource and when it failed."""
        return f"{type(self).__name__}({self.resource!r}, {self.when!r})"


class ProcessorHangs(TypedpipesError):
    """A coroutine was cancelled and did not return in time. The run left it behind.

    Attributes:
        processor: the name of the processor or source.
        item: the item in progress; `NO_ITEM` for a source, which has none.
        grace: how long the run waited, in seconds.
    """

    def __init__(self, processor: str, item: object, grace: float) -> None:
        super().__init__(processor, item, grace)
        self.processor: str = processor
        self.item: object = item
        self.grace: float = grace

    def __str__(self) -> str:
        """Return what hangs, for how long, and what to do."""
        return (
            f"{self.processor!r} hangs{_on(self.item)}: it did not return within {self.grace:g} s "
            "after it was cancelled. Let CancelledError through in its coroutine."
        )

    def __repr__(self) -> str:
        """Name the processor, without the item: see `ProcessorFailed`."""
        return f"{type(self).__name__}({self.processor!r}, {self.grace:g})"


class Wedged(TypedpipesError):
    """A run could not move any more, for as long as `wedged_after` allows. It was aborted.

    Attributes:
        wedge: who waited for whom.
        seconds: how long that was allowed.
    """

    def __init__(self, wedge: str, seconds: float) -> None:
        super().__init__(wedge, seconds)
        self.wedge: str = wedge
        self.seconds: float = seconds

    def __str__(self) -> str:
        """Return how long it was wedged, who waited for whom, and what to do."""
        return (
            f"for {self.seconds:g} s {self.wedge}. Read what is not read, or give what is full a "
            "larger buffer."
        )


class ChildDied(TypedpipesError):
    """A child process did not give what its function returns for an item.

    It ended before, by itself or because it was killed; or it could not start; or what is sent
    between it and the parent cannot be unpickled. The message says which.
    """
