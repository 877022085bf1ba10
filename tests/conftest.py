"""What holds for every test: nothing is left to the event loop to complain about."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

SLOW = {"cli", "verify"}
"""Folders of tests that start many processes, and mypy with an empty cache."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, so that `make check` can leave them to `make test`."""
    for item in items:
        if SLOW & set(item.path.parts):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def nothing_is_left_to_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a pending task behind, or an error that nobody looked at.

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
