"""The graph in typedpipes."""

from collections.abc import AsyncIterator

from benchmarks.miswirings.task import LINES
from typedpipes import Plumber, Processor, Source, run


async def read() -> AsyncIterator[str]:
    for line in LINES:
        yield line


async def measure(line: str) -> int:
    return len(line)


async def double(number: int) -> int:
    return number * 2


async def spell(number: int) -> str:
    return str(number)


async def show(pair: tuple[int, str]) -> str:
    number, text = pair
    return f"{number} {text}"


async def shout(text: str) -> str:
    return text.upper()


lines = Source(read)
measurer = Processor(measure)
doubler = Processor(double)
speller = Processor(spell)
shower = Processor(show)
shouter = Processor(shout)


def right() -> list[str]:
    plumber = Plumber()
    plumber.connect(lines).to(measurer).fan_out(doubler, speller)
    shown = plumber.zip(doubler, speller).to(shower).collect()
    run(plumber)
    return list(shown.items)


def mistake_1() -> None:
    Plumber().connect(lines).to(doubler)


def mistake_2() -> None:
    Plumber().connect(lines).to(measurer).to(shouter)


def mistake_3() -> None:
    Plumber().connect(lines).to(measurer).fan_out(doubler, shouter)


def mistake_4() -> None:
    Plumber().zip(speller, doubler).to(shower)


def mistake_5() -> None:
    Plumber().zip(doubler, speller, measurer).to(shower)


def mistake_6() -> None:
    Plumber().merge(measurer, speller).to(doubler)


def mistake_7() -> None:
    Plumber().zip(doubler, speller).to(shouter)
