"""The page of a run in a real browser, as a person uses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.action_chains import ActionChains

from tests.observe.staged import Page, staged
from tests.web.browsers import (
    ask,
    before_each_page,
    browser,
    complaints,
    needs_browser,
    show_as,
    without_motion,
)
from typedpipes import Feed, Plumber, Processor, Sink, Source

pytestmark = [pytest.mark.slow, needs_browser]  # a browser is many processes


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    with browser() as running:
        yield running


@pytest.fixture(autouse=True)
def calm(chrome: Chrome) -> Iterator[None]:
    """See to it that the browser has nothing to complain about, as of a policy that is broken."""
    show_as(chrome, width=1280, dark=False)
    yield
    assert not complaints(chrome)
    chrome.get("about:blank")


async def without_end() -> AsyncIterator[int]:
    number = 0
    while True:
        yield number
        number += 1


async def quick(number: int) -> int:
    await asyncio.sleep(0.001)
    return number


async def slow(number: int) -> int:
    await asyncio.sleep(0.05)
    if number % 10 == 3:
        raise ValueError(f"{number} is odd")
    return number


async def ignore(item: object) -> None: ...


def shop() -> Plumber:
    """Draw a graph in which one stage holds everything up, and some of its items fail."""
    plumber = Plumber("shop")
    slowing = Processor(slow, workers=2, buffer=10)
    numbers = plumber.connect(Source(without_end, name="numbers")).to(Processor(quick))
    numbers.to(slowing).to(Sink(ignore, name="store"))
    plumber.failures(slowing).to(Sink(ignore, name="mourn"))
    return plumber


def test_the_picture_says_what_the_graph_is_doing(chrome: Chrome) -> None:
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)
        page.until_told("told", "'slow' is the bottleneck")
        page.until(lambda: page.state("slow") == "busy" and page.state("store") == "idle")
        page.until(lambda: page.state("quick") == "backpressured")
        page.until(lambda: page.ask("return document.querySelectorAll('.water.failures').length"))

        assert "named" in (page.node("slow").get_attribute("class") or "")
        assert page.ask("return document.querySelectorAll('[data-node=slow] .at-work').length") == 2
        assert (
            page.ask(
                "return document.querySelector('[data-node=quick] .pattern').getAttribute('fill')"
            )
            == "url(#hatch)"
        )
        page.until(
            lambda: (
                "✕"
                in page.ask(
                    "return document.querySelector('[data-node=slow] .badge text').textContent"
                )
            )
        )
        assert page["where"].text == "▶ running"


def test_the_token_is_not_in_the_address_and_nothing_comes_from_elsewhere(chrome: Chrome) -> None:
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)
        place = f"http://127.0.0.1:{viewer.port}/"

        loaded = page.ask("return performance.getEntries().map((each) => each.name)")

        assert chrome.current_url == place
        assert page.ask("return document.cookie") == ""
        assert not [name for name in loaded if "://" in name and not name.startswith(place)]


def test_a_node_that_is_clicked_shows_its_counts_settings_and_failures(chrome: Chrome) -> None:
    with staged(shop(), items=True) as viewer:
        page = Page(chrome, viewer)
        page.choose("slow")
        page.until_told("panel", "ValueError 3 is odd")
        text = page["panel"].text
        page.choose("store")
        page.until_told("panel", "store")
        other = page["panel"].text
        page["panel"].find_element("tag name", "button").click()

        assert "workers\n2" in text
        assert "quick -> slow" in text
        assert "received" in text
        assert "none" in other
        assert not page["panel"].is_displayed()


def test_a_run_is_paused_and_goes_on_as_a_whole_and_in_one_node(chrome: Chrome) -> None:
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)
        page.until(page["pause"].is_enabled)
        page["pause"].click()
        page.until(lambda: page.state("slow") == "paused" and page.state("numbers") == "paused")
        page.until_told("where", "paused")
        assert page["pause"].text == "Resume"
        page["pause"].click()
        page.until(lambda: page.state("slow") == "busy")
        page.choose("quick")
        page["panel"].find_elements("tag name", "button")[1].click()
        page.until(lambda: page.state("quick") == "paused" and page.state("slow") != "paused")
        page.until(lambda: page.ask("return document.querySelectorAll('#history .paused').length"))


def test_on_a_drain_what_is_inside_flows_out(chrome: Chrome) -> None:
    plumber = shop()
    with staged(plumber) as viewer:
        page = Page(chrome, viewer)
        page.until(page["drain"].is_enabled)
        page["drain"].click()
        page.until(lambda: page.state("numbers") == "ended")
        page.until_told("where", "✓ drained: from the page")
        report = plumber.report()

        assert page.state("store") == "ended"
        assert page.ask("return document.querySelectorAll('.wall:not(.dry)').length") == 0
        assert page["inside"].text == "0"
        assert not page["drain"].is_enabled()
        assert page.ask("return document.querySelectorAll('#history .doom').length") == 1
    page.until_told("where", "closed: these are the last numbers")
    assert report.ending == "drained"
    assert not sum(len(counts.unprocessed) for counts in report.counts)


def test_an_abort_is_asked_about_again(chrome: Chrome) -> None:
    plumber = shop()
    with staged(plumber) as viewer:
        page = Page(chrome, viewer)
        page.until(page["abort"].is_enabled)
        for answer, ending in (("no", "running"), ("yes", "aborted")):
            page["abort"].click()
            page.until(page["sure"].is_displayed)
            assert plumber.gauges().state == "running"
            page["sure"].find_element("css selector", f"[value={answer}]").click()
            page.until(lambda: not page["sure"].is_displayed())
            page.until_told("where", ending)


def test_the_keyboard_is_enough(chrome: Chrome) -> None:
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)

        def press(*keys: str) -> None:
            ActionChains(chrome).send_keys(*keys).perform()

        def focused() -> str | None:
            name: str | None = page.ask("return document.activeElement.dataset.node ?? null")
            return name

        for _ in range(12):
            press(Keys.TAB)
            if focused():
                break
        assert focused() == "numbers"
        press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
        assert focused() == "slow"
        label = page.ask("return document.activeElement.getAttribute('aria-label')")
        press(Keys.ENTER)
        page.until(page["panel"].is_displayed)
        press(Keys.ESCAPE)
        page.until(lambda: not page["panel"].is_displayed())
        press(Keys.ARROW_UP)
        assert focused() == "quick"
        press("t")
        page.until(lambda: page.ask("return document.getElementById('table').clientHeight") > 50)

        assert label.startswith("slow: ")
        assert "done" in label


def test_all_numbers_are_in_a_table_from_the_start(chrome: Chrome) -> None:
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)
        page.until(lambda: page.ask("return document.querySelectorAll('#table tbody tr').length"))

        cells = page.ask(
            "return [...document.querySelectorAll('#table tbody th')].map(th => th.textContent)"
        )
        hidden = page.ask(
            "return getComputedStyle(document.getElementById('table')).display === 'none'"
        )
        page["numbers"].click()
        page["table"].find_elements("css selector", "thead button")[3].click()

        assert not hidden  # a screen reader has it
        assert cells[:5] == ["numbers", "quick", "slow", "store", "mourn"]
        assert {"numbers -> quick", "slow -!> mourn"} <= {*cells}
        assert page.ask("return document.querySelector('#table th[aria-sort]').textContent") == "in"


def test_a_wedge_is_named_with_its_nodes(chrome: Chrome) -> None:
    links = Feed[str](maxsize=2, name="links")

    async def follow(link: str) -> None:
        for number in range(3):
            await links.put(f"{link}{number}/")

    plumber = Plumber("crawler")
    plumber.connect(links).to(Sink(follow, buffer=1))
    links.put_nowait("/")
    with staged(plumber) as viewer:
        page = Page(chrome, viewer)
        page.until_told("verdict", "nothing can move any more: 'links' waits for room")

        assert page["where"].text == "■ wedged"
        assert page.ask("return document.querySelectorAll('.node.named').length") == 2
        assert (
            page.ask("return document.querySelector('[data-edge=\"-> links\"] .count').textContent")
            == "2/2"
        )


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True), (375, False)])
def test_the_page_fits_screens_by_day_and_by_night(width: int, dark: bool, chrome: Chrome) -> None:
    show_as(chrome, width=width, dark=dark)
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)
        page.until_told("told", "bottleneck")

        assert page.ask("return document.documentElement.scrollWidth") <= width
        # The newest end of the curve is on the right, and nothing is on top of it.
        assert page.ask(
            "const place = (id) => document.getElementById(id).getBoundingClientRect();"
            "return place('history').right <= place('numbers').left"
        )
        assert page["abort"].is_displayed()
        page.until(lambda: page.state("store") == "idle")
        ground = page.ask("return getComputedStyle(document.body).backgroundColor")
        title = "document.querySelector('[data-node=store] .title')"
        ink = page.ask(f"return getComputedStyle({title}).fill")
        assert (ground == "rgb(12, 15, 21)") == dark
        assert (ink == "rgb(230, 234, 242)") == dark


def test_nothing_moves_for_those_who_want_that(chrome: Chrome) -> None:
    moving = "return document.getAnimations().length"
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)
        page.until(lambda: page.ask(moving) > 0)
        without_motion(chrome)
        page.until(lambda: page.ask(moving) == 0)
        page.until(
            lambda: page.ask(
                "return document.querySelector('[data-node=slow] .badge.shown') !== null"
            )
        )

        failed = page["failed"].text
        page.until(lambda: page["failed"].text != failed)

        assert not page.ask("return document.querySelectorAll('.spark').length")


def test_of_a_thousand_nodes_only_those_in_sight_are_drawn_anew(chrome: Chrome) -> None:
    plumber = Plumber("thousand")
    source = plumber.connect(Feed[int](name="feed"))
    for row in range(20):
        joint = source
        for column in range(49):
            joint = joint.to(Processor(quick, name=f"{row}-{column}"))
        joint.to(Sink(ignore, name=f"end {row}"))
    with staged(plumber) as viewer:
        page = Page(chrome, viewer)
        shown = page.ask("return document.querySelectorAll('[data-node]').length")
        drawn = page.ask("return document.querySelectorAll('[data-node][data-state]').length")
        page["fit"].click()
        page.until(lambda: page.ask("return document.querySelector('svg.live.far') !== null"))
        page.until(
            lambda: page.ask("return document.querySelectorAll('[data-state]').length") == shown
        )

        assert shown == 1001
        assert drawn < 400
        assert page.ask("return document.getAnimations().length") == 0


def test_a_hidden_page_does_not_listen(chrome: Chrome) -> None:
    before_each_page(
        chrome,
        """window.sources = [];
        window.EventSource = class extends EventSource {
            constructor(...given) { super(...given); window.sources.push(this); }
        };""",
    )
    hide = """Object.defineProperty(document, "hidden", { value: %s, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
        return window.sources.map((each) => each.readyState);"""
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)

        assert page.ask("return window.sources.map((each) => each.readyState)") == [1]
        assert page.ask(hide % "true") == [2]
        assert page.ask(hide % "false")[0] == 2
        page.until(lambda: page.ask("return window.sources.at(-1).readyState") == 1)


def test_a_page_that_is_loaded_again_needs_no_token(chrome: Chrome) -> None:
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)
        chrome.refresh()
        page.until(lambda: page.state("slow") == "busy")

        assert ask(chrome, "return location.search") == ""


def test_a_failure_without_a_way_of_its_own_ends_the_run_and_is_told(chrome: Chrome) -> None:
    plumber = Plumber("broken")
    plumber.connect(Source([3])).to(Processor(slow)).to(Sink(ignore))
    with staged(plumber) as viewer:
        page = Page(chrome, viewer)
        page.until_told("verdict", "It failed: 'slow' failed: ValueError")

        assert page["where"].text == "✕ failed"


def test_each_of_several_plumbers_has_a_page_and_a_link_to_the_others(chrome: Chrome) -> None:
    other = Plumber("other")
    other.connect(Feed[int](name="feed")).to(Sink(ignore))
    with staged(shop(), other) as viewer:
        page = Page(chrome, viewer)
        first = page["plumber"].text
        page["plumbers"].find_elements("tag name", "a")[1].click()
        page.until_told("plumber", "other")
        page.until(lambda: page.state("feed"))

        assert first == "shop"
        assert page["where"].text == "not begun"
        assert not page["drain"].is_enabled()


def test_a_large_drawing_is_dragged_without_a_click_on_what_is_under_it(chrome: Chrome) -> None:
    with staged(shop()) as viewer:
        page = Page(chrome, viewer)
        for _ in range(6):
            page["larger"].click()
        before = page.ask("return document.getElementById('graph').scrollTop")
        drag = ActionChains(chrome).move_to_element(page["graph"]).click_and_hold()
        drag.move_by_offset(0, -120).release().perform()
        moved = page.ask("return document.getElementById('graph').scrollTop") - before
        shown = page["panel"].is_displayed()
        page.choose("slow")
        page.until(page["panel"].is_displayed)

        assert moved == 120
        assert not shown
