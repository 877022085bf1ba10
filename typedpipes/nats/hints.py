"""Hints: what the processes of a run tell each other without storing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from typedpipes.nats.connection import Connection, Message
from typedpipes.nats.naming import Names
from typedpipes.network.wire import Away, Listener


class Hints:
    """The hints of one run, as one process tells and hears them.

    Each topic is subscribed to once, however many listeners it has in this process, and until
    this is closed. What this process tells it hears at once, and not from the server again.

    Args:
        connection: the connection, which does not echo.
        names: the subjects of the run.
    """

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._listeners: dict[str, list[Listener]] = defaultdict(list)
        self._subscribed: set[str] = set()
        self._stack = AsyncExitStack()

    async def tell(self, topic: str, hint: bytes) -> None:
        """Send a hint, which may be lost."""
        self._heard(topic, hint)
        with suppress(Away):
            await self._connection.publish(self._names.hints(topic), hint)

    @asynccontextmanager
    async def hear(self, topic: str, listener: Listener) -> AsyncGenerator[None]:
        """Have a listener called with every hint on a topic, for as long as the block runs."""
        await self._subscribe(topic)
        self._listeners[topic].append(listener)
        try:
            yield
        finally:
            self._listeners[topic].remove(listener)

    async def _subscribe(self, topic: str) -> None:
        if topic in self._subscribed:
            return

        def came(message: Message) -> None:
            self._heard(topic, message.data)

        self._subscribed.add(topic)
        try:
            listening = self._connection.listening(self._names.hints(topic), came)
            await self._stack.enter_async_context(listening)
        except BaseException:
            self._subscribed.discard(topic)
            raise

    def _heard(self, topic: str, hint: bytes) -> None:
        for listener in [*self._listeners[topic]]:
            listener(hint)

    async def close(self) -> None:
        """Hear nothing more."""
        await self._stack.aclose()
