"""What holds for every test: nothing is left to the event loop to complain about."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.support.clock import Clock, ClockLoop, govern

SLOW = {"cli", "verify"}
"""Folders of tests that start many processes, and mypy with an empty cache."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, so that `make check` can leave them to `make test`."""
    for item in items:
        if SLOW & set(item.path.parts):
            item.add_marker(pytest.mark.slow)


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the event loop of a test: one that never sleeps for those that take `clock`."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return {"clock": ClockLoop} if "clock" in fixtures else {"usual": asyncio.new_event_loop}


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that the test goes by: its event loop, and the library."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ClockLoop)
    govern(loop.clock, monkeypatch)
    return loop.clock


@pytest.fixture(autouse=True)
def nothing_is_left_to_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a pending task behind, or an error that was not looked at.

    An event loop finds both when they are collected, and only logs them.
    """
    complaints: list[dict[str, object]] = []

    def note(_: asyncio.BaseEventLoop, complaint: dict[str, object]) -> None:
        complaints.append(complaint)

    monkeypatch.setattr(asyncio.BaseEventLoop, "default_exception_handler", note)
    # What was there before cannot be meant, and would be looked through every time.
    gc.freeze()
    yield
    gc.collect()
    gc.unfreeze()
    assert not complaints
