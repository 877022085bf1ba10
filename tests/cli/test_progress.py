# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The table that shows how a run goes on, on terminals of all widths."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from typedpipes import Counts, Plumber, Processor, Report, Sink, Source, run
from typedpipes.cli.progress import Screen, format_time

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
        console.print(screen.draw(plumber.report(), 0.0, console))
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
    counts = [Counts[object, object]("source", made, made), Counts[object, object]("ignore_text")]
    report = Report("letters", counts, duration=10.0)
    console = Console(file=StringIO(), width=200)

    with console.capture() as capture:
        console.print(Screen(plumber).draw(report, 0.0, console))

    heading, source, *_ = capture.get().splitlines()[1:]
    assert heading.rstrip().endswith("done") == bool(done)
    assert source.rstrip().endswith(done)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1:00"), (200, "3:20"), (7400, "2:03:20")],
)
def test_a_time_is_written_as_people_do(seconds: float, text: str) -> None:
    assert format_time(seconds) == text
