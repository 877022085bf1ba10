"""What the page of the web demo shows of a run."""

from __future__ import annotations

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from demos.web.limits import Limits
from tests.web.browsers import ask, needs_browser
from tests.web.page import Page, chain, selected
from tests.web.servers import serving

pytestmark = pytest.mark.slow  # a browser is many processes

UNREAD = Limits().unread
# Holds back what the page says, so that nothing counts as read.
MUTE = "WebSocket.prototype.send = function () {}"


def test_progress_is_seen_while_a_pipeline_runs(page: Page) -> None:
    page.choose("without an end")
    page.until_told("verdict", "The wiring is right.")
    page["run"].click()
    page.until_told("progress", "square")

    assert "goes on" in page["state"].text
    assert page["cancel"].is_enabled()


@needs_browser
def test_the_drawing_comes_alive_while_a_pipeline_runs(page: Page) -> None:
    page.choose("without an end")
    page.until_told("verdict", "The wiring is right.")
    still = page["drawing"].is_displayed()
    page["run"].click()
    page.until(lambda: bool(alive(page)))
    runs = page["live"].is_displayed(), page["drawing"].is_displayed()
    page.until(lambda: "/s" in alive(page))
    page["cancel"].click()
    page.until(lambda: "ended" in alive(page))
    page.type_over(chain("square"))
    page.until(page["drawing"].is_displayed)

    assert still
    assert runs == (True, False)
    assert not page["live"].is_displayed()


def alive(page: Page) -> str:
    """Return what is written into the drawing of a run, which is only where it is seen."""
    script = """
        document.getElementById("see").scrollIntoView();
        return document.getElementById("live").textContent;"""
    return str(ask(page.chrome, script))


@needs_browser
def test_whole_numbers_are_shown_to_the_last_digit(page: Page) -> None:
    page.type_over(chain("square", "square", "square", "square", "square"))
    page.run()
    page.until(lambda: len(page.results) > 10)
    page["cancel"].click()
    page.until_told("state", "you cancelled it")

    assert page.results[:10] == [str(number**32) for number in range(1, 11)]


@needs_browser
def test_a_failure_names_its_node_and_leads_to_its_line(page: Page) -> None:
    page.type_over(
        chain("shout", "square", "reverse", source='coro = "strings"')
        .replace("square", "avoid")
        .replace("'avoid'", "'avoid'\nargs = {word = 'X'}")
        .replace('"strings"', '"strings"\nargs = {strings = ["x"]}')
    )
    page.run()
    page.until_told("state", "it failed")

    assert "'n1' failed on 'X'" in page["failures"].text
    row = page.chrome.find_element(By.CSS_SELECTOR, "#progress tr.bad")
    assert row.text.startswith("n1 ")
    page.chrome.find_element(By.CSS_SELECTOR, "#failures button").click()
    assert selected(page) == "[nodes.n1]"


@needs_browser
def test_a_failure_leads_nowhere_once_the_definition_has_changed(page: Page) -> None:
    page.type_over(
        '[nodes.a]\ncoro = "strings"\nargs = {strings = ["x"]}\n'
        '[nodes.b]\ncoro = "avoid"\nargs = {word = "x"}\n'
        '[nodes.out]\ncoro = "emit"\n[graph]\na = ["b"]\nb = ["out"]\n'
    )
    page.until(page["run"].is_enabled)
    ask(page.chrome, "run(); editor.value += '# changed'")  # before the server can answer
    page.until_told("state", "it failed")

    assert "'b' failed on 'x'" in page["failures"].text
    assert not page.chrome.find_elements(By.CSS_SELECTOR, "#failures button")


@needs_browser
def test_bars_show_how_full_the_edges_before_a_node_are(page: Page) -> None:
    page.type_over(
        '[nodes.a]\ncoro = "strings"\nargs = {strings = ["x"], times = 1000}\n'
        '[nodes.b]\ncoro = "slowly"\nargs = {seconds = 10}\nbuffer = 7\n'
        '[nodes.out]\ncoro = "emit"\n[graph]\na = ["b"]\nb = ["out"]\n'
    )
    page.run()
    page.until_told("progress", "7 of 7")

    bars = ask(
        page.chrome, "return [...document.querySelectorAll('meter')].map(m => [m.value, m.max])"
    )
    assert bars == [[7, 7], [0, 100]]
    page["cancel"].click()
    page["cancel"].click()
    page.until_told("state", "you cancelled it")


@needs_browser
def test_progress_is_seen_while_results_come_as_fast_as_they_are_read(page: Page) -> None:
    page.type_over(chain("square", source='coro = "numbers"\nargs = {every = 0}'))
    page.run()
    page.until_told("progress", "of 100")

    assert "goes on" in page["state"].text
    page["cancel"].click()
    page.until_told("state", "you cancelled it")


@needs_browser
def test_a_page_that_says_nothing_back_makes_its_pipeline_wait(chrome: Chrome) -> None:
    with serving("--seconds", "1", "--grace", "0.1") as server:
        page = Page(chrome, server)
        page.choose("without an end")
        page["definition"].send_keys(Keys.CONTROL, "a")
        page["definition"].send_keys(
            '[nodes.a]\ncoro = "numbers"\nargs = { every = 0 }\n'
            '[nodes.out]\ncoro = "emit"\n[graph]\na = ["out"]\n'
        )
        page.until_told("verdict", "The wiring is right.")
        page.until(page["run"].is_enabled)
        ask(chrome, f"document.getElementById('run').click(); {MUTE}")
        page.until_told("state", "the time limit of 1 s is reached")

        (ended,) = server.status().ended

    assert len(page.results) == ended.results <= UNREAD
    assert ended.ending == "aborted"


@needs_browser
def test_a_page_keeps_saying_what_became_of_its_run_when_the_server_stops(chrome: Chrome) -> None:
    with serving() as server:
        page = Page(chrome, server)
        page.choose("without an end")
        page.run()
        page.until(lambda: page.results)
        server.process.terminate()
        page.until_told("connection", "the server is stopping; not connected")

    page.until_told("state", "the server is stopping; what was inside flowed out")
