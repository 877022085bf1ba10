"""A server that tests share, and the two ways to talk to one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.servers import Server, serving
from tests.web.visitors import OVER, Connect


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Give a server with the limits that it has by itself."""
    with serving() as running:
        yield running
    assert "Traceback" not in running.printed


@pytest.fixture(params=OVER)
def connect(request: pytest.FixtureRequest) -> Connect:
    """Give each way to talk to a server in turn."""
    return OVER[request.param]
