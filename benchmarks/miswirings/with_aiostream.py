"""The graph in aiostream.

A stream that is used twice is read twice: that is its fork. A function for `amap` must
accept further arguments, as `amap` may be given several streams.
"""

import asyncio

from aiostream import Stream, stream

from benchmarks.miswirings.task import LINES


async def measure(line: str, *_: str) -> int:
    return len(line)


async def double(number: int, *_: int) -> int:
    return number * 2


async def spell(number: int, *_: int) -> str:
    return str(number)


async def show(pair: tuple[object, ...], *_: object) -> str:
    """Take tuples of anything: that is what `zip` gives."""
    number, text = pair
    return f"{number} {text}"


async def shout(text: str, *_: str) -> str:
    return text.upper()


def lines() -> Stream[str]:
    return stream.iterate(LINES)


def right() -> list[str]:
    measured = stream.amap(lines(), measure)
    doubled = stream.amap(measured, double)
    spelled = stream.amap(measured, spell)
    shown = stream.amap(stream.zip(doubled, spelled), show)
    return asyncio.run(collected(shown))


async def collected(shown: Stream[str]) -> list[str]:
    texts: list[str] = []
    async with shown.stream() as items:
        async for item in items:
            texts.append(item)  # noqa: PERF401  # made where checkers see that it is made
    return texts


def mistake_1() -> None:
    stream.amap(lines(), double)


def mistake_2() -> None:
    stream.amap(stream.amap(lines(), measure), shout)


def mistake_3() -> None:
    measured = stream.amap(lines(), measure)
    stream.amap(measured, double)
    stream.amap(measured, shout)


def mistake_4() -> None:
    measured = stream.amap(lines(), measure)
    doubled = stream.amap(measured, double)
    spelled = stream.amap(measured, spell)
    stream.amap(stream.zip(spelled, doubled), show)


def mistake_5() -> None:
    measured = stream.amap(lines(), measure)
    doubled = stream.amap(measured, double)
    spelled = stream.amap(measured, spell)
    stream.amap(stream.zip(doubled, spelled, measured), show)


def mistake_6() -> None:
    measured = stream.amap(lines(), measure)
    spelled = stream.amap(measured, spell)
    stream.amap(stream.merge(measured, spelled), double)


def mistake_7() -> None:
    measured = stream.amap(lines(), measure)
    doubled = stream.amap(measured, double)
    spelled = stream.amap(measured, spell)
    stream.amap(stream.zip(doubled, spelled), shout)
