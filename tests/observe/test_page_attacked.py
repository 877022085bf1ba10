"""Other pages in the same browser, against the page of a run."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.observe.staged import Page, staged
from tests.web.browsers import ask, browser, needs_browser
from typedpipes import Plumber, Processor, Sink, Source

pytestmark = [pytest.mark.slow, needs_browser]  # a browser is many processes


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    """Provide a browser in which a name that is not ours leads to this machine."""
    with browser("--host-resolver-rules=MAP evil.example 127.0.0.1") as running:
        yield running


@contextmanager
def evil(html: str) -> Generator[int]:
    """Serve a page at another port of this machine."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # as it is called
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # as above

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


async def without_end() -> AsyncIterator[int]:
    number = 0
    while True:
        yield number
        number += 1


async def slowly(number: int) -> int:
    if number == 1:
        raise ValueError("<img src=x onerror='window.hacked = 2'>")
    return number


async def ignore(item: object) -> None: ...


def draw(name: str = "numbers") -> Plumber:
    plumber = Plumber(name)
    slow = Processor(slowly, name=name)
    plumber.connect(Source(without_end, name="source")).to(slow).to(Sink(ignore))
    plumber.failures(slow).to(Sink(ignore, name="mourn"))
    return plumber


SENDS = {
    "a form": """<form method="post" action="http://{host}:{port}/abort" enctype="text/plain">
        <input name='{{"of": 0, "x' value='": 1}}'></form>
        <script>document.forms[0].submit()</script>""",
    "a form as a browser encodes it": """<form method="post" action="http://{host}:{port}/abort">
        </form><script>document.forms[0].submit()</script>""",
    "a fetch that reads nothing": """<script>fetch("http://{host}:{port}/abort",
        {{ method: "POST", mode: "no-cors", credentials: "include", body: "{{}}" }})
        .finally(() => {{ document.title = "done"; }})</script>""",
    "a fetch of JSON": """<script>fetch("http://{host}:{port}/abort", {{ method: "POST",
        credentials: "include", headers: {{ "Content-Type": "application/json" }}, body: "{{}}" }})
        .catch(() => 0).finally(() => {{ document.title = "done"; }})</script>""",
    "a beacon": """<script>navigator.sendBeacon("http://{host}:{port}/abort", "{{}}");
        document.title = "done"</script>""",
    "a picture": """<img src="http://{host}:{port}/abort" onerror="document.title = 'done'">""",
}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("what", SENDS)
def test_another_page_cannot_end_a_run(what: str, host: str, chrome: Chrome) -> None:
    plumber = draw()
    with staged(plumber) as viewer:
        page = Page(chrome, viewer)  # so that the browser has the cookie
        with evil(SENDS[what].format(host=host, port=viewer.port)) as port:
            chrome.get(f"http://{host}:{port}/")
            if what.startswith("a form"):
                page.until(lambda: "/abort" in chrome.current_url)
                refusal = chrome.find_element(By.TAG_NAME, "body").text
                assert "origin" in refusal.lower() or "token" in refusal
            else:
                page.until(lambda: chrome.title == "done")
        state = plumber.gauges().state

    assert state == "running"


def test_another_page_can_neither_read_nor_frame_a_run(chrome: Chrome) -> None:
    with staged(draw()) as viewer:
        page = Page(chrome, viewer)
        place = f"http://127.0.0.1:{viewer.port}"
        with evil(
            f"""<iframe src="{place}/"></iframe><script src="{place}/page.js"></script><script>
            window.said = [];
            for (const what of ["/", "/stream", "/page.js"])
                fetch("{place}" + what, {{ credentials: "include" }})
                    .then((each) => each.text(), () => "refused").then((each) => said.push(each));
            const source = new EventSource("{place}/stream", {{ withCredentials: true }});
            source.onmessage = () => said.push("message");
            source.onerror = () => said.push("closed");
            </script>"""
        ) as port:
            chrome.get(f"http://127.0.0.1:{port}/")
            page.until(lambda: len(ask(chrome, "return said")) >= 4)
            said = ask(chrome, "return said")
            chrome.switch_to.frame(0)
            framed = chrome.find_elements(By.ID, "drawing")
            chrome.switch_to.default_content()

    assert {*said} == {"refused", "closed"}
    assert not framed


def test_a_name_that_is_not_ours_leads_to_nothing_not_even_with_the_token(chrome: Chrome) -> None:
    with staged(draw()) as viewer:
        chrome.get(viewer.url.replace("127.0.0.1", "evil.example"))

        assert chrome.find_element(By.TAG_NAME, "body").text == "this is no name of this server"


def test_names_and_errors_are_text_whatever_is_in_them(chrome: Chrome) -> None:
    name = "<img src=x onerror='window.hacked = 1'>\"><script>window.hacked = 3</script>"
    with staged(draw(name), items=True) as viewer:
        page = Page(chrome, viewer)
        ask(
            chrome,
            "document.querySelectorAll('[data-node]')[1]"
            ".dispatchEvent(new MouseEvent('click', { bubbles: true }))",
        )
        page.until_told("panel", "<img src=x onerror='window.hacked = 2'>")

        assert page["plumber"].text == name
        assert name in page["panel"].text
        assert ask(chrome, "return window.hacked ?? null") is None
        assert not chrome.find_elements(By.CSS_SELECTOR, "img")


def test_a_script_that_got_into_the_page_would_not_run(chrome: Chrome) -> None:
    with staged(draw()) as viewer:
        page = Page(chrome, viewer)
        ask(
            chrome,
            """
            const script = document.createElement("script");
            script.textContent = "window.hacked = 1";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend",
                "<img src=x onerror='window.hacked = 2'>");
            window.sent = "waits";
            fetch("http://evil.example/").then(() => { window.sent = "sent"; },
                () => { window.sent = "refused"; });
        """,
        )
        said = "return [window.hacked ?? null, window.sent]"
        page.until(lambda: ask(chrome, said)[1] != "waits")

        assert ask(chrome, said) == [None, "refused"]
