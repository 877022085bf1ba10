"""What a notebook shows of a plumber and of a report."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from typedpipes import Doom, Plumber, Processor, Report, Sink, Source
from typedpipes.show import show


async def double(number: int) -> int:
    return 2 * number


async def ignore(item: object) -> None: ...


def drawn(name: str = "numbers") -> Plumber:
    plumber = Plumber(name)
    plumber.connect(Source([1, 2], name="<n>")).to(Processor(double)).to(Sink(ignore))
    return plumber


def html_of(report: Report) -> ET.Element:
    return ET.fromstring(f"<div>{report._repr_html_()}</div>")  # noqa: S314  # our own


async def test_a_report_is_a_table_of_what_it_prints() -> None:
    report = await drawn().run()

    table = html_of(report)

    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows == [
        ["", "received", "completed", "emitted"],
        ["<n>", "2", "2", "2"],
        ["double", "2", "2", "2"],
        ["ignore", "2", "2", "0"],
    ]
    assert [line.split() for line in str(report).splitlines()[2:]] == rows[1:]


async def test_nothing_in_a_report_becomes_markup() -> None:
    plumber = drawn("<script>&\"'")
    plumber.doomsday.put_nowait(Doom("<b>tired</b>"))

    report = await plumber.run()

    table = html_of(report)
    assert {each.tag for each in table.iter()} == {"div", "table", "caption", "tr", "th", "td"}
    assert "<script>&\"': drained" in "".join(table.itertext())
    assert "doom (drain): <b>tired</b>" in "".join(table.itertext())


def test_a_plumber_is_a_drawing_whose_style_is_for_nothing_else_on_the_page() -> None:
    svg = drawn()._repr_svg_()

    assert svg is not None
    assert svg == show(drawn().blueprint(), "svg")
    root = ET.fromstring(svg)  # noqa: S314  # our own
    style = root.findtext("{http://www.w3.org/2000/svg}style", "")
    rules = [rule for rule in re.findall(r"([^{}]+){", style) if "@media" not in rule]
    selectors = [selector.split() for rule in rules for selector in rule.split(",")]
    assert root.get("class") == "typedpipes"
    assert {first for first, *_ in selectors} == {".typedpipes"}


def test_a_plumber_whose_drawing_is_wrong_is_shown_by_its_name() -> None:
    plumber = Plumber("half")
    plumber.connect(Source([1]))

    assert plumber._repr_svg_() is None
    assert repr(plumber) == "Plumber('half')"
