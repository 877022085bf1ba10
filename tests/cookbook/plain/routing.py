# routing.py, in plain asyncio
import asyncio
from collections.abc import Iterable

import msgspec


class Order(msgspec.Struct, tag=True):
    number: int
    amount: int


class Refund(msgspec.Struct, tag=True):
    number: int


class Note(msgspec.Struct, tag=True):
    text: str


def parse(line: str) -> Order | Refund | Note:
    return msgspec.json.decode(line, type=Order | Refund | Note)


async def bill(order: Order) -> str:
    if order.amount <= 0:
        raise ValueError("nothing to pay")
    await asyncio.sleep(0.002)  # stands for a request
    return f"{order.number} costs {order.amount}"


async def pay_back(refund: Refund) -> str:
    await asyncio.sleep(0.001)
    return f"{refund.number} is paid back"


async def file(note: Note) -> str:
    return f"filed {note.text!r}"


async def route(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the answers, and what was wrong with the other messages."""
    orders, refunds, notes = asyncio.Semaphore(10), asyncio.Semaphore(2), asyncio.Semaphore(1)
    begun = asyncio.Queue[asyncio.Task[str] | None](maxsize=100)
    answers: list[str] = []
    failed: list[str] = []

    async def answer(line: str) -> str:
        match parse(line):
            case Order() as order:
                async with orders:
                    return await bill(order)
            case Refund() as refund:
                async with refunds:
                    return await pay_back(refund)
            case Note() as note:
                async with notes:
                    return await file(note)

    async def begin() -> None:
        for line in lines:
            await begun.put(asyncio.create_task(answer(line)))
        await begun.put(None)

    async with asyncio.TaskGroup() as group:
        group.create_task(begin())
        while task := await begun.get():
            try:
                answers.append(await task)
            except Exception as error:  # noqa: BLE001  # whatever it is, other messages go on
                failed.append(str(error))
    return answers, failed
