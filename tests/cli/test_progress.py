# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The table that shows how a run goes on, on terminals of all widths."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from typedpipes import Plumber, Processor, Sink, Source, run
from typedpipes.cli.progress import Screen

ALL = ["processor", "in", "out", "failed", "in flight", "per second", "edge"]


async def double(number: int) -> int:
    return 2 * number


async def ignore(number: int) -> None: ...


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
        (60, ["processor", "in", "out", "failed", "in flight", "edge"]),
        (45, ["processor", "in", "out", "failed", "in flight"]),
        (32, ["processor", "in", "out", "failed"]),
        (25, ["processor", "out", "failed"]),
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
