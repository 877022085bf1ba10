"""The coroutines and stages that the typing files wire, rightly and wrongly.

Nothing here is ever run, nor in this folder but in `accepts_what_runs.py` and
`accepts_of_the_library.py`: type checkers
read it.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext

from attrs import frozen

from typedpipes import (
    Doom,
    DoomsdayQueue,
    Failure,
    Feed,
    InputQueue,
    InputRig,
    Joint,
    OutputQueue,
    Plumber,
    Processor,
    Report,
    Sink,
    Source,
)


# Coroutines for sources, processors and sinks.
async def read_lines() -> AsyncIterator[str]:
    yield "a line"


async def fill(queue: OutputQueue[str]) -> None:
    await queue.put("a line")


async def reverse(text: str) -> str:
    return text[::-1]


async def length(text: str) -> int:
    return len(text)


async def double(number: int) -> int:
    return number * 2


async def half(number: float) -> float:
    return number / 2


async def split(text: str) -> AsyncIterator[str]:
    for word in text.split():
        yield word


async def repeat(pair: tuple[str, int]) -> str:
    text, times = pair
    return text * times


async def is_long(text: str) -> bool:
    return len(text) > 80


async def scale(number: int, factor: float) -> float:
    return number * factor


async def clip(text: str, *, width: int, mark: str = "...") -> str:
    return text[:width] + mark


async def show(item: object) -> None:
    print(item)


async def store_text(text: str) -> None: ...


async def store_number(number: int) -> None: ...


async def mourn(failure: Failure[str]) -> None: ...


def plain_length(text: str) -> int:
    return len(text)


def dictionary() -> AbstractContextManager[dict[str, int]]:
    return nullcontext({"a line": 6})


def look_up(text: str, book: dict[str, int]) -> int:
    return book[text]


# Cleanup coroutines.
async def save_texts(queue: InputQueue[str]) -> None: ...


async def save_numbers(queue: InputQueue[int]) -> None: ...


async def send_texts(queue: OutputQueue[str]) -> None: ...


async def send_numbers(queue: OutputQueue[int]) -> None: ...


async def last_words(queue: DoomsdayQueue[Doom]) -> None: ...


# A doom that carries more.
@frozen
class Fire(Doom):
    floor: int = 0


# Tests and segments.
def not_empty(text: str) -> bool:
    return text != ""


def is_even(number: int) -> bool:
    return number % 2 == 0


def measured(texts: Joint[str]) -> Joint[int]:
    return texts.to(Processor(reverse)).to(Processor(length))


# Stages.
lines = Source(read_lines)
numbers = Source([1, 2, 3])
rig = InputRig(fill)
feed = Feed[str]()
reverser = Processor(reverse)
measurer = Processor(length)
doubler = Processor(double)
halver = Processor(half)
splitter = Processor(split)
repeater = Processor(repeat)
judge = Processor(is_long)
screen = Sink(show)
texts = Sink(store_text)
totals = Sink(store_number)
mourner = Sink(mourn)

plumber = Plumber("typing")


async def a_report() -> Report:
    return await plumber.run()
