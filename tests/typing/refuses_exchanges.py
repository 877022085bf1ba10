"""Segments that are none, requests of another type, and replies that are taken for another."""

from tests.typing.stages import doubler, lines, measured, measurer, plumber, reverser, texts
from typedpipes import Exchange, Joint


def no_end(items: Joint[str]) -> None:
    items.to(texts)


def mismatched(items: Joint[str]) -> Joint[int]:
    return items.to(doubler)  # refused [arg-type]: it takes int


def to_text(items: Joint[int]) -> Joint[str]:
    return items.to(doubler)  # refused [arg-type]: it gives int


async def asynchronous(items: Joint[str]) -> Joint[int]:
    return items.to(measurer)


lengths = plumber.exchange(measured)

plumber.exchange(no_end)  # refused [arg-type]: it returns nothing
plumber.exchange(asynchronous)  # refused [arg-type]: a coroutine
plumber.exchange(reverser)  # refused [arg-type]: a processor is no segment
plumber.exchange(lines)  # refused [arg-type]: neither is a source
plumber.exchange()  # refused [call-arg]
plumber.exchange(measured, "lengths")  # refused [call-arg]: its name by keyword
plumber.exchange(measured, maxsize="5")  # refused [arg-type]
plumber.exchange(measured, buffer=2.5)  # refused [arg-type]

wrong: Exchange[int, int] = lengths  # refused [assignment]: it is asked with str
too_much: Exchange[str, bool] = lengths  # refused [assignment]: it replies with any int
lengths.name = "other"  # refused [misc]: read-only


async def use() -> None:
    await lengths.ask(5)  # refused [arg-type]: asks with int
    await lengths.ask("a", "b")  # refused [call-arg]: one item
    text: str = await lengths.ask("a")  # refused [assignment]: replies with int
    async for word in lengths.stream("a"):
        word.upper()  # refused [attr-defined]: replies with int
    for _ in lengths.stream("a"):  # refused [attr-defined]: it is asynchronous
        pass
    lengths.stream(b"a")  # refused [arg-type]: asks with bytes
    await lengths.full()  # refused [misc]: it is a bool
