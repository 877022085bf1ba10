"""Graphs are drawn in a process of their own: whatever it does, the server goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from demos.web.client import definition
from demos.web.conversation import conversation
from demos.web.drawing_process import DrawingProcess
from demos.web.limits import Limits
from demos.web.protocol import Cancel, Check, Checked, Mistake, Refused, Run, Started, Wrong
from tests.web.servers import has_proc, serving
from tests.web.visitors import Connect, endless, hear_until, run

pytestmark = has_proc
RIGHT = definition(["x"])


def wrong(coro: str) -> str:
    return f'[nodes.a]\ncoro = "{coro}"\n'


def everything(count: int) -> dict[str, object]:
    """Define a graph in which every node gives to all that come after it."""
    names = [f"n{number}" for number in range(count)]
    nodes: dict[str, object] = {
        name: {"coro": "reverse", "aggregate_inputs": False, "buffer": 1} for name in names
    }
    nodes[names[0]] = {"coro": "strings", "args": {"strings": ["x"]}}
    nodes[names[-1]] = {"coro": "emit", "aggregate_inputs": False, "buffer": 1}
    return {"nodes": nodes, "graph": {n: names[place + 1 :] for place, n in enumerate(names)}}


async def test_the_server_answers_others_while_it_draws(connect: Connect) -> None:
    with serving() as server:
        async with connect(server.url) as draws, connect(server.url) as runs:
            await runs.ask(Run(endless(every=0.01)))
            await hear_until(runs, Started)
            with server.not_drawing():
                await draws.ask(Check(everything(20)))
                status = await asyncio.to_thread(server.status)
                await runs.ask(Cancel())
                await runs.ask(Cancel())
            checked = await hear_until(draws, Checked)

    assert status.clients == 2
    assert checked.svg.count('class="edge"') == 190 + 18


async def test_of_many_checks_only_the_newest_is_answered(connect: Connect) -> None:
    with serving() as server:
        async with connect(server.url) as visitor:
            await visitor.hear()
            with server.not_drawing():
                for coro in ("first", "second", "third", "fourth", "last"):
                    await visitor.ask(Check(wrong(coro)))
                await visitor.ask(Cancel())
                refused = await visitor.hear()  # so all checks have arrived
            answer = await visitor.hear()
            await visitor.ask(Cancel())
            after = await visitor.hear()

    assert isinstance(refused, Refused)
    assert isinstance(answer, Wrong)
    assert "'last' is not offered" in answer.mistakes[0].what
    assert isinstance(after, Refused)


async def test_a_client_that_leaves_takes_its_check_with_it(connect: Connect) -> None:
    with serving() as server:
        async with connect(server.url) as stays:
            child = server.child()
            with server.not_drawing():
                async with connect(server.url) as leaves:
                    await leaves.ask(Check(wrong("another")))
                    await leaves.ask(Cancel())
                    await hear_until(leaves, Refused)
                await stays.ask(Check(RIGHT))
            await stays.hear()
            checked = await stays.hear()

            assert server.child() == child

    assert isinstance(checked, Checked)
    assert "Traceback" not in server.printed


async def test_a_run_that_is_drawn_while_its_client_leaves_does_not_begin() -> None:
    with serving() as server:
        async with conversation(server.url) as stays:
            with server.not_drawing():
                async with conversation(server.url) as leaves:
                    await leaves.hear()
                    await leaves.ask(Run(endless()))
                await asyncio.to_thread(server.line_with, "a client went")
            values, _ = await run(stays, RIGHT)
            await asyncio.to_thread(server.line_with, "run 1 ended by itself")

    assert len(values) == 2
    assert "run 2" not in server.printed


async def test_a_drawing_process_that_dies_is_replaced(connect: Connect) -> None:
    with serving() as server:
        async with connect(server.url) as visitor:
            await visitor.hear()
            with server.not_drawing():
                await visitor.ask(Check(RIGHT))
                await visitor.ask(Cancel())
                await hear_until(visitor, Refused)
                child = server.child()
                os.kill(child, signal.SIGKILL)
                answer = await visitor.hear()
            await visitor.ask(Check(RIGHT))
            checked = await visitor.hear()

    assert isinstance(answer, Wrong)
    assert answer.mistakes[0].what.endswith("the process for that has ended. Try again.")
    assert isinstance(checked, Checked)
    assert "Traceback" not in server.printed


async def test_what_was_asked_of_a_process_that_died_is_not_waited_for() -> None:
    drawing = DrawingProcess(Limits())
    process = await drawing.start()
    process.send_signal(signal.SIGSTOP)
    asking = asyncio.create_task(drawing.check(RIGHT))
    await asyncio.sleep(0)  # it has asked
    asking.cancel()
    process.kill()
    await process.wait()

    answer = await drawing.check(wrong("after"))
    await drawing.stop()

    assert isinstance(answer, Wrong)
    assert "'after' is not offered" in answer.mistakes[0].what


async def test_what_takes_too_long_to_draw_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = DrawingProcess(Limits())
    process = await drawing.start()
    process.send_signal(signal.SIGSTOP)
    monkeypatch.setattr("demos.web.drawing_process.PATIENCE", 0)

    answer = await drawing.check(RIGHT)

    assert answer == Wrong([Mistake("it takes too long to draw. Leave something out.", "", None)])
    assert process.returncode == -signal.SIGKILL


def test_the_drawing_process_ends_with_its_server() -> None:
    with serving() as server:
        server.line_with("http://")
        child = Path(f"/proc/{server.child()}/cmdline")
        server.process.kill()
    # It holds the output of the server, whose end the block has waited for.

    assert not child.exists() or not child.read_bytes()
