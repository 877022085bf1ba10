"""What a server may answer besides what is asked for, and what that must not lead to."""

from __future__ import annotations

import asyncio
import itertools
import json
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree

import pytest
from attrs import evolve
from msgspec import msgpack

from typedpipes.nats import Broker, RunExists, serve
from typedpipes.nats.answers import Answers
from typedpipes.nats.connection import Answer, ApiError, Connection, Message, connected
from typedpipes.nats.making import Maker
from typedpipes.nats.naming import Names
from typedpipes.nats.wire import NatsWire
from typedpipes.network.wire import Away, Full, Reach, Stored, Stream

FACT = b64encode(msgpack.encode({"run": "1", "replicas": 1, "data": b""})).decode()


class Scripted(Connection):
    """A server that stores nothing for lack of room, and has an answer for who asks why."""

    def __init__(self, answer: Answer) -> None:
        self.purges = 0
        self._answer = answer

    async def request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        del data, headers
        if subject.endswith("MSG.GET.tp_a-run"):
            return {"message": {"seq": 1, "data": FACT}}
        if "CONSUMER.LIST" in subject:
            return self._answer
        if "STREAM.PURGE" in subject:
            self.purges += 1
            return {"purged": 3}
        return ApiError(400, 10077, "maximum messages per subject exceeded")


def done(number: int) -> Answer:
    return {"ack_floor": {"stream_seq": number}}


@pytest.mark.parametrize(
    "answer",
    [
        {"total": 2, "consumers": [done(7)], "missing": ["another"]},
        {"total": 2, "consumers": [done(7)]},
        {"total": 1, "consumers": None, "missing": ["the only one"]},
        {"total": 1, "consumers": [done(0)]},
        {"total": 0, "consumers": None},
    ],
)
async def test_nothing_is_removed_as_long_as_some_leg_may_not_have_done_it(answer: Answer) -> None:
    connection = Scripted(answer)

    with pytest.raises(Full):
        await NatsWire(connection, Broker(), "a-run").give("node", b"record", 9)

    assert connection.purges == 0


async def test_what_all_legs_have_done_is_removed() -> None:
    connection = Scripted({"total": 2, "consumers": [done(7), done(5)]})

    with pytest.raises(Full):
        await NatsWire(connection, Broker(), "a-run").give("node", b"record", 9)

    assert connection.purges == 1


async def test_a_cluster_without_a_leader_is_away_and_lacks_nothing() -> None:
    asked: asyncio.Queue[Message] = asyncio.Queue()
    error = {"code": 503, "err_code": 10008, "description": "temporarily unavailable"}
    async with (
        serve() as broker,
        connected(broker) as cluster,
        connected(broker) as connection,
        cluster.listening("a-cluster", asked.put_nowait),
    ):
        await cluster.ask("$JS.API.INFO")  # the server has the subscription by now
        asking = asyncio.create_task(connection.ask("a-cluster"))
        message = await asked.get()

        await cluster.publish(message.reply, json.dumps({"error": error}).encode())

        with pytest.raises(Away, match="no leader"):
            await asking


class Gathering(Connection):
    """A server that cannot make a stream yet, and then can."""

    def __init__(self, refusal: ApiError) -> None:
        self.answers: list[Answer | ApiError] = [refusal, {"state": {"last_seq": 0}}]

    async def request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        del subject, data, headers
        return self.answers.pop(0)


@pytest.mark.parametrize(
    "refusal",
    [
        ApiError(400, 10005, "no suitable peers for placement, peer offline"),
        ApiError(500, 10049, "error creating store for stream"),
    ],
)
async def test_what_a_server_lacks_for_a_moment_is_waited_for(refusal: ApiError) -> None:
    connection = Gathering(refusal)

    await Maker(connection, Broker(replicas=3), Names("a-run")).make_facts()

    assert connection.answers == []


class Storeless(Connection):
    """A server that has a last record, and does not answer to what comes behind it."""

    def __init__(self) -> None:
        self.last = 5

    async def request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        del data
        if headers is not None:
            raise Away(f"{subject}: timeout")
        return {"message": {"seq": self.last, "data": FACT}}


async def test_a_server_is_in_trouble_while_it_answers_and_stores_nothing() -> None:
    connection = Storeless()
    wire = NatsWire(connection, Broker(), "a-run")
    with pytest.raises(Away):
        await wire.give("node", b"record", 5)
    await wire.last("node")
    before = wire.health.trouble
    connection.last = 6  # what another process gave

    await wire.last("node")

    assert before is not None
    assert "a disk is full" in before.why
    assert wire.health.trouble is None


@asynccontextmanager
async def with_stream(name: str, subject: str) -> AsyncGenerator[NatsWire]:
    """Have a stream on a server that another process has made with other settings."""
    async with serve() as broker, connected(broker) as connection:
        config = {"name": name, "subjects": [subject], "max_msgs": 1000}
        await connection.ask(f"$JS.API.STREAM.CREATE.{name}", config)
        yield NatsWire(connection, broker, "a-run")


async def test_a_run_is_forgotten_where_farewells_have_other_settings() -> None:
    async with with_stream("tp_FAREWELL", "tp.FAREWELL.*") as wire:
        await wire.open((), b"opening")

        await wire.forget(b"farewell")

        assert await wire.farewell() == b"farewell"
        assert not await wire.is_there()


async def test_a_run_with_other_settings_is_one_that_is_there() -> None:
    async with with_stream("tp_a-run", "tp.a-run.fact.*") as wire:
        with pytest.raises(RunExists):
            await wire.open((), b"opening")


def half_remove(store: Path) -> None:
    """Let a server not remove the files of its streams.

    It moves the folder of a stream to a name with a dot, and where there is such a folder already,
    it leaves the files and says that it has removed the stream.
    """
    for folder in [*store.glob("jetstream/*/streams/*")]:
        (folder.with_name(f".{folder.name}") / "more").mkdir(parents=True)


def remove_the_rest(store: Path) -> None:
    for folder in store.glob("jetstream/*/streams/.*"):
        rmtree(folder)


@pytest.mark.parametrize("nodes", [[], ["node"]])
async def test_records_that_the_server_has_kept_are_not_part_of_the_next_run(
    tmp_path: Path, nodes: Sequence[str]
) -> None:
    streams = [Stream(node, 4, ()) for node in nodes]
    async with serve(tmp_path) as broker, connected(broker) as connection:
        impatient = NatsWire(connection, evolve(broker, patience=0.001), "a-run")
        await impatient.open(streams, b"of an earlier run")
        half_remove(tmp_path)
        await impatient.forget()

        with pytest.raises(Away, match="of an earlier run 'a-run'"):
            await impatient.open(streams, b"opening")
        remove_the_rest(tmp_path)
        wire = NatsWire(connection, broker, "a-run")
        await wire.open(streams, b"opening")

        assert [await wire.last(node) for node in nodes] == [Stored(1, b"opening")] * len(nodes)
        assert await wire.fact("drawing") is None


class Overtaken(Connection):
    """A connection of a process that another one overtakes when the last of a run is removed."""

    def __init__(
        self,
        connection: Connection,
        overtake: Callable[[], Awaitable[None]],
        *,
        loses_answer: bool = False,
    ) -> None:
        self._connection = connection
        self._overtake = overtake
        self._loses_answer = loses_answer

    async def request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        answer = await self._connection.request(subject, data, headers)
        if subject == "$JS.API.STREAM.DELETE.tp_a-run":
            await self._overtake()
            if self._loses_answer:
                raise Away(subject)
        return answer


async def test_to_forget_a_run_removes_nothing_of_the_next() -> None:
    streams = (Stream("node", 4, ()),)
    async with serve() as broker, connected(broker) as connection:
        quick = NatsWire(connection, broker, "a-run")
        await quick.open(streams, b"of an earlier run")
        overtaken = Overtaken(connection, partial(quick.open, streams, b"opening"))

        await NatsWire(overtaken, broker, "a-run").forget()

        assert await quick.last("node") == Stored(1, b"opening")


async def test_to_forget_a_run_again_removes_nothing_of_the_next() -> None:
    streams = (Stream("node", 4, ()),)
    async with serve() as broker, connected(broker) as connection:
        quick = NatsWire(connection, broker, "a-run")
        await quick.open(streams, b"of an earlier run")
        overtake = partial(quick.open, streams, b"opening")
        wire = NatsWire(Overtaken(connection, overtake, loses_answer=True), broker, "a-run")

        with pytest.raises(Away):
            await wire.forget()
        await wire.forget(b"farewell")

        assert await quick.last("node") == Stored(1, b"opening")
        assert await quick.farewell() is None


async def test_an_answer_that_is_not_expected_any_more_is_dropped() -> None:
    answers = Answers[str]("inbox")
    late, _ = answers.expect()
    subject, answer = answers.expect()
    answers.forget(late)

    answers.came(late, "late")
    answers.came(subject, "in time")
    answers.came(subject, "again")

    assert await answer == "in time"


class Late(Connection):
    """A connection of a process that opens a run while another one removes the last of it."""

    def __init__(self, connection: Connection, open_late: Callable[[], Awaitable[None]]) -> None:
        self._connection = connection
        self._open_late = open_late

    async def request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        if subject == "$JS.API.STREAM.DELETE.tp_a-run":
            with pytest.raises(RunExists):
                await self._open_late()
        return await self._connection.request(subject, data, headers)


async def test_who_comes_too_early_for_the_next_run_leaves_the_farewell_of_the_last() -> None:
    async with serve() as broker, connected(broker) as connection:
        early = NatsWire(connection, broker, "a-run")
        late = Late(connection, partial(early.open, (), b"opening"))
        wire = NatsWire(late, broker, "a-run")
        await wire.open((), b"opening")

        await wire.forget(b"farewell")

        assert await wire.farewell() == b"farewell"


async def test_each_run_of_a_name_says_how_many_servers_keep_it() -> None:
    async with serve() as broker, connected(broker) as connection:
        caller = NatsWire(connection, broker, "a-run")
        await caller.open((), b"opening")
        await caller.note("drawing", b"of one server")
        waiting = NatsWire(connection, broker, "a-run")
        await waiting.fact("drawing")
        before = waiting.most_on_the_way
        await caller.forget()
        await caller.open((), b"opening")
        of_three = msgpack.encode({"run": "next", "replicas": 3, "data": b"of three servers"})
        await connection.request("tp.a-run.fact.drawing", of_three)

        assert await waiting.fact("drawing") == b"of three servers"

        assert (before > 1, waiting.most_on_the_way) == (True, 1)


class Cancelling(Connection):
    """A connection of a process that is cancelled at one of its requests.

    Attributes:
        left: how many requests there are before that.
    """

    def __init__(self, connection: Connection, left: int) -> None:
        self.left = left
        self._connection = connection

    async def request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        answer = await self._connection.request(subject, data, headers)
        self.left -= 1
        if self.left == -1:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)
        return answer


async def test_a_run_whose_opening_is_cancelled_leaves_nothing() -> None:
    streams = (Stream("node", 4, (Reach("leg", "node", 1),)),)
    async with serve() as broker, connected(broker) as connection:
        for number in itertools.count():
            cancelling = Cancelling(connection, number)
            wire = NatsWire(cancelling, broker, "a-run")
            opening = asyncio.create_task(wire.open(streams, b"opening"))
            await asyncio.wait([opening])
            if cancelling.left >= 0:  # there were fewer requests
                await opening
                assert number > 5
                return

            assert opening.cancelled()
            left = await connection.ask("$JS.API.STREAM.NAMES", {"subject": "tp.a-run.>"})
            assert not isinstance(left, ApiError)
            assert left["total"] == 0
