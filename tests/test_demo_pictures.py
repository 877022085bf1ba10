"""The pictures of the demos and of the page can be made: something runs for each."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from tests.web.browsers import ask, browser, needs_browser
from tools.pictures import page as of_a_run
from tools.pictures.demos import PICTURES, WIDTH, picture_census, picture_net, picture_page
from tools.pictures.png import COLOURS

pytestmark = pytest.mark.slow


def test_the_picture_of_a_census_shows_the_verdict_of_mypy_the_run_and_its_result(
    tmp_path: Path,
) -> None:
    (tmp_path / "typed.py").write_text("def f(a: int) -> int: ...")

    picture = picture_census(tmp_path, every=0.01)

    assert ">Success: no issues found in " in picture
    assert ">count_typed</text>" in picture
    assert ">100.0%</text>" in picture
    assert picture.index("Success") < picture.index("count_typed") < picture.index("100.0%")


@needs_browser
def test_the_picture_of_the_web_demo_is_as_wide_as_its_page_and_small() -> None:
    picture = picture_page(dark=True)

    image = Image.open(io.BytesIO(picture))
    assert image.width == WIDTH
    assert len(image.getcolors() or ()) <= COLOURS
    assert len(picture) < 100_000


def test_the_picture_of_the_network_demo_shows_the_worker_that_is_killed_and_what_is_lost() -> None:
    picture = picture_net(1_000)

    assert 'class="red"' in picture
    assert picture.index("is killed (SIGKILL)") < picture.index("0 lost, 0 twice, order kept")
    assert len(picture) < 100_000


@needs_browser
def test_the_picture_of_the_page_of_a_run_is_as_wide_as_that_and_small() -> None:
    picture = of_a_run.picture(dark=True, looks=2)

    assert Image.open(io.BytesIO(picture)).width == of_a_run.WIDTH
    assert len(picture) < 150_000


@needs_browser
def test_a_browser_keeps_the_spaces_in_a_recording_so_that_columns_stand_below_each_other() -> None:
    picture = quote((PICTURES / "run.svg").read_text())

    with browser() as chrome:
        chrome.get(f"data:image/svg+xml,{picture}")
        kept = ask(
            chrome,
            "return [...document.querySelectorAll('text')].map(text =>"
            " [text.textContent.length, text.getNumberOfChars()])",
        )

    assert kept
    assert all(there == shown for there, shown in kept)
