"""A wire that counts what the server refuses."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from typing_extensions import override

from typedpipes.nats.broker import Broker
from typedpipes.nats.connection import Answer, ApiError, connected
from typedpipes.nats.wire import NatsWire
from typedpipes.network.wire import Wire

_NOT_STORED: Final = 10077


class CountingWire(NatsWire):
    """As any wire.

    Attributes:
        refusals: how many records were not stored for lack of room.
    """

    refusals: int = 0

    @override
    async def _request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        answer = await super()._request(subject, data, headers)
        self.refusals += isinstance(answer, ApiError) and answer.err_code == _NOT_STORED
        return answer


@asynccontextmanager
async def counting(broker: Broker, run: str, found: list[CountingWire]) -> AsyncGenerator[Wire]:
    """Connect to a broker, and note the wire."""
    async with connected(broker) as connection:
        wire = CountingWire(connection, broker, run)
        found.append(wire)
        try:
            yield wire
        finally:
            await wire.close()
