"""What a client and the server say to each other: typed, and the same over every transport.

Every message is an event with named data. Over Socket.IO the event is the event and the
data its only argument. Over the plain WebSocket both are one JSON object, with the event's
name under `event`.

A client says `taken` with the number of messages it has read so far. If it does not, its
pipeline waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from typedpipes.observe.snapshot import Snapshot

Definition: TypeAlias = str | dict[str, object]
"""TOML or JSON as a text, or what JSON would be parsed to."""

By: TypeAlias = Literal["itself", "failure", "time", "items", "cancel", "client", "server"]
"""What ended a run; `client` is a client that went away."""


# What a client asks for


class Request(Struct, frozen=True, tag_field="event", tag=str.lower, forbid_unknown_fields=True):
    """What a client says."""


class Check(Request, frozen=True):
    """Asks whether a definition is right. The answer is `checked` or `wrong`.

    One check of a client is done at a time. Of those that come meanwhile only the newest is
    answered.
    """

    definition: Definition


class Run(Request, frozen=True):
    """Asks to run a definition. The answer is `started`, `wrong` or `refused`."""

    definition: Definition


class Cancel(Request, frozen=True):
    """Asks to end the run: the first drains it, the second aborts it."""


class Taken(Request, frozen=True):
    """Says how many messages the client has read since it connected."""

    messages: Annotated[int, Meta(ge=0)]


AnyRequest: TypeAlias = Check | Run | Cancel | Taken


# What the server says


class Message(Struct, frozen=True, tag_field="event", tag=str.lower):
    """What the server says."""


class Offer(Struct, frozen=True):
    """A coroutine that definitions may name."""

    name: str
    signature: str
    about: str


class Example(Struct, frozen=True):
    """A definition to begin with."""

    name: str
    definition: str


class Welcome(Message, frozen=True):
    """The first message: what there is, and how many messages may be unread."""

    offers: Sequence[Offer]
    examples: Sequence[Example]
    unread: int
    seconds: float
    items: int


class Checked(Message, frozen=True):
    """The definition is right, and this is its graph."""

    svg: str


class Mistake(Struct, frozen=True):
    """One thing that is wrong with a definition."""

    what: str
    where: str
    line: int | None


class Wrong(Message, frozen=True):
    """The definition is wrong: all that is wrong with it."""

    mistakes: Sequence[Mistake]


class Refused(Message, frozen=True):
    """The server does not do what was asked for, and why."""

    what: str


class Started(Message, frozen=True):
    """The definition runs, and this is its graph.

    Attributes:
        live: the same graph, to show how the run goes on in it.
        room: how many items may wait before each node.
    """

    run: int
    svg: str
    live: str
    room: dict[str, int]


class Result(Message, frozen=True, omit_defaults=True):
    """What the pipeline gave, numbered from 1.

    Attributes:
        exact: the digits of a number beyond 2**53, which a browser would round.
    """

    number: int
    value: str | int
    exact: str | None = None


class Counts(Struct, frozen=True):
    """What became of the items of one node."""

    name: str
    received: int
    completed: int
    failed: int
    dropped: int
    interrupted: int
    emitted: int
    unprocessed: int
    undelivered: int


class DoomTold(Struct, frozen=True):
    """What ended a run early."""

    reason: str
    mode: Literal["drain", "abort"]


class RunReport(Struct, frozen=True):
    """The report of a run, as `typedpipes run --report json` writes it."""

    plumber: str
    ending: Literal["running", "finished", "drained", "aborted", "failed"]
    duration: float
    dooms: Sequence[DoomTold]
    errors: Sequence[str]
    processors: Sequence[Counts]


class Progress(Message, frozen=True):
    """How the run goes on: in numbers, and as the live drawing shows it."""

    report: RunReport
    snapshot: Snapshot


class Failed(Struct, frozen=True):
    """Where a run failed.

    Attributes:
        line: of the node in the definition, if that is a text.
    """

    node: str
    what: str
    line: int | None


class Ended(Message, frozen=True):
    """The last message of a run: what ended it, in a word and in a sentence, and how it is then."""

    run: int
    by: By
    what: str
    report: RunReport
    snapshot: Snapshot
    failed: Sequence[Failed] = ()


class Goodbye(Message, frozen=True):
    """The server hangs up, and why."""

    what: str


AnyMessage: TypeAlias = (
    Welcome | Checked | Wrong | Refused | Started | Result | Progress | Ended | Goodbye
)
