"""The colours of a live drawing: can its texts be read, by day and by night?"""

from __future__ import annotations

import re

import pytest

from tests.support.contrast import contrast
from typedpipes.observe.web.files import read_file

DAY, NIGHT = re.findall(r"\.live \{([^}]*)\}", read_file("live.css"))
COLOURS = {
    name: dict(re.findall(r"--live-([\w-]+): (#\w{6})", text))
    for name, text in (("day", DAY), ("night", NIGHT))
}
TEXTS = [
    ("ink", "ground"),
    ("ink", "warm"),
    ("ink", "hot"),
    ("ink", "paused"),
    ("ink", "paused-line"),
    ("ink", "ended-line"),
    ("held-ink", "held"),
    ("held-ink", "held-line"),
    ("soft", "ground"),
    ("full", "ground"),
    ("ground", "failure"),
]
SHAPES = [
    ("wall", "ground"),
    ("water", "ground"),
    ("high", "ground"),
    ("full", "ground"),
    ("failure", "ground"),
    ("chosen", "ground"),
    ("bead", "bore"),
]


@pytest.mark.parametrize("when", COLOURS)
@pytest.mark.parametrize(("colour", "ground"), TEXTS)
def test_texts_can_be_read(colour: str, ground: str, when: str) -> None:
    colours = COLOURS[when]

    assert contrast(colours[colour], colours[ground]) >= (3 if colour == "full" else 4.5)


@pytest.mark.parametrize("when", COLOURS)
@pytest.mark.parametrize(("colour", "ground"), SHAPES)
def test_shapes_can_be_seen(colour: str, ground: str, when: str) -> None:
    colours = COLOURS[when]

    assert contrast(colours[colour], colours[ground]) >= 3


def test_day_and_night_have_the_same_names() -> None:
    assert COLOURS["day"].keys() == COLOURS["night"].keys()
    assert len(COLOURS["day"]) == 19
