"""The errors of runs over a network."""

from __future__ import annotations

from typedpipes.errors import RunStateError, TypedpipesError
from typedpipes.shorten import escape_unprintable, shorten


class RemoteError(TypedpipesError):
    """Stands for an error that was raised in another process. Nothing is unpickled.

    Attributes:
        kind: the name of its class, with that of its module unless it is a builtin.
        message: what it said.
        trace: where it was raised, as a traceback is printed; it may be empty.
    """

    def __init__(self, kind: str, message: str, trace: str = "") -> None:
        super().__init__(kind, message, trace)
        self.kind: str = kind
        self.message: str = message
        self.trace: str = trace

    def __str__(self) -> str:
        """Return the kind and the message, as the last line of a traceback has them."""
        kind = escape_unprintable(self.kind)
        return f"{kind}: {escape_unprintable(self.message)}" if self.message else kind

    def __repr__(self) -> str:
        """Return both on one line, without the trace."""
        return f"{type(self).__name__}({str(self)!r})"


class NotCarried(TypedpipesError):
    """An item cannot travel as what its edge is annotated with, so its item has failed.

    Attributes:
        node: the name of the node that gives it.
        type: what the edge carries.
        item: the item.
    """

    def __init__(self, node: str, type: str, item: object, why: str) -> None:  # noqa: A002
        super().__init__(node, type, item, why)
        self.node: str = node
        self.type: str = type
        self.item: object = item
        self.why: str = why

    def __str__(self) -> str:
        """Return what cannot travel, and why."""
        return (
            f"{self.node!r} gives {self.type}, and {shorten(self.item)} cannot travel as that: "
            f"{self.why}. Return what the annotation says, or annotate what is returned."
        )


class NotDecoded(TypedpipesError):
    """Something else than a record of this run was found in its streams. Nothing of it was run.

    Attributes:
        node: the name of the node whose record it should be.
    """

    def __init__(self, node: str, why: str) -> None:
        super().__init__(node, why)
        self.node: str = node
        self.why: str = why

    def __str__(self) -> str:
        """Return where it was found."""
        return (
            f"what came from {self.node!r} is no record of this version of typedpipes: {self.why}. "
            "Use the same version in all processes of a run, and let nothing else write into its "
            "streams."
        )


class WorkerDied(TypedpipesError):
    """The process that worked on an item died, each time that it was called.

    Attributes:
        processor: the name of the processor.
        calls: how often it was called.
    """

    def __init__(self, processor: str, calls: int) -> None:
        super().__init__(processor, calls)
        self.processor: str = processor
        self.calls: int = calls

    def __str__(self) -> str:
        """Return which, how often, and where to look."""
        return (
            f"the process in which {self.processor!r} worked on the item has died each of "
            f"{self.calls} times, the last {self.calls - 1} while it worked on nothing else. "
            "See what the workers' machines say about their end: out of memory, or a fault in C."
        )


class RecordsLost(TypedpipesError):
    """Records that the broker had acknowledged are gone, and the items in them.

    Attributes:
        node: the name of the node that gave them.
        expected: the number of the last of its records that was seen.
        found: the number of the last one that is there now.
    """

    def __init__(self, node: str, expected: int, found: int) -> None:
        super().__init__(node, expected, found)
        self.node: str = node
        self.expected: int = expected
        self.found: int = found

    def __str__(self) -> str:
        """Return whose they are, both numbers, and what to do."""
        return (
            f"records of {self.node!r} are gone: number {self.expected} was stored, and the last "
            f"is {self.found}. The server lost power, or its store was put back. Run it anew, with "
            "`sync_interval: always` or replicas."
        )


class RecordTooLarge(TypedpipesError):
    """The results of one slice are more than the wire carries.

    Attributes:
        node: the name of the node that gives them.
        size: how many bytes they have.
        largest: how many the wire carries.
    """

    def __init__(self, node: str, size: int, largest: int) -> None:
        super().__init__(node, size, largest)
        self.node: str = node
        self.size: int = size
        self.largest: int = largest

    def __str__(self) -> str:
        """Return both numbers, and what to do."""
        return (
            f"what {self.node!r} gives for one slice has {self.size} bytes, and the wire carries "
            f"{self.largest}. Make the slices shorter, or send a reference to what is large."
        )


class OtherDrawing(RunStateError):
    """The run of this name is of another drawing than the one that this process has."""


class RunExists(RunStateError):
    """There is a run of this name."""


class NotResumed(RunStateError):
    """A run cannot be resumed: something of it was only in the process of its caller."""


class TakenOver(RunStateError):
    """Another process is the caller of this run now; it goes on there."""
