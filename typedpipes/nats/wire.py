"""A wire over NATS JetStream: a stream for each node, a consumer for each leg."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Final, NoReturn
from uuid import uuid4

import msgspec
from attrs import evolve, frozen
from typing_extensions import TypeVar

from typedpipes.nats.broker import Broker
from typedpipes.nats.connection import (
    NO_RESPONDERS,
    Answer,
    ApiError,
    Connection,
    Message,
    connected,
)
from typedpipes.nats.hints import Hints
from typedpipes.nats.making import SECOND, Maker
from typedpipes.nats.naming import FAREWELLS, OPENED, Names
from typedpipes.network.errors import NotDecoded, RunExists
from typedpipes.network.health import Health
from typedpipes.network.patience import insist
from typedpipes.network.wire import (
    ABOUT_FACTS,
    DRAWING,
    Away,
    Full,
    Gone,
    Listener,
    NotMyTurn,
    Reach,
    Sealed,
    Stored,
    Stream,
    Taken,
)
from typedpipes.shorten import shorten_message

T = TypeVar("T")

_WRONG_SEQUENCE: Final = 10071
_ON_ITS_WAY: Final = 10164  # another message of the subject, in a cluster
_WRONG_NAME: Final = 10070
_NOT_STORED: Final = 10077
_SEALED: Final = 10109
_NOT_THERE: Final = (10059, 10014, 10037)  # a stream, a consumer, a message
_SHORT_TICKET: Final = 9  # parts
_MARGIN: Final = 0.5  # seconds that an answer may take beyond what was asked for
_NOTHING_STORED: Final = "nothing is stored, as while a disk is full or a cluster without a leader"
_HEADERS: Final = 1024  # bytes of a message that are not data
_ON_THE_WAY: Final = 32  # records


@frozen
class _Fact:
    """A fact, and what it is a fact about.

    Attributes:
        run: the id of the run.
        replicas: how many servers keep its records.
        data: the fact.
    """

    run: str
    replicas: int
    data: bytes


@asynccontextmanager
async def wired(broker: Broker, run: str) -> AsyncGenerator[NatsWire]:
    """Connect to a broker for one run, for as long as the block runs.

    Raises:
        BrokerAway: there is none at its address.
        BrokerUnfit: it lacks what runs need.
    """
    async with connected(broker) as connection:
        wire = NatsWire(connection, broker, run)
        try:
            yield wire
        finally:
            await wire.close()


class _Pull:
    """What has been asked for of a leg, one record at a time, and what came."""

    def __init__(self, subject: str, inbox: str) -> None:
        self.subject = subject
        self.inbox = inbox
        self.stack = AsyncExitStack()  # ends the listening
        self.came: asyncio.Queue[Message] = asyncio.Queue()  # never more than was asked for
        self.asked_until = 0.0


class NatsWire:
    """The wire of one process to a run on NATS.

    The limits of the streams are what bounds the edges, the expected sequence of a publication is
    the turn, and `max_ack_pending` bounds what is in hand. See `typedpipes.network.wire`.
    """

    def __init__(self, connection: Connection, broker: Broker, run: str) -> None:
        self._connection = connection
        self._broker = broker
        self._names = Names(run)
        self._hints = Hints(connection)
        self._pulls: dict[str, _Pull] = {}
        self._replicas: int | None = None  # of the run, if they are known
        self._health = Health()
        self._unstored: dict[str, int] = {}  # by stream: what a record was to be behind, and is not

    @property
    def health(self) -> Health:
        """Whether the server does what it is asked for."""
        return self._health

    @property
    def keep_within(self) -> float:
        """How many seconds a record stays in hand unless it is kept."""
        return self._broker.keep_within

    @property
    def largest(self) -> int:
        """The most bytes of a record."""
        return self._connection.largest - _HEADERS

    async def close(self) -> None:
        """Let go of what is on its way."""
        for pull in [*self._pulls.values()]:
            with suppress(Away):  # then it comes again later
                await self._let_go(pull)
        await self._hints.close()

    # The run as a whole

    async def open(self, streams: Sequence[Stream], opening: bytes) -> None:
        """Make the streams and consumers of the run.

        Raises:
            RunExists: there is a run of that name.
            BrokerUnfit: the server does not make a stream.
        """
        await self._maker.refuse_limits(streams)
        self._be_of(uuid4().hex, self._broker.replicas)
        try:
            await self._maker.make_facts()
            await self._insist(self._forget_farewell)
            await self._insist(partial(self.note, OPENED, b""))
            for stream in streams:
                await self._maker.make_stream(stream)
                await self._insist(partial(self._begin, stream.name, opening))
                for leg in stream.legs:
                    await self._maker.make_leg(leg, self.keep_within)
        except RunExists:
            self._be_of("")
            await self._insist(self.is_there)
            raise
        except BaseException:
            with suppress(Away):  # then a part of it stays
                await self.forget()
            raise

    def _be_of(self, run: str, replicas: int | None = None) -> None:
        """Be the wire of a run from now on."""
        if run != self._names.id:
            self._names = evolve(self._names, id=run)
            self._replicas = replicas
            self._unstored.clear()
        elif replicas is not None:
            self._replicas = replicas

    async def _know_run(self) -> None:
        """Be the wire of the run that there is, unless it is the wire of one already."""
        if not self._names.id and await self._fact(OPENED) is None:
            raise Gone(self._names.run)

    @property
    def _maker(self) -> Maker:
        return Maker(self._connection, self._broker, self._names)

    async def _begin(self, stream: str, opening: bytes) -> None:
        """Store the opening record, unless an attempt whose answer was lost has stored it."""
        answer = await self._publish(stream, opening, 0)
        if isinstance(answer, ApiError) and answer.err_code != _WRONG_SEQUENCE:
            _refuse(answer)

    async def _insist(self, verb: Callable[[], Awaitable[T]]) -> T:
        """Do what may be done more than once, until the server answers."""
        return await insist(verb, self._broker.patience)

    async def is_there(self) -> bool:
        """Whether there is a run of this name, or a part of one; the wire is of that one then."""
        run = await self._maker.id_of_run()
        if run is not None:
            self._be_of(run)
        return run is not None

    async def seal(self, stream: str) -> None:
        """Let nothing more into a stream.

        What came before is still on its way into the stream when the server has sealed it. It is
        stored by the time that the server answers to a record that came behind it.
        """
        name = self._names.stream(stream)
        answer = await self._api(f"STREAM.INFO.{name}")
        await self._api(f"STREAM.UPDATE.{name}", {**answer["config"], "sealed": True})
        # Behind nothing, where there is at least the opening record: never stored.
        await self._publish(stream, b"", after=0)

    async def forget(self, farewell: bytes = b"") -> None:
        """Remove the streams of the run.

        Before each step it looks whether the run is still there: another one of this name stays.
        """
        if not self._names.id:
            await self.is_there()
        if not await self._is_mine():
            return
        if farewell:
            await self._say_farewell(farewell)
        while nodes := [name for name in await self._streams() if name != self._names.facts]:
            for name in nodes:
                if not await self._is_mine():
                    return
                await self._delete(name)
        # Last, and once: then the next run of this name may be opened.
        if await self._is_mine():
            await self._delete(self._names.facts)

    async def _is_mine(self) -> bool:
        return await self._maker.id_of_run() == self._names.id

    async def _streams(self) -> Sequence[str]:
        """Return the streams of the run, or the first of them where there are very many."""
        answer = await self._api("STREAM.NAMES", {"subject": self._names.everything})
        names: Sequence[str] | None = answer.get("streams")
        return names or ()

    async def _delete(self, stream: str) -> None:
        with suppress(Gone):
            await self._api(f"STREAM.DELETE.{stream}")

    async def farewell(self) -> bytes | None:
        """Return what was said of the last run of this name."""
        try:
            which = {"last_by_subj": self._names.farewell}
            return (await self._stored(FAREWELLS, which)).data
        except Gone:
            return None

    async def _say_farewell(self, farewell: bytes) -> None:
        await self._maker.make_farewells()
        answer = await self._request(self._names.farewell, farewell)
        if isinstance(answer, ApiError):
            _refuse(answer)

    async def _forget_farewell(self) -> None:
        with suppress(Gone):
            await self._api(f"STREAM.PURGE.{FAREWELLS}", {"filter": self._names.farewell})

    # Giving

    @property
    def most_on_the_way(self) -> int:
        """How many records may be on their way: where several servers keep each, one.

        They have to agree on it first. And a stream of theirs loses its leader for good when it
        refuses a record for what that names to be behind (nats-server 2.15.1).
        """
        return _ON_THE_WAY if self._replicas == 1 else 1

    async def give(
        self, stream: str, record: bytes, after: int, *, name: str = "", behind: str = ""
    ) -> int:
        """Store a record; where there is no room, first remove what all have done."""
        answer = await self._publish(stream, record, after, name, behind)
        if isinstance(answer, ApiError) and _is_full(answer):
            await self.floor(stream)
            answer = await self._publish(stream, record, after, name, behind)
        if isinstance(answer, ApiError):
            _refuse(answer)
        return int(answer["seq"])

    async def _publish(
        self, stream: str, record: bytes, after: int, name: str = "", behind: str = ""
    ) -> Answer | ApiError:
        await self._know_run()
        headers = {"Nats-Expected-Last-Subject-Sequence": str(after)}
        if name:
            headers["Nats-Msg-Id"] = name
        if behind:
            headers["Nats-Expected-Last-Msg-Id"] = behind
        try:
            answer = await self._request(self._names.subject(stream), record, headers)
        except Away as error:  # a server whose disk is full answers to everything but this
            self._has_not_stored(stream, after, f"{_NOTHING_STORED}: {error}")
            raise
        if not isinstance(answer, ApiError) or _is_full(answer):
            self._stores(stream)
        elif not _is_usual(answer):
            self._has_not_stored(stream, after, answer.text)
        return answer

    def _has_not_stored(self, stream: str, after: int, why: str) -> None:
        self._unstored[stream] = min(after, self._unstored.get(stream, after))
        self._health.failed(f"store in {stream}", why)

    def _stores(self, stream: str) -> None:
        self._unstored.pop(stream, None)
        self._health.worked(f"store in {stream}")

    async def _request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        try:
            answer = await self._connection.request(subject, data, headers)
        except Away as error:
            self._health.failed("answer", str(error))
            raise
        self._health.worked("answer")
        return answer

    async def floor(self, stream: str) -> int:
        """Remove what all legs have done, but for the last of it, and return its number."""
        name = self._names.stream(stream)
        answer = await self._api(f"CONSUMER.LIST.{name}")
        floors = [int(each["ack_floor"]["stream_seq"]) for each in answer.get("consumers") or ()]
        if len(floors) < int(answer["total"]) or answer.get("missing"):
            return 1  # of a cluster, not all answer now
        if min(floors, default=0) <= 1:
            return 1  # a purge up to 0 is one of everything
        await self._api(f"STREAM.PURGE.{name}", {"seq": min(floors)})
        return min(floors)

    async def last(self, stream: str) -> Stored:
        """Return the last record of a stream."""
        await self._know_run()
        subject = self._names.subject(stream)
        stored = await self._stored(self._names.stream(stream), {"last_by_subj": subject})
        if stored.sequence > self._unstored.get(stream, stored.sequence):  # for another process
            self._stores(stream)
        return stored

    async def rest(self, stream: str) -> Sequence[Stored]:
        """Return all records that a stream holds."""
        last = (await self.last(stream)).sequence
        name, subject = self._names.stream(stream), self._names.subject(stream)
        records: list[Stored] = []
        sequence = 1
        while sequence <= last:
            stored = await self._stored(name, {"seq": sequence, "next_by_subj": subject})
            records.append(stored)
            sequence = stored.sequence + 1
        return records

    async def _stored(self, stream: str, which: Mapping[str, object]) -> Stored:
        message = (await self._api(f"STREAM.MSG.GET.{stream}", which))["message"]
        return Stored(int(message["seq"]), b64decode(message.get("data", "")))

    # Taking

    async def take(self, leg: Reach, wait: float) -> Taken | None:
        """Take the next record of a leg."""
        await self._know_run()
        pull = self._pulls.get(self._names.consumer(leg.name)) or await self._begin_to_pull(leg)
        now = asyncio.get_running_loop().time()
        if pull.came.empty() and now >= pull.asked_until:
            asked = msgspec.json.encode({"batch": 1, "expires": int(wait * SECOND)})
            await self._connection.publish(pull.subject, asked, pull.inbox)
            pull.asked_until = now + wait + _MARGIN
        try:
            async with asyncio.timeout_at(pull.asked_until):
                message = await pull.came.get()
        except TimeoutError:
            return None
        pull.asked_until = 0.0
        return _taken(message)

    async def _begin_to_pull(self, leg: Reach) -> _Pull:
        stream, consumer = self._names.stream(leg.stream), self._names.consumer(leg.name)
        pull = _Pull(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", self._connection.inbox())
        listening = self._connection.listening(pull.inbox, pull.came.put_nowait, to_the_last=True)
        await pull.stack.enter_async_context(listening)
        self._pulls[consumer] = pull
        return pull

    async def keep(self, leg: Reach, taken: Taken) -> None:  # noqa: ARG002  # the ticket says it
        """Keep a record in hand."""
        await self._connection.publish(taken.ticket, b"+WPI")

    async def done(self, leg: Reach, taken: Taken) -> None:  # noqa: ARG002  # as above
        """Put a record out of hand; if that is lost, it comes again."""
        await self._connection.publish(taken.ticket, b"+ACK")

    async def back(self, leg: Reach, taken: Taken) -> None:  # noqa: ARG002  # as above
        """Give a record back."""
        await self._connection.publish(taken.ticket, b"-NAK")

    async def let_go(self, leg: Reach) -> None:
        """Ask for nothing more, and give back what came and was not taken."""
        pull = self._pulls.pop(self._names.consumer(leg.name), None)
        if pull is not None:
            await self._let_go(pull)

    async def _let_go(self, pull: _Pull) -> None:
        await pull.stack.aclose()  # what was sent before the server knew has come by now
        while not pull.came.empty():
            message = pull.came.get_nowait()
            if not message.status:
                await self._connection.publish(message.reply, b"-NAK")

    # Hints and facts

    async def tell(self, topic: str, hint: bytes) -> None:
        """Send a hint."""
        with suppress(Away, Gone):
            await self._hints.tell(await self._subject_of(topic), hint)

    @asynccontextmanager
    async def hear(self, topic: str, listener: Listener) -> AsyncGenerator[None]:
        """Hear the hints on a topic."""
        async with self._hints.hear(await self._subject_of(topic), listener):
            yield

    async def _subject_of(self, topic: str) -> str:
        if not topic.startswith(ABOUT_FACTS):
            await self._know_run()
        return self._names.hints(topic)

    async def note(self, key: str, fact: bytes) -> bytes:
        """Store a fact unless it is there."""
        await self._know_run()
        replicas = self._broker.replicas if self._replicas is None else self._replicas
        whole = msgspec.msgpack.encode(_Fact(self._names.id, replicas, fact))
        first = {"Nats-Expected-Last-Subject-Sequence": "0"}
        answer = await self._request(self._names.fact(key), whole, first)
        if isinstance(answer, ApiError):
            if answer.err_code != _WRONG_SEQUENCE:
                _refuse(answer)
            stored = await self._fact(key)
            if stored is None:
                raise Gone(self._names.run)
            return stored.data
        return fact

    async def fact(self, key: str) -> bytes | None:
        """Return a fact."""
        with suppress(Gone):
            if key != DRAWING:
                await self._know_run()
        fact = await self._fact(key)
        return None if fact is None else fact.data

    async def _fact(self, key: str) -> _Fact | None:
        try:
            which = {"last_by_subj": self._names.fact(key)}
            stored = await self._stored(self._names.facts, which)
        except Gone:
            return None
        try:
            fact = msgspec.msgpack.decode(stored.data, type=_Fact)
        except msgspec.MsgspecError as error:
            raise NotDecoded(self._names.run, shorten_message(error)) from error
        self._be_of(fact.run, fact.replicas)
        return fact

    async def _api(self, what: str, payload: object = None) -> Answer:
        data = b"" if payload is None else msgspec.json.encode(payload)
        answer = await self._request(f"$JS.API.{what}", data)
        if isinstance(answer, ApiError):
            _refuse(answer)
        return answer


def _is_full(error: ApiError) -> bool:
    """Whether a record was not stored for lack of room, rather than of a disk."""
    return error.err_code == _NOT_STORED and "maximum messages" in error.text


def _is_usual(error: ApiError) -> bool:
    """Whether a server that is well refuses a record like this."""
    usual = (_WRONG_SEQUENCE, _WRONG_NAME, _ON_ITS_WAY, _SEALED, *_NOT_THERE)
    return error.err_code in usual or _is_full(error)


def _refuse(error: ApiError) -> NoReturn:
    """Raise what an error of the server means to those who use the wire."""
    if error.err_code in (_WRONG_SEQUENCE, _WRONG_NAME):
        raise NotMyTurn(error.text)
    if _is_full(error):
        raise Full(error.text)
    if error.err_code == _SEALED:
        raise Sealed(error.text)
    if error.err_code in _NOT_THERE:
        raise Gone(error.text)
    # Such as a disk that is full, or another record that may become the last one.
    raise Away(f"{error.text} ({error.code}/{error.err_code})")


def _taken(message: Message) -> Taken | None:
    """Return what came for a request: a record, or that there is none now."""
    if message.status == NO_RESPONDERS:
        raise Away("no records are handed out: the run is gone, or the server has just begun")
    if message.status:
        return None
    # $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>...; in the middle there may be
    # <domain>.<account>.
    parts = message.reply.split(".")
    more = 0 if len(parts) == _SHORT_TICKET else 2
    deliveries, sequence = int(parts[4 + more]), int(parts[5 + more])
    return Taken(Stored(sequence, message.data), message.reply, again=deliveries > 1)
