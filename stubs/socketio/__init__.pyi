# What the demos use of python-socketio, which has no types of its own.

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias, overload

from aiohttp import web
from socketio import exceptions as exceptions
from socketio.packet import Packet

_Data: TypeAlias = object
"""What JSON has a form for; a tuple is sent as several arguments."""

class _Said(Protocol):
    def __call__(self, sid: str, /, *data: object) -> Awaitable[object]: ...

class _EngineIO:
    sockets: Mapping[str, object]

class AsyncServer:
    eio: _EngineIO
    def __init__(
        self,
        *,
        async_mode: Literal["aiohttp"],
        async_handlers: bool = True,
        always_connect: bool = False,
        cors_allowed_origins: Sequence[str],
        engineio_logger: logging.Logger,
        max_http_buffer_size: int = 1_000_000,
        serializer: type[Packet],
        ping_interval: float = 25,
        ping_timeout: float = 20,
    ) -> None: ...
    def attach(self, app: web.Application, socketio_path: str = "socket.io") -> None: ...

    # What a handler gets depends on its event.
    @overload
    def on(
        self,
        event: Literal["connect"],
        handler: Callable[[str, Mapping[str, object], object], Awaitable[bool | None]],
    ) -> None: ...
    @overload
    def on(
        self, event: Literal["disconnect"], handler: Callable[[str, str], Awaitable[None]]
    ) -> None: ...
    @overload
    def on(self, event: str, handler: _Said) -> None: ...
    async def emit(self, event: str, data: _Data = None, *, to: str) -> None: ...
    async def disconnect(self, sid: str) -> None: ...
    async def shutdown(self) -> None: ...

class _ClientCatchAll(Protocol):
    def __call__(self, event: str, /, *data: object) -> None: ...

class AsyncClient:
    connected: bool
    def __init__(
        self,
        *,
        reconnection: bool = True,
        handle_sigint: bool = True,
    ) -> None: ...
    @overload
    def on(self, event: Literal["disconnect"], handler: Callable[[str], object]) -> None: ...
    @overload
    def on(self, event: Literal["*"], handler: _ClientCatchAll) -> None: ...
    async def connect(
        self,
        url: str,
        *,
        wait_timeout: float = 1,
    ) -> None: ...
    async def emit(self, event: str, data: _Data = None) -> None: ...
    async def shutdown(self) -> None: ...
