# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Random segments and askers, some of which leave: each gets its own replies, or its own error."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from typing import Literal, TypeAlias

from attrs import define, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.parts import (
    Both,
    Calls,
    Count,
    Either,
    Expected,
    Keeping,
    Odd,
    Part,
    Work,
    draw,
    expected,
)
from tests.support.clock import Clock
from typedpipes import Exchange, Joint, NoReply, Plumber, QueueClosed, Report

Ending: TypeAlias = Literal["replies", "failed", "left", "no reply", "closed"]


@frozen
class Asker:
    """One that asks.

    Attributes:
        number: what it asks.
        begins: when, in seconds.
        streams: whether it wants all replies.
        stays: how many seconds it has patience for; `None`: any number.
        wants: how many replies it takes before it leaves; `None`: all.
        slow: how many seconds it takes over each reply.
    """

    number: int
    begins: float
    streams: bool
    stays: float | None
    wants: int | None
    slow: float


@define
class Told:
    """What an asker was told."""

    replies: list[int] = field(factory=list[int])
    failure: str = ""
    ending: Ending = "replies"


async def ask(service: Exchange[int, int], asker: Asker) -> Told:
    told = Told()
    await asyncio.sleep(asker.begins)
    try:
        async with asyncio.timeout(asker.stays):
            if asker.streams:
                await stream(service, asker, told)
            else:
                told.replies.append(await service.ask(asker.number))
    except TimeoutError:
        told.ending = "left"
    except Odd as odd:
        told.ending, told.failure = "failed", str(odd)
    except NoReply:
        told.ending = "no reply"
    except QueueClosed:
        told.ending = "closed"
    return told


async def stream(service: Exchange[int, int], asker: Asker, told: Told) -> None:
    async with aclosing(service.stream(asker.number)) as replies:
        async for reply in replies:
            told.replies.append(reply)
            if len(told.replies) == asker.wants:
                told.ending = "left"
                return
            await asyncio.sleep(asker.slow)


FAILS_ON = st.sampled_from([0, 0, 3, 7])
WORK = st.builds(Work, st.integers(1, 4), st.booleans(), FAILS_ON)
IN_STEP = st.one_of(
    st.builds(Work, st.integers(1, 4), st.just(True), FAILS_ON),
    st.builds(Keeping, st.integers(2, 5)),
)
BRANCH = st.lists(IN_STEP, max_size=2)
COUNT = st.builds(Count, st.integers(1, 3), st.booleans(), st.integers(0, 12), FAILS_ON)
PARTS = st.lists(
    st.one_of(
        WORK,
        st.builds(Keeping, st.integers(2, 5)),
        COUNT,
        st.builds(Both, BRANCH, BRANCH),
        st.builds(Either, BRANCH, st.lists(st.one_of(IN_STEP, COUNT), max_size=2)),
    ),
    max_size=4,
)
SECONDS = st.floats(0, 2).map(lambda seconds: round(seconds, 2))
ASKERS = st.lists(
    st.builds(
        Asker,
        number=st.integers(0, 40),
        begins=SECONDS,
        streams=st.booleans(),
        stays=st.none() | SECONDS,
        wants=st.none() | st.integers(1, 5),
        slow=st.sampled_from([0.0, 0.0, 0.3]),
    ),
    min_size=1,
    max_size=8,
)
ENDINGS = st.none() | st.tuples(st.sampled_from(["drain", "abort"]), SECONDS)


@settings(deadline=None)
@given(
    parts=PARTS, askers=ASKERS, maxsize=st.integers(1, 6), buffer=st.integers(1, 4), ending=ENDINGS
)
def test_each_asker_gets_its_own_replies_or_its_own_error(
    parts: Sequence[Part],
    askers: Sequence[Asker],
    maxsize: int,
    buffer: int,
    ending: tuple[str, float] | None,
) -> None:
    calls = Calls()
    plumber = Plumber()

    def drawn(numbers: Joint[int]) -> Joint[int]:
        return draw(parts, numbers, "p", calls)

    service = plumber.exchange(drawn, maxsize=maxsize, buffer=buffer)

    async def run() -> Sequence[Told]:
        running = asyncio.ensure_future(plumber.run(grace=100.0))
        await asyncio.sleep(0)
        asking = [asyncio.ensure_future(ask(service, asker)) for asker in askers]
        if ending is not None:
            how, when = ending
            await asyncio.sleep(when)
            plumber.drain() if how == "drain" else plumber.abort()
        told = await asyncio.gather(*asking)
        service.close()
        await running
        return told

    told = Clock().run(run())

    for asker, each in zip(askers, told, strict=True):
        check(asker, each, parts, ended=ending is not None)
    aborted = ending is not None and ending[0] == "abort"
    check_counts(plumber.report(), aborted=aborted)
    assert calls.begun == calls.ended
    assert not service._requests._in_progress


def check(asker: Asker, told: Told, parts: Sequence[Part], *, ended: bool) -> None:
    """Check what an asker was told."""
    wanted = expected(parts, asker.number)
    in_order = all(part.in_order for part in parts)
    assert told.ending != "closed" or ended
    if told.ending == "failed":
        assert told.failure in wanted.failures
    if told.ending == "no reply":
        assert not wanted.replies
        assert not wanted.failures
    if told.ending == "replies":
        check_all(asker, told, wanted, in_order=in_order)
    assert not Counter(told.replies) - Counter(wanted.replies)
    if in_order:
        rest = iter(wanted.replies)
        assert all(reply in rest for reply in told.replies)  # in their order


def check_all(asker: Asker, told: Told, wanted: Expected, *, in_order: bool) -> None:
    if not asker.streams:
        assert len(told.replies) == 1
    else:
        assert not wanted.failures
        assert Counter(told.replies) == Counter(wanted.replies)
    if in_order and not wanted.failures:
        assert told.replies == wanted.replies[: len(told.replies)]


def check_counts(report: Report, *, aborted: bool) -> None:
    """Check that every item is accounted for, and none is left unless the run was aborted."""
    for counts in report.counts:
        assert counts.in_flight == 0
        assert counts.completed >= 0
        assert counts.received == (
            counts.completed + counts.failed + counts.dropped + counts.interrupted
        )
        if not aborted:
            assert (counts.interrupted, counts.unprocessed, counts.undelivered) == (0, (), ())
