"""A real browser without a screen, for the tests of the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

CHROME = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    not (CHROME and DRIVER),
    reason="there is no chromium or no chromedriver: apt install chromium chromium-driver",
)


@contextmanager
def browser(*more: str) -> Generator[Chrome]:
    """Start a browser with more arguments than it needs, and end it."""
    options = ChromeOptions()
    options.binary_location = str(CHROME)
    arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium does not run as root with one
    for argument in (*arguments, *more):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=ChromeService(DRIVER))
    try:
        yield chrome
    finally:
        chrome.quit()


# Any in all of these: selenium does not say what a browser takes and gives there.


def show_as(chrome: Chrome, *, width: int, dark: bool) -> None:
    """Let pages have another size, and another colour scheme."""
    driver: Any = chrome
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def without_motion(chrome: Chrome) -> None:
    """Let pages know that their reader wants nothing to move."""
    driver: Any = chrome
    wish = {"name": "prefers-reduced-motion", "value": "reduce"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})


def before_each_page(chrome: Chrome, script: str) -> None:
    """Run a script in every page before its own scripts."""
    driver: Any = chrome
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})


def ask(chrome: Chrome, script: str) -> Any:  # noqa: ANN401
    """Run a script in the page."""
    driver: Any = chrome
    return driver.execute_script(script)


def complaints(chrome: Chrome) -> Sequence[object]:
    """Return what the browser has complained about since it was asked before."""
    driver: Any = chrome
    found: list[object] = driver.get_log("browser")
    return found
