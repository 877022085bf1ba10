# What the demos use of python-socketio, which has no types of its own.

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, TypeAlias, TypeVar, overload

from aiohttp import ClientSession, web
from socketio import exceptions as exceptions

_Connect = TypeVar(
    "_Connect", bound=Callable[[str, Mapping[str, object], object], Awaitable[bool | None]]
)
_Disconnect = TypeVar("_Disconnect", bound=Callable[[str, str], Awaitable[None]])
_CatchAll = TypeVar("_CatchAll", bound=Callable[..., Awaitable[object]])

_Data: TypeAlias = object
"""What JSON has a form for; a tuple is sent as several arguments."""

_Transport: TypeAlias = Literal["polling", "websocket"]

class AsyncServer:
    def __init__(
        self,
        *,
        async_mode: Literal["aiohttp", "asgi"] = ...,
        async_handlers: bool = True,
        always_connect: bool = False,
        ping_interval: float = 25,
        ping_timeout: float = 20,
        max_http_buffer_size: int = 1_000_000,
    ) -> None: ...
    def attach(self, app: web.Application, socketio_path: str = "socket.io") -> None: ...

    # The handlers of these two are known by their names, so they are told apart by
    # what they take: a client that comes has an environment, one that goes a reason.
    @overload
    def event(self, handler: _Connect) -> _Connect: ...
    @overload
    def event(self, handler: _Disconnect) -> _Disconnect: ...
    # A handler of all other events gets the event, the client and whatever data came.
    def on(self, event: Literal["*"]) -> Callable[[_CatchAll], _CatchAll]: ...
    async def emit(self, event: str, data: _Data = None, *, to: str) -> None: ...
    async def disconnect(self, sid: str) -> None: ...
    async def shutdown(self) -> None: ...

class AsyncClient:
    connected: bool
    def __init__(
        self,
        *,
        reconnection: bool = True,
        handle_sigint: bool = True,
        http_session: ClientSession | None = None,
    ) -> None: ...
    @overload
    def on(self, event: Literal["disconnect"], handler: Callable[[str], object]) -> None: ...
    @overload
    def on(self, event: Literal["*"], handler: Callable[..., object]) -> None: ...
    async def connect(
        self,
        url: str,
        *,
        transports: Sequence[_Transport] | None = None,
        wait_timeout: float = 1,
    ) -> None: ...
    async def emit(self, event: str, data: _Data = None) -> None: ...
    async def shutdown(self) -> None: ...
