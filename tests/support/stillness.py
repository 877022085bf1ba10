"""Waiting until nothing moves in a run any more."""

from __future__ import annotations

import asyncio

from typedpipes import Plumber, Report

TURNS = 20  # of the event loop without a change: more than an item takes from edge to edge


async def stillness(plumber: Plumber) -> Report:
    """Let a run go on until nothing in it moves, and give the report of then."""
    await asyncio.sleep(0)  # it may have been asked for and not begun
    report = plumber.report()
    while True:
        for _ in range(TURNS):
            await asyncio.sleep(0)
        before, report = report, plumber.report()
        if before.counts == report.counts:
            return report
