"""`typedpipes run --page`: the page of a run, as a browser or a program sees it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.cli.commands import PATIENCE, command, environment, typedpipes


@contextmanager
def shown(*options: str, folder: Path) -> Generator[tuple[subprocess.Popen[str], str, str]]:
    """Run a graph without an end; provide where its page is, and the token."""
    process = subprocess.Popen(
        command("run", "graphs:endless", *options),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            found = re.fullmatch(r"typedpipes: see (http://127\.0\.0\.1:\d+)/\?token=(.*)\n", line)
            assert found, line
            yield process, found[1], found[2]
        finally:
            process.kill()


def ask(place: str, token: str, path: str, *, post: bool = False) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked = urllib.request.Request(  # noqa: S310  # our own server
        f"{place}{path}",
        data=b"{}" if post else None,
        headers={**headers, "Origin": place},
    )
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310  # as above
            status: int = answer.status
            return status
    except HTTPError as error:
        return error.code


def test_a_run_is_ended_from_its_page(folder: Path) -> None:
    with shown("--page", "--report", "json", folder=folder) as (process, place, token):
        assert [ask(place, token, path) for path in ("/", "/stream")] == [200, 200]
        assert ask(place, token, "/drain", post=True) == 204
        told, _ = process.communicate(timeout=PATIENCE)

    report = json.loads(told)
    assert (process.returncode, report["ending"]) == (0, "drained")
    assert report["dooms"] == [{"reason": "from the page", "mode": "drain"}]


def test_without_control_a_page_only_shows(folder: Path) -> None:
    with shown("--no-control", "--page", folder=folder) as (process, place, token):
        assert ask(place, token, "/") == 200
        assert ask(place, token, "/drain", post=True) == 405
        assert process.poll() is None


def test_a_page_is_where_it_is_asked_for_and_told_if_that_is_taken(folder: Path) -> None:
    with shown("--page", folder=folder) as (_, place, _):
        port = place.rpartition(":")[2]
        taken = typedpipes("run", "graphs:draw", "--page", port, folder=folder)
    with shown("--page", port, folder=folder) as (_, again, _):
        pass

    assert taken.returncode == 2
    assert f"cannot listen at 127.0.0.1:{port}" in taken.stderr
    assert taken.stdout == ""
    assert again == place


@pytest.mark.parametrize("port", ["70000", "two"])
def test_a_port_that_there_is_not_is_refused(port: str, folder: Path) -> None:
    done = typedpipes("run", "graphs:draw", "--page", port, folder=folder)

    assert done.returncode == 2
    assert port in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_report_is_still_all_that_is_on_the_standard_output(folder: Path) -> None:
    done = typedpipes("run", "graphs:draw", "--page", "--report", "json", folder=folder)

    assert json.loads(done.stdout)["ending"] == "finished"
    assert done.stderr.startswith("typedpipes: see http://")


def test_without_aiohttp_it_says_what_to_install(folder: Path) -> None:
    program = (
        "import sys; sys.modules['aiohttp'] = None; from typedpipes.cli.app import main; "
        "sys.exit(main(['run', 'graphs:draw', '--page']))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert "typedpipes.observe.page needs aiohttp: pip install 'typedpipes[page]'" in done.stderr
