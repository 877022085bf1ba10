"""Those who talk to the server: over Socket.IO as the demo does, over a WebSocket as the page."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol, TypeAlias, TypeVar

import aiohttp
import msgspec

from demos.web.conversation import HungUp, conversation
from demos.web.protocol import AnyMessage, Ended, Request, Result, Run, Taken

M = TypeVar("M")


class Visitor(Protocol):
    """A client of the server. What it has heard counts as read."""

    async def ask(self, request: Request) -> None: ...
    async def send(self, event: str, data: object = None) -> None: ...
    async def hear(self) -> AnyMessage: ...


Connect: TypeAlias = Callable[[str], AbstractAsyncContextManager[Visitor]]


class WebSocketVisitor:
    """A client over a plain WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._taken = 0

    async def ask(self, request: Request) -> None:
        await self.socket.send_str(msgspec.json.encode(request).decode())

    async def send(self, event: str, data: object = None) -> None:
        await self.socket.send_json({"event": event, **({} if data is None else {"data": data})})

    async def hear(self) -> AnyMessage:
        said = await self.socket.receive()
        if said.type is not aiohttp.WSMsgType.TEXT:
            raise HungUp(f"{said.type!r}: {said.data}")
        self._taken += 1
        with suppress(ConnectionError):  # it may have hung up, and there is more to hear
            await self.ask(Taken(self._taken))
        message: AnyMessage = msgspec.convert(json.loads(said.data), AnyMessage)
        return message


@asynccontextmanager
async def websocket(url: str) -> AsyncGenerator[WebSocketVisitor]:
    """Connect to the server over a WebSocket."""
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/ws") as socket:
        yield WebSocketVisitor(socket)


OVER: Mapping[str, Connect] = {"Socket.IO": conversation, "WebSocket": websocket}


async def hear_until(visitor: Visitor, kind: type[M]) -> M:
    """Hear messages up to the first of a kind."""
    while True:
        message = await visitor.hear()
        if isinstance(message, kind):
            return message


async def hear_all(visitor: Visitor, *heard: Result) -> tuple[list[str | int], Ended]:
    """Hear all results up to the end of the run; some may have been heard before."""
    values = [result.value for result in heard]
    while True:
        match await visitor.hear():
            case Result(number, value):
                assert number == len(values) + 1
                values.append(value)
            case Ended() as ended:
                return values, ended
            case _:
                pass


async def run(
    visitor: Visitor, definition: str | dict[str, object]
) -> tuple[list[str | int], Ended]:
    """Have a definition run, and hear everything about it."""
    await visitor.ask(Run(definition))
    return await hear_all(visitor)


def endless(every: float = 0.0, buffer: int = 10) -> dict[str, object]:
    """Define a graph that counts for ever."""
    return {
        "nodes": {
            "inp": {"coro": "numbers", "args": {"every": every}},
            "square": {"coro": "square", "buffer": buffer},
            "out": {"coro": "emit", "buffer": buffer},
        },
        "graph": {"inp": ["square"], "square": ["out"]},
    }


def stuck() -> dict[str, object]:
    """Define a graph that gives one result at once, and has another in hand for long."""
    return {
        "nodes": {
            "inp": {"coro": "strings", "args": {"strings": ["x"]}},
            "slow": {"coro": "slowly", "args": {"seconds": 10}},
            "out": {"coro": "emit", "aggregate_inputs": False},
        },
        "graph": {"inp": ["slow", "out"], "slow": ["out"]},
    }
