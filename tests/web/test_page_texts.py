"""What was typed into the page of the web demo is never lost."""

from __future__ import annotations

import pytest
from selenium.webdriver import Keys

from tests.web.browsers import ask, needs_browser
from tests.web.page import Page

pytestmark = pytest.mark.slow  # a browser is many processes


@needs_browser
def test_what_was_typed_survives_another_choice(page: Page) -> None:
    first, second = "# my first text", "# my second text"
    page.type_over(first)
    assert page.chosen == "yours 1 (fork and merge)"
    page.choose("zip")
    page.type_over(second)
    assert page.chosen == "yours 2 (zip)"
    page.choose("failures")

    page.choose("yours 1 (fork and merge)")
    assert page.text == first
    page.choose("yours 2 (zip)")
    assert page.text == second
    page.choose("zip")
    assert page.text.startswith("# Several inputs")


@needs_browser
@pytest.mark.parametrize("typed", ["# mine", ""])
def test_what_was_typed_survives_a_refresh(typed: str, page: Page) -> None:
    page.type_over("# earlier")
    page.choose("zip")
    page["definition"].send_keys(Keys.CONTROL, "a")
    page["definition"].send_keys(typed or Keys.DELETE)
    page.chrome.refresh()
    page.until(lambda: page.chosen == "yours 2 (zip)")

    assert page.text == typed
    page.choose("yours 1 (fork and merge)")
    assert page.text == "# earlier"


@needs_browser
def test_a_refresh_shows_the_example_that_was_chosen(page: Page) -> None:
    page.choose("failures")
    page.chrome.refresh()
    page.until(page["run"].is_enabled)

    assert page.chosen == "failures"
    assert page.text.startswith("# What fails")


@needs_browser
@pytest.mark.parametrize("current", ["example", "draft"])
def test_a_choice_that_is_no_longer_there_is_forgotten_but_no_text_is(
    current: str, page: Page
) -> None:
    page.type_over("# mine")
    spoil = f"texts.current = {{{current}: 99}}; texts.remember()"
    ask(page.chrome, spoil)
    page.chrome.refresh()
    page.until(page["run"].is_enabled)

    assert page.chosen == "fork and merge"
    page.choose("yours 1 (fork and merge)")
    assert page.text == "# mine"
