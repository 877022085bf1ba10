"""What CPython's own tests ask of `asyncio.Queue`, asked of an edge."""

from __future__ import annotations

import asyncio
import sys
import unittest

import pytest

from tests.support.clock import Clock, govern
from typedpipes import Edge

theirs = pytest.importorskip(
    "test.test_asyncio.test_queues", reason="this Python has no test.test_asyncio.test_queues"
)

NOT_ASKED = {
    "test_repr": "an edge does not show what is in it",
    "test_str": "as above",
    "test_generic_alias": "`Edge[int]` is one of typing",
    "test_float_maxsize": "a bound is a whole number",
    "test_get_with_putters": "it waits without having asked for room",
}
NAMES = [
    f"{case}.{name}"
    for case in ("QueueBasicTests", "QueueGetTests", "QueuePutTests")
    for name in unittest.defaultTestLoader.getTestCaseNames(getattr(theirs, case))
    if name not in NOT_ASKED
]


class EdgeQueue:
    """An edge that is called as an `asyncio.Queue` is."""

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        edge = Edge[object](maxsize or sys.maxsize)
        self.get, self.get_nowait = edge.input.get, edge.input.get_nowait
        self.put, self.put_nowait = edge.output.put, edge.output.put_nowait
        self.qsize, self.empty, self.full = edge.input.qsize, edge.input.empty, edge.input.full
        self._getters, self._putters = edge.input._readers._waiting, edge.output._writers._waiting


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("look", [0.0, 1.0], ids=["still", "jumping"])
def test_an_edge_does_as_asyncio_has_it_whatever_the_clock_says(
    name: str, look: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "Queue", EdgeQueue)
    govern(Clock(look=look), monkeypatch)
    outcome = unittest.TestResult()

    unittest.defaultTestLoader.loadTestsFromName(name, theirs).run(outcome)

    assert outcome.testsRun == 1
    assert outcome.wasSuccessful(), [told for _, told in outcome.errors + outcome.failures]
