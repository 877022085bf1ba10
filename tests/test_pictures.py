"""The pictures of the documentation: each is what the library does today, and says so in words."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from tests.support.checkers import ROOT
from tests.support.contrast import contrast
from tools.pictures.__main__ import PICTURES, draw_scene
from tools.pictures.timeline import STYLE

DOCS = ROOT / "docs"
FOLDER = DOCS / "operators"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_the_library_does_today(name: str) -> None:
    assert PICTURES[name]() == (DOCS / f"{name}.svg").read_text(), "`make pictures` makes it anew"


def test_each_picture_is_on_a_page_which_says_what_it_shows() -> None:
    pages = "".join(page.read_text() for page in FOLDER.glob("*.md"))

    shown = re.findall(r"!\[.{40,}\]\((\w+)\.svg\)", pages)

    made = [Path(name).name for name in PICTURES if name.startswith("operators/")]
    assert sorted(shown) == sorted(made) == sorted(file.stem for file in FOLDER.glob("*.svg"))


def test_a_picture_says_in_words_what_it_shows() -> None:
    assert "pairs: 1, 1' at 1.1 s, 2, 2' at 1.9 s, " in unescape(draw_scene("zip"))
    assert "failures: 2 (failed) at 2.7 s." in draw_scene("failures")


def test_labels_can_be_read_on_every_colour() -> None:
    (ink,) = set(re.findall(r"\.on \{[^}]*fill: (#\w+)", STYLE))
    colours = re.findall(r"\.h\d \{ fill: (#\w+)", STYLE)

    assert len(colours) == 6
    assert min(contrast(ink, colour) for colour in colours) >= 7
