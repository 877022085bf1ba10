"""The command line as a process of its own, and a module with graphs to try it on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 110  # seconds until a process that does not end is a failed test

GRAPHS = """\
import asyncio
from collections.abc import AsyncIterator
from typedpipes import Feed, Plumber, Processor, Sink, Source

async def words() -> AsyncIterator[str]:
    yield "one"
    yield "two"

async def length(word: str) -> int:
    return len(word)

async def divide(number: int) -> float:
    return number / 0

async def show(item: object) -> None:
    print(item)

def draw() -> Plumber:
    plumber = Plumber("words")
    plumber.connect(Source(words)).to(Processor(length)).to(Sink(show))
    return plumber

def failing() -> Plumber:
    plumber = Plumber("failing")
    plumber.connect(Source(words)).to(Processor(length)).to(Processor(divide)).to(Sink(show))
    return plumber

def endless() -> Plumber:
    plumber = Plumber("endless")
    feed = Feed[int]()
    for number in range(3):
        feed.put_nowait(number)
    plumber.connect(feed).to(Sink(show))
    return plumber

def stubborn() -> Plumber:
    async def wait(item: int) -> None:
        print("waiting", flush=True)
        await asyncio.sleep(3600)

    plumber = Plumber("stubborn")
    plumber.connect(Source([1])).to(Sink(wait))
    return plumber

class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError

def collecting() -> Plumber:
    plumber = Plumber("collecting")
    items = [1, 1j, "\\ud800", Unprintable()]
    numbers = plumber.connect(Source(items, name="numbers"))
    numbers.collect()
    numbers.only(int).collect(name="integers")
    return plumber

wrong = Plumber("wrong")
wrong.connect(Source(words)).to(Processor(length))
wrong.connect(Source(words, name="more")).to(Processor(divide))

def raises() -> Plumber:
    raise RuntimeError("no network")

def quits() -> Plumber:
    raise SystemExit(3)

number = 3
"""

DEFINITION = """\
name = "words"
nodes.words.coro = "words"
nodes.length.coro = "length"
nodes.show.coro = "show"
graph.words = ["length"]
graph.length = ["show"]
"""


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "typedpipes", *map(str, arguments)]


def environment(**more: str) -> Mapping[str, str]:
    """Return what holds for every process: this checkout, a terminal of 100 columns, no colours."""
    settings = {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    return {**os.environ, **settings, "PYTHONUNBUFFERED": "1", **more}


def typedpipes(
    *arguments: str | Path, folder: Path, given: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end, with a text as its standard input."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**variables),
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
