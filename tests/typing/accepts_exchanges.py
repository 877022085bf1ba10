"""Exchanges, and the types of what is asked and replied."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from typing import assert_type

from tests.typing.stages import (
    judge,
    length,
    measured,
    measurer,
    plumber,
    repeater,
    reverser,
    screen,
    splitter,
)
from typedpipes import Exchange, Failure, Joint, Outlet, Plumber, Processor

Item = TypeVar("Item")


def words(texts: Joint[str]) -> Outlet[str]:
    return texts.to(splitter)


def with_length(texts: Joint[str]) -> Joint[tuple[str, int]]:
    texts.to(screen)
    return texts.zip(texts.to(measurer))


def or_failures(texts: Joint[str]) -> Joint[int | Failure[str]]:
    texts.to(measurer)
    return plumber.outcomes(measurer)


def repeated(texts: Joint[str]) -> Joint[str]:
    return with_length(texts).to(repeater)


def echo(items: Joint[Item]) -> Joint[Item]:
    return items


class Judges:
    """Draws on a plumber of its own."""

    def __init__(self, plumber: Plumber) -> None:
        self.exchange = plumber.exchange(self.draw, name="judges", maxsize=5, buffer=2)

    def draw(self, texts: Joint[str]) -> Joint[bool]:
        return texts.to(judge)


lengths = plumber.exchange(measured)
assert_type(lengths, Exchange[str, int])
assert_type(plumber.exchange(words), Exchange[str, str])
assert_type(plumber.exchange(with_length), Exchange[str, tuple[str, int]])
assert_type(plumber.exchange(or_failures), Exchange[str, int | Failure[str]])
assert_type(plumber.exchange(repeated, buffer=1), Exchange[str, str])
assert_type(Judges(plumber).exchange, Exchange[str, bool])

# A lambda does not say what it takes: the name that it is given to does.
reversed_texts: Exchange[str, str] = plumber.exchange(lambda texts: texts.to(reverser))
echoes: Exchange[int, int] = plumber.exchange(echo)

# What answers any text with an int also answers some with an object.
any_reply: Exchange[str, object] = lengths
lengths_of_anything: Exchange[str, float] = lengths


async def use() -> None:
    assert_type(await lengths.ask("a line"), int)
    assert_type(await plumber.exchange(with_length).ask("a line"), tuple[str, int])
    assert_type(lengths.stream("a line"), AsyncGenerator[int, None])
    async for number in lengths.stream("a line"):
        assert_type(number, int)
    async with aclosing(plumber.exchange(words).stream("a line")) as several:
        async for word in several:
            assert_type(word, str)
    assert_type(lengths.full(), bool)
    assert_type(lengths.closed, bool)
    assert_type(lengths.name, str)
    lengths.close()
    # What asks is a coroutine, so a processor may ask.
    assert_type(plumber.connect(Processor(lengths.ask)), Joint[int])
    assert_type(Processor(length), Processor[str, int])
