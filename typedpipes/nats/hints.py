"""Hints: what the processes of a run tell each other without storing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from typedpipes.nats.connection import Connection, Message
from typedpipes.network.wire import Listener


class Hints:
    """Hints, as one process tells and hears them.

    Each subject is subscribed to once, however many listeners it has in this process, and until
    this is closed. What this process tells it hears at once, and not from the server again.

    Args:
        connection: the connection, which does not echo.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._listeners: dict[str, list[Listener]] = defaultdict(list)
        self._subscribed: set[str] = set()
        self._stack = AsyncExitStack()

    async def tell(self, subject: str, hint: bytes) -> None:
        """Send a hint.

        Raises:
            Away: it is lost for others; this process has heard it.
        """
        self._heard(subject, hint)
        await self._connection.publish(subject, hint)

    @asynccontextmanager
    async def hear(self, subject: str, listener: Listener) -> AsyncGenerator[None]:
        """Have a listener called with every hint on a subject, for as long as the block runs."""
        await self._subscribe(subject)
        self._listeners[subject].append(listener)
        try:
            yield
        finally:
            self._listeners[subject].remove(listener)

    async def _subscribe(self, subject: str) -> None:
        if subject in self._subscribed:
            return

        def came(message: Message) -> None:
            self._heard(subject, message.data)

        self._subscribed.add(subject)
        try:
            listening = self._connection.listening(subject, came)
            await self._stack.enter_async_context(listening)
        except BaseException:
            self._subscribed.discard(subject)
            raise

    def _heard(self, subject: str, hint: bytes) -> None:
        for listener in [*self._listeners[subject]]:
            listener(hint)

    async def close(self) -> None:
        """Hear nothing more."""
        await self._stack.aclose()
