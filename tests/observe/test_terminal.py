# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""A run on a terminal: the table that shows how it goes on, on terminals of all widths."""

from __future__ import annotations

import asyncio
import importlib
import sys
from io import StringIO

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.support.clock import Clock
from typedpipes import Feed, Plumber, Processor, Sink, Source, run
from typedpipes.observe.terminal import Screen, follow, format_time

ALL = ["processor", "in", "out", "failed", "in flight", "per second", "edge", "done"]


async def double(number: int) -> int:
    return 2 * number


async def ignore(number: int) -> None: ...
async def ignore_text(text: str) -> None: ...


def make_plumber() -> Plumber:
    plumber = Plumber("numbers")
    numbers = plumber.connect(Source(range(5000), name="numbers"))
    numbers.to(Processor(double)).to(Sink(ignore))
    return plumber


@pytest.fixture(scope="module")
def screen() -> tuple[Plumber, Screen]:
    plumber = make_plumber()
    run(plumber, signals=())
    return plumber, Screen(plumber)


def draw(plumber: Plumber, screen: Screen, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, force_terminal=False)
    with console.capture() as capture:
        console.print(screen.draw(plumber.gauges(), console))
    return capture.get().splitlines()


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (100, ALL),
        (66, ["processor", "in", "out", "failed", "in flight", "edge", "done"]),
        (51, ["processor", "in", "out", "failed", "in flight", "done"]),
        (38, ["processor", "in", "out", "failed", "done"]),
        (31, ["processor", "out", "failed", "done"]),
        (24, ["processor", "out", "done"]),
        (18, ["processor", "out"]),
    ],
)
def test_a_narrow_terminal_does_without_columns(
    width: int, columns: list[str], screen: tuple[Plumber, Screen]
) -> None:
    drawn = draw(*screen, width)

    assert drawn[1].split() == " ".join(columns).split()
    assert "5,000" in drawn[2]
    assert "…" not in "".join(drawn)


@given(width=st.integers(1, 200))
def test_no_line_is_longer_than_the_terminal_is_wide(
    width: int, screen: tuple[Plumber, Screen]
) -> None:
    drawn = draw(*screen, width)

    assert max(map(len, drawn)) <= width


@pytest.mark.parametrize(
    ("made", "total", "done"),
    [
        (0, 80, "0%"),
        (20, 80, "25%, 30 s left"),
        (1, 80, "1%, 13:10 left"),
        (80, 80, "100%"),
        (90, 80, "100%"),  # what the total was said to be was wrong
        (20, 0, ""),
        (20, None, ""),
    ],
)
def test_the_share_that_a_source_has_done_and_the_time_left(
    made: int, total: int | None, done: str
) -> None:
    plumber = Plumber("letters")
    plumber.connect(Source(iter("a"), total=total)).to(Sink(ignore_text))
    source, sink = plumber.gauges().processors
    gauges = evolve(
        plumber.gauges(),
        began=1.0,
        duration=10.0,
        processors=[source._replace(completed=made), sink],
    )
    console = Console(file=StringIO(), width=200)

    with console.capture() as capture:
        console.print(Screen(plumber).draw(gauges, console))

    heading, first, *_ = capture.get().splitlines()[1:]
    assert heading.rstrip().endswith("done") == bool(done)
    assert first.rstrip().endswith(done)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1:00"), (200, "3:20"), (7400, "2:03:20")],
)
def test_a_time_is_written_as_people_do(seconds: float, text: str) -> None:
    assert format_time(seconds) == text


async def test_a_run_is_followed_to_its_end_with_its_verdict_and_its_dooms(clock: Clock) -> None:
    plumber = Plumber("numbers")
    plumber.connect(Feed[int](name="orders")).to(Sink(ignore))
    screen = StringIO()
    console = Console(file=screen, width=80, force_terminal=True)

    async with plumber.running():
        following = asyncio.create_task(follow(plumber, console))
        await asyncio.sleep(10)
        plumber.drain("[enough]")
    await following

    shown = screen.getvalue()
    assert "little is put into 'orders': everything else waits for that" in shown
    assert "typedpipes: draining ([enough]), a second signal aborts" in shown


async def test_off_a_terminal_only_dooms_are_written(clock: Clock) -> None:
    plumber = Plumber("numbers")
    plumber.connect(Feed[int]()).to(Sink(ignore))
    written = StringIO()

    async with plumber.running():
        following = asyncio.create_task(follow(plumber, Console(file=written)))
        await asyncio.sleep(10)
        plumber.abort("enough")
    await following

    assert written.getvalue() == "typedpipes: aborting (enough)\n"


def test_without_rich_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.delitem(sys.modules, "typedpipes.observe.terminal")

    with pytest.raises(
        ImportError, match=r"terminal needs rich.*: pip install 'typedpipes\[cli\]'"
    ):
        importlib.import_module("typedpipes.observe.terminal")
