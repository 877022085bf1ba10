"""Definitions name coroutine functions that were passed a resource as they name others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.opening import Record
from typedpipes import DefinitionErrors, OutputQueue, Plumber
from typedpipes.definition import write

DEFINITION = """
[nodes]
rows = { coro = "rows" }
puts = { coro = "puts" }
joined = { coro = "joined", args = { mark = "!" }, workers = 2, aggregate_inputs = false }
[graph]
rows = ["joined"]
puts = ["joined"]
"""


async def rows(name: str) -> AsyncIterator[int]:
    yield 1


async def put(queue: OutputQueue[int], name: str) -> None:
    await queue.put(2)


async def join(number: int, name: str, mark: str) -> str:
    return f"{number} with {name}{mark}"


async def measure(text: str, name: str) -> int:
    return len(text)


async def test_a_run_opens_what_the_coroutines_need_that_it_names() -> None:
    record = Record()
    resource = record.of_run("a")
    coroutines = {
        "rows": resource.into_first(rows),
        "puts": resource.into(put),
        "joined": record.of_worker("b").into(join),
    }
    plumber = Plumber.from_definition(DEFINITION, coroutines=coroutines)

    report = await plumber.run()

    assert {*report.collected["joined"]} <= {
        f"{number} with b {worker}!" for number in (1, 2) for worker in (1, 2)
    }
    assert len(report.collected["joined"]) == 2
    assert record.events[0] == "open a 1"
    assert record.events[-1] == "close a 1"


def test_types_are_compared_without_the_resource() -> None:
    coroutines = {
        "rows": Record().of_run("a").into_first(rows),
        "measured": Record().of_run("a").into(measure),
    }
    definition = {
        "nodes": {"rows": {"coro": "rows"}, "measured": {"coro": "measured"}},
        "graph": {"rows": "measured"},
    }

    with pytest.raises(DefinitionErrors, match="rows gives int, measured takes str"):
        Plumber.from_definition(definition, coroutines=coroutines)


def test_an_argument_in_place_of_the_resource_is_refused() -> None:
    coroutines = {
        "rows": Record().of_run("a").into_first(rows),
        "joined": Record().of_run("a").into(join),
    }
    definition = {
        "nodes": {
            "rows": {"coro": "rows"},
            "joined": {"coro": "joined", "args": {"mark": "!", "name": "mine"}},
        },
        "graph": {"rows": "joined"},
    }

    with pytest.raises(DefinitionErrors, match=r"nodes\.joined\.args\.name"):
        Plumber.from_definition(definition, coroutines=coroutines)


def test_it_is_written_back_under_its_name() -> None:
    resource = Record().of_run("a")
    coroutines = {
        "rows": resource.into_first(rows),
        "puts": resource.into(put),
        "joined": resource.into(join),
    }
    plumber = Plumber.from_definition(DEFINITION, coroutines=coroutines)

    again = write(plumber.blueprint(), coroutines)

    assert again == write(
        Plumber.from_definition(again, coroutines=coroutines).blueprint(), coroutines
    )
    assert again["nodes"] == {
        "rows": {"coro": "rows"},
        "puts": {"coro": "puts"},
        "joined": {
            "coro": "joined",
            "args": {"mark": "!"},
            "aggregate_inputs": False,
            "workers": 2,
        },
    }
