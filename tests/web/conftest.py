"""A server that tests share, the two ways to talk to one, and its page in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.web.browsers import ask, browser, complaints
from tests.web.page import Page
from tests.web.servers import Server, serving
from tests.web.visitors import OVER, Connect


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Provide a server with the limits that it has by itself."""
    with serving() as running:
        yield running
    assert "Traceback" not in running.printed


@pytest.fixture(params=OVER)
def connect(request: pytest.FixtureRequest) -> Connect:
    """Provide each way to talk to a server in turn."""
    return OVER[request.param]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    """Provide a browser."""
    with browser() as running:
        yield running


@pytest.fixture
def page(chrome: Chrome, server: Server) -> Iterator[Page]:
    """Open the page; whatever is done with it, the browser has nothing to complain about."""
    chrome.get(server.url)
    ask(chrome, "sessionStorage.clear()")
    chrome.get("about:blank")
    yield Page(chrome, server)
    assert not complaints(chrome)
