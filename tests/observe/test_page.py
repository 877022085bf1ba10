"""The page as a program sees it: streams of snapshots, and commands."""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
import threading
from contextlib import AsyncExitStack, closing

import pytest
from aiohttp import ClientError, ClientSession

from tests.observe.visiting import PATIENCE, Json, draw, events, snapshots, until, visiting
from typedpipes import (
    Feed,
    Gauges,
    PipelineFailed,
    Plumber,
    Processor,
    SettingError,
    Sink,
    Source,
    WiringErrors,
)
from typedpipes.observe import aiohttp_app, page
from typedpipes.observe.web import streams, watched
from typedpipes.observe.web.serving import Viewer
from typedpipes.show.live import draw_live


class Counting(Plumber):
    """Counts how often it is looked at."""

    looks = 0

    def gauges(self, *, within: float = 10.0) -> Gauges:
        self.looks += 1
        return super().gauges(within=within)


async def command(session: ClientSession, what: str, **details: object) -> int:
    origin = str(session._base_url).rstrip("/")
    async with session.post(what, json=details, headers={"Origin": origin}) as answer:
        return answer.status


async def wait(number: int) -> int:
    await asyncio.sleep(3600)
    return number


async def fail(number: int) -> int:
    raise ValueError(f"secret {number}")


async def ignore(number: int) -> None: ...


# What is seen


async def test_a_page_is_told_of_the_graph_then_of_the_run_then_of_what_changes() -> None:
    plumber, feed = draw()
    async with (
        plumber.running(),
        page(plumber) as viewer,
        visiting(viewer) as session,
        session.get("/stream") as stream,
    ):
        told = events(stream)
        first, about = await anext(told)
        second, whole = await anext(told)
        await feed.put(1)
        while (change := await anext(told))[1].get("nodes", {}).get("double") is None:
            pass

    assert (first, second, change[0]) == ("about", "snapshot", "change")
    assert about["plumbers"] == ["numbers"]
    assert not about["control"]
    assert about["drawing"].startswith("<svg")
    assert about["nodes"]["double"] == {
        "settings": {"calls": "double", "workers": "1", "timeout": "none"},
        "pausable": True,
    }
    assert [*whole["nodes"]] == ["feed", "double", "ignore"]
    assert whole["state"] == "running"
    assert change[1]["nodes"]["double"]["completed"] == 1
    assert "kind" not in change[1]["nodes"]["double"]


async def test_nothing_is_looked_at_while_no_page_is_open() -> None:
    plumber = Counting("numbers")
    plumber.connect(Source(range(1000))).to(Sink(ignore))
    async with page(plumber) as viewer:
        await plumber.run()
        before = plumber.looks
        async with visiting(viewer) as session, session.get("/stream") as stream:
            await until(snapshots(stream), state="finished")

    assert before == 0
    assert plumber.looks > 0


async def test_pages_that_are_open_at_once_share_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "EVERY", 3600)
    plumber = Counting("numbers")
    plumber.connect(Feed[int]()).to(Sink(ignore))
    async with (
        plumber.running(),
        page(plumber) as viewer,
        visiting(viewer) as session,
        AsyncExitStack() as stack,
    ):
        for _ in range(10):
            stream = await stack.enter_async_context(session.get("/stream"))
            await until(snapshots(stream), state="running")
        looks = plumber.looks

    assert looks == 1


async def test_a_page_sees_what_comes_before_and_after_a_run_and_the_next_one() -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source([1, 2, 3], name="numbers")).to(Sink(ignore))
    async with page(plumber) as viewer, visiting(viewer) as session:
        async with session.get("/stream") as stream:
            told = snapshots(stream)
            await until(told, state="not begun")
            await plumber.run()
            first = await until(told, state="finished")
        await plumber.run()
        async with session.get("/stream") as stream:
            second = await until(snapshots(stream), run=plumber.gauges().began)

    assert first["nodes"]["ignore"]["completed"] == second["nodes"]["ignore"]["completed"] == 3
    assert first["run"] < second["run"]


async def test_what_is_drawn_later_is_shown_when_it_runs() -> None:
    plumber = Plumber("numbers")
    numbers = plumber.connect(Source([1, 2, 3], name="numbers"))
    numbers.to(Sink(ignore, name="first"))
    async with (
        page(plumber) as viewer,
        visiting(viewer) as session,
        session.get("/stream") as stream,
    ):
        told = events(stream)
        before = [await anext(told), await anext(told)]
        numbers.to(Sink(ignore, name="second"))
        await plumber.run()
        after: list[tuple[str, Json]] = []
        while [name for name, _ in after[-2:]] != ["about", "snapshot"]:
            after.append(await anext(told))

    assert "second" not in before[0][1]["nodes"]
    assert "second" in after[-2][1]["nodes"]
    assert [*after[-1][1]["nodes"]] == ["numbers", "first", "second"]


async def test_several_plumbers_have_a_page_each() -> None:
    one, _ = draw("one")
    other, _ = draw("other")
    async with page(one, other) as viewer, visiting(viewer) as session:
        async with session.get("/stream?of=1") as stream:
            known = await until(snapshots(stream), state="not begun")
        for wrong in ("2", "-1", "one", ""):
            async with session.get(f"/stream?of={wrong}") as answer:
                assert answer.status == 404

    assert known["plumber"] == "other"


async def test_a_run_in_another_thread_is_seen_too() -> None:
    plumber, feed = draw()
    begun = threading.Event()

    async def run() -> None:
        async with plumber.running():
            await feed.put(1)
            begun.set()
            await plumber.ended()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    await asyncio.to_thread(begun.wait, PATIENCE)
    async with (
        page(plumber, control=True) as viewer,
        visiting(viewer) as session,
        session.get("/stream") as stream,
    ):
        told = snapshots(stream)
        await until(told, state="running")
        assert await command(session, "/abort") == 204
        last = await until(told, state="aborted")
    await asyncio.to_thread(thread.join, PATIENCE)

    assert last["nodes"]["double"]["completed"] == 1


# Failures


async def fails(plumber: Plumber) -> None:
    with pytest.raises(PipelineFailed):
        await plumber.run()


@pytest.mark.parametrize(
    ("items", "why"),
    [(False, "'fail' failed: ValueError"), (True, "'fail' failed on 7: ValueError('secret 7')")],
)
async def test_a_page_says_why_a_run_has_failed_with_the_item_only_if_asked(
    items: bool, why: str
) -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source([7])).to(Processor(fail)).to(Sink(ignore))
    async with page(plumber, items=items) as viewer, visiting(viewer) as session:
        await fails(plumber)
        async with session.get("/stream") as stream:
            known = await until(snapshots(stream), state="failed", errors=[why])

    assert known["nodes"]["fail"]["raised"] == {"ValueError": 1}


async def test_items_and_texts_of_errors_are_sent_only_if_that_is_asked_for() -> None:
    said: dict[bool, str] = {}
    for items in (False, True):
        plumber = Plumber("numbers")
        failing = Processor(fail)
        plumber.connect(Source([7])).to(failing).to(Sink(ignore))
        plumber.failures(failing).to(Sink(ignore_failure))
        async with page(plumber, items=items) as viewer, visiting(viewer) as session:
            await plumber.run()
            async with session.get("/stream") as stream:
                told = events(stream)
                said[items] = repr([await anext(told) for _ in range(3 if items else 2)])

    assert "secret" not in said[False]
    assert "'item': '7'" in said[True]
    assert "'message': 'secret 7'" in said[True]


async def ignore_failure(failure: object) -> None: ...


# Commands


async def test_a_page_pauses_one_node_and_lets_it_go_on() -> None:
    plumber, feed = draw()
    async with (
        plumber.running(),
        page(plumber, control=True) as viewer,
        visiting(viewer) as session,
        session.get("/stream") as stream,
    ):
        assert await command(session, "/pause", nodes=["double"]) == 204
        await feed.put(1)
        told = snapshots(stream)
        held = await until(told, verdict="'double' is paused: resume what is to go on")
        assert await command(session, "/resume") == 204
        async for known in told:
            if known.get("nodes", {}).get("ignore", {}).get("completed") == 1:
                break

    assert held["nodes"]["double"]["state"] == "paused"
    assert held["nodes"]["double"]["completed"] == 0


@pytest.mark.parametrize(("what", "ending"), [("/drain", "drained"), ("/abort", "aborted")])
async def test_a_page_ends_a_run_and_shows_that_it_did(what: str, ending: str) -> None:
    plumber, _ = draw()
    async with page(plumber, control=True) as viewer:
        running = asyncio.create_task(plumber.run())
        async with visiting(viewer) as session, session.get("/stream") as stream:
            told = snapshots(stream)
            await until(told, state="running")
            assert await command(session, what) == 204
            last = await until(told, state=ending)
            again = await command(session, what)
        report = await running

    assert last["dooms"] == [{"mode": what[1:], "reason": "from the page"}]
    assert report.dooms[0].reason == "from the page"
    assert again == 409


async def test_a_run_that_has_not_begun_cannot_be_ended_from_a_page() -> None:
    plumber = Plumber("numbers")
    plumber.connect(Source([1, 2])).to(Sink(ignore))
    async with page(plumber, control=True) as viewer, visiting(viewer) as session:
        assert await command(session, "/abort") == 409
        report = await plumber.run()

    assert report.ending == "finished"


# Limits


async def test_there_are_twenty_streams_at_most_and_one_that_ends_makes_room() -> None:
    plumber, feed = draw()
    async with plumber.running(), page(plumber) as viewer, visiting(viewer) as session:
        async with AsyncExitStack() as stack:
            for _ in range(20):
                opened = await stack.enter_async_context(session.get("/stream"))
                assert opened.status == 200
            async with session.get("/stream") as answer:
                refused = answer.status
                told = await answer.text()
        async with asyncio.timeout(PATIENCE):
            while True:  # until it is seen that they have gone
                await feed.put(1)
                async with session.get("/stream") as answer:
                    if answer.status == 200:
                        break

    assert (refused, told) == (503, "20 pages are open: close one\n")


async def test_a_page_that_does_not_read_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    plumber = Plumber("numbers")
    joint = plumber.connect(Source([1]))
    for number in range(400):  # so that the drawing is more than buffers hold
        joint = joint.to(Processor(wait, name=f"{number} {'x' * 600}"))
    joint.to(Sink(ignore))
    dropped = asyncio.Event()
    send = streams.Line.send

    async def watched_send(line: streams.Line, message: bytes) -> None:
        try:
            await send(line, message)
        except TimeoutError:
            dropped.set()
            raise

    monkeypatch.setattr(streams, "PATIENCE", 0.1)
    monkeypatch.setattr(streams.Line, "send", watched_send)
    async with plumber.running(), page(plumber) as viewer:
        with closing(socket.socket()) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(line, ("127.0.0.1", viewer.port))
            await loop.sock_sendall(line, request(viewer))
            received = 0
            async with asyncio.timeout(PATIENCE):
                await dropped.wait()
                while piece := await loop.sock_recv(line, 1 << 20):  # until it is closed
                    received += len(piece)
        plumber.abort()

    assert received < len(draw_live(plumber.blueprint()))


def request(viewer: Viewer) -> bytes:
    return (
        f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1:{viewer.port}\r\n"
        f"Authorization: Bearer {viewer.token}\r\n\r\n"
    ).encode()


# The end


async def test_at_the_end_pages_get_the_last_numbers_and_nothing_listens_any_more() -> None:
    plumber, feed = draw()
    async with plumber.running(), AsyncExitStack() as stack:
        viewer = await stack.enter_async_context(page(plumber))
        async with visiting(viewer) as session, session.get("/stream") as stream:
            told = events(stream)
            await anext(told)
            for number in range(10):
                await feed.put(number)
            plumber.drain()
            await plumber.ended()
            closing_it = asyncio.create_task(stack.aclose())
            last = [event async for event in told][-2:]
            await closing_it

    assert [name for name, _ in last] == ["change", "closed"]
    assert last[0][1]["state"] == "drained"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", viewer.port), timeout=5)


async def test_a_page_lingers_after_the_block_if_that_is_asked_for() -> None:
    plumber, _ = draw()
    stack = AsyncExitStack()
    viewer = await stack.enter_async_context(page(plumber, linger=3600))
    leaving = asyncio.create_task(stack.aclose())
    async with visiting(viewer) as session:
        async with session.get("/") as answer:
            assert answer.status == 200
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        with pytest.raises(ClientError):
            await session.get("/")


async def test_a_page_is_gone_when_its_block_raises_or_is_cancelled() -> None:
    ports: list[int] = []
    there = asyncio.Event()

    async def stay(seconds: float) -> None:
        plumber, _ = draw()
        async with page(plumber) as viewer:
            ports.append(viewer.port)
            if seconds:
                there.set()
            await asyncio.sleep(seconds)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stay(0)
    staying = asyncio.create_task(stay(3600))
    await there.wait()
    staying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await staying

    for port in ports:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=5)


# What is asked for wrongly


def test_a_page_of_nothing_or_of_a_wrong_drawing_is_refused() -> None:
    wrong = Plumber("wrong")
    wrong.connect(Source([1])).to(Processor(wait, name="a"))

    with pytest.raises(SettingError, match="a page needs a plumber"):
        page()
    with pytest.raises(SettingError, match="a page needs a plumber"):
        aiohttp_app()
    with pytest.raises(WiringErrors):
        page(wrong)


@pytest.mark.parametrize("port", [-1, 65536, True])
def test_a_port_that_there_is_not_is_refused(port: int) -> None:
    plumber, _ = draw()

    with pytest.raises(SettingError, match="must be from 0 to 65535, not"):
        page(plumber, port=port)


@pytest.mark.parametrize("linger", [-1.0, float("nan")])
def test_a_page_does_not_linger_for_less_than_no_time(linger: float) -> None:
    plumber, _ = draw()

    with pytest.raises(SettingError, match="linger must be a number of seconds"):
        page(plumber, linger=linger)


async def test_a_port_that_is_taken_is_told() -> None:
    plumber, _ = draw()
    async with page(plumber) as viewer:
        with pytest.raises(SettingError, match=r"cannot listen at .* Take another port, or 0"):
            async with page(plumber, port=viewer.port):
                pass


@pytest.fixture
def without_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith("typedpipes.observe.web") or name.partition(".")[0] == "aiohttp":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiohttp", None)


@pytest.mark.usefixtures("without_aiohttp")
def test_without_aiohttp_it_says_what_to_install() -> None:
    plumber, _ = draw()
    expected = r"typedpipes.observe.page needs aiohttp: pip install 'typedpipes\[page\]'"

    with pytest.raises(ImportError, match=expected):
        page(plumber)
    with pytest.raises(ImportError, match=expected):
        aiohttp_app(plumber)
    importlib.import_module("typedpipes.observe.snapshot")
