"""What tests of runs over a network share."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.network.brokers import BROKERS, Connect


@pytest.fixture(params=BROKERS)
async def connect(request: pytest.FixtureRequest) -> AsyncGenerator[Connect]:
    """Return what connects to a broker of each kind, on which there is no run yet."""
    async with BROKERS[request.param]() as connecting:
        yield connecting
