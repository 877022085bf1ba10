"""The page against those who should not see a run, and should not end it."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import ClientSession

from tests.observe.visiting import draw, visiting
from typedpipes import Plumber, SettingError
from typedpipes.observe import aiohttp_app, page
from typedpipes.observe.web.serving import Viewer

PATHS = ["/", "/page.js", "/stream"]
COMMANDS = ["/pause", "/resume", "/drain", "/abort"]

Shown = tuple[Plumber, Viewer]


@pytest.fixture
async def shown() -> AsyncIterator[Shown]:
    plumber, _ = draw()
    async with plumber.running(), page(plumber, control=True) as viewer:
        yield plumber, viewer


def of_the_page(viewer: Viewer) -> dict[str, str]:
    """Return the headers of a command that comes from the page itself."""
    return {"Origin": f"http://127.0.0.1:{viewer.port}", "Content-Type": "application/json"}


async def asked(
    viewer: Viewer, path: str, headers: Mapping[str, str] | None = None, *, token: bool = True
) -> int:
    async with (
        visiting(viewer, token=token) as session,
        session.get(path, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status


async def commanded(
    viewer: Viewer,
    headers: Mapping[str, str],
    body: bytes = b"{}",
    *,
    path: str = "/abort",
    token: bool = True,
) -> int:
    async with (
        visiting(viewer, token=token) as session,
        session.post(path, headers=headers, data=body) as answer,
    ):
        return answer.status


# Other users of the machine


@pytest.mark.parametrize("path", PATHS)
async def test_without_the_token_there_is_nothing_to_see(path: str, shown: Shown) -> None:
    _, viewer = shown

    assert await asked(viewer, path, token=False) == 401
    assert await asked(viewer, path, {"Authorization": "Bearer no"}, token=False) == 401
    assert await asked(viewer, path, {"Cookie": f"typedpipes_{viewer.port}=no"}, token=False) == 401
    assert await asked(viewer, f"{path}?token=no", token=False) == 401
    assert await asked(viewer, f"{path}?token=%F0%28", token=False) == 401


@pytest.mark.parametrize("path", COMMANDS)
async def test_without_the_token_there_is_nothing_to_end(path: str, shown: Shown) -> None:
    plumber, viewer = shown

    status = await commanded(viewer, of_the_page(viewer), path=path, token=False)

    assert status == 401
    assert plumber.gauges().state == "running"


async def test_the_token_is_exchanged_for_a_cookie_and_leaves_the_address(shown: Shown) -> None:
    _, viewer = shown

    async with visiting(viewer, token=False) as session:
        async with session.get(f"/?of=0&token={viewer.token}", allow_redirects=False) as first:
            cookie = first.headers["Set-Cookie"]
            where = first.headers["Location"]
        async with session.get(where) as second:
            assert second.status == 200

    assert (first.status, where) == (303, "/?of=0")
    assert cookie.startswith(f"typedpipes_{viewer.port}={viewer.token};")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {*cookie.split("; ")}


@pytest.mark.parametrize("path", ["//evil.example/", "/stream", "/page.js", "/abort"])
async def test_the_token_leads_only_to_the_page_itself(path: str, shown: Shown) -> None:
    _, viewer = shown
    head = f"GET {path}?token={viewer.token} HTTP/1.1\r\nHost: 127.0.0.1:{viewer.port}\r\n"

    assert await answered(viewer, head) == b"HTTP/1.1 401 Unauthorized"


async def test_a_request_without_a_host_is_refused(shown: Shown) -> None:
    _, viewer = shown
    head = f"POST /abort HTTP/1.0\r\nAuthorization: Bearer {viewer.token}\r\n"

    assert await answered(viewer, head) == b"HTTP/1.0 421 Misdirected Request"


async def answered(viewer: Viewer, head: str) -> bytes:
    """Send bytes as no client would, and return the first line that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", viewer.port)
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.partition(b"\r\n")[0]


async def test_a_token_is_long_and_never_the_same_and_in_no_repr() -> None:
    plumber, _ = draw()
    async with page(plumber) as first, page(plumber) as second:
        assert first.token != second.token
        assert len(first.token) == 32  # 24 random bytes
        assert first.token not in repr(first)
        assert first.token in first.url


async def test_only_this_machine_can_reach_it(shown: Shown) -> None:
    _, viewer = shown
    with socket.create_server(("", 0)) as everywhere:
        others = everywhere.getsockname()[0]

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", viewer.port), timeout=5)

    assert others == "0.0.0.0"  # noqa: S104  # where a server listens that says nothing else


async def test_another_host_needs_a_token_of_ones_own_and_is_warned_about() -> None:
    plumber, _ = draw()

    with pytest.raises(SettingError, match=r"can be reached by others\. Pass a token"):
        page(plumber, host="0.0.0.0")  # noqa: S104  # that is what is refused
    for token in ("short", "0123456789abcde&", "0123456789 abcdef", "ümlaute-ümlaute-"):
        with pytest.raises(SettingError, match="16 letters, digits, - or _ or more"):
            page(plumber, host="0.0.0.0", token=token)  # noqa: S104  # as above
    with pytest.warns(UserWarning, match="not encrypted"):
        page(plumber, host="0.0.0.0", token="0123456789abcdef")  # noqa: S104, S106  # as above


# Names that lead here


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost:1", "", "[", "localhost."]
)
async def test_under_another_name_there_is_nothing_not_even_with_the_token(
    host: str, shown: Shown
) -> None:
    _, viewer = shown

    for path in (*PATHS, f"/?token={viewer.token}"):
        assert await asked(viewer, path, {"Host": host}) == 421


async def test_the_names_of_this_machine_and_those_that_are_asked_for_are_right() -> None:
    plumber, _ = draw()
    async with page(plumber, hosts=["Build.example:8080"]) as viewer:
        for host in (f"localhost:{viewer.port}", f"127.0.0.1:{viewer.port}", "build.example:8080"):
            assert await asked(viewer, "/", {"Host": host}) == 200


async def test_the_other_address_of_this_machine_is_an_address_too() -> None:
    plumber, _ = draw()
    try:
        async with page(plumber, host="::1") as viewer, ClientSession() as session:
            assert viewer.url.startswith(f"http://[::1]:{viewer.port}/?token=")
            async with session.get(viewer.url, allow_redirects=False) as answer:
                assert answer.status == 303
    except SettingError as error:
        pytest.skip(str(error))  # a machine may be without it


def test_one_name_is_not_taken_for_its_letters() -> None:
    plumber, _ = draw()

    with pytest.raises(SettingError, match=r"not one: \['build.example'\]"):
        page(plumber, hosts="build.example")


# Pages of elsewhere


ORIGINS = ["http://evil.example", "null", "", "http://localhost:1", "https://[", "file://"]


@pytest.mark.parametrize("path", COMMANDS)
@pytest.mark.parametrize("origin", ORIGINS)
async def test_commands_of_other_pages_are_refused(origin: str, path: str, shown: Shown) -> None:
    plumber, viewer = shown

    status = await commanded(viewer, {**of_the_page(viewer), "Origin": origin}, path=path)

    assert status == 403
    assert plumber.gauges().state == "running"


async def test_a_command_without_an_origin_is_refused(shown: Shown) -> None:
    _, viewer = shown

    assert await commanded(viewer, {"Content-Type": "application/json"}) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_a_browser_says_another_page_asks_for_is_refused(
    site: str, shown: Shown
) -> None:
    _, viewer = shown
    says = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}

    assert await commanded(viewer, {**of_the_page(viewer), **says}) == 403
    for path in PATHS:
        assert await asked(viewer, path, says) == 403
    assert await asked(viewer, "/", {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}) == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_what_a_form_can_send_is_no_command(kind: str, shown: Shown) -> None:
    plumber, viewer = shown

    status = await commanded(viewer, {**of_the_page(viewer), "Content-Type": kind})

    assert status == 415
    assert plumber.gauges().state == "running"


async def test_a_command_is_no_address_that_a_picture_could_have(shown: Shown) -> None:
    plumber, viewer = shown

    for path in COMMANDS:
        assert await asked(viewer, path) == 404
    assert plumber.gauges().state == "running"


async def test_nothing_is_sent_that_another_page_could_read_or_frame(shown: Shown) -> None:
    _, viewer = shown
    async with visiting(viewer) as session:
        for path in ("/", "/page.js", "/nothing"):
            async with session.get(path) as answer:
                said = answer.headers
            policy = said["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert said["X-Frame-Options"] == "DENY"
            assert said["Cross-Origin-Resource-Policy"] == "same-origin"
            assert said["Cache-Control"] == "no-store"
            assert said["X-Content-Type-Options"] == "nosniff"
            assert "Access-Control-Allow-Origin" not in said


async def test_only_scripts_of_the_page_run_and_its_number_is_used_once(shown: Shown) -> None:
    _, viewer = shown
    seen: set[str] = set()
    async with visiting(viewer) as session:
        for _ in range(2):
            async with session.get("/") as answer:
                text = await answer.text()
                policy = answer.headers["Content-Security-Policy"]
            (nonce,) = re.findall(r"script-src 'nonce-([\w-]+)'", policy)
            assert set(re.findall(r'nonce="([^"]*)"', text)) == {nonce}
            assert re.findall(r"<(?:script|style)\b(?![^>]*nonce)|\son\w+=|style=", text) == []
            seen.add(nonce)

    assert len(seen) == 2


# Floods


async def test_a_large_body_is_refused_whether_or_not_it_says_how_large(shown: Shown) -> None:
    _, viewer = shown

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 1000

    async with visiting(viewer) as session:
        headers = of_the_page(viewer)
        async with session.post("/abort", headers=headers, data=b" " * 4097) as whole:
            assert whole.status == 413
        async with session.post("/abort", headers=headers, data=pieces()) as chunked:
            assert chunked.status == 413


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b'{"of": -1}', 400),
        (b'{"of": 1}', 404),
        (b'{"nodes": ["nothing"]}', 404),
        (b'{"nodes": "double"}', 400),
        (b'{"reason": "<b>"}', 400),
        (b"\xff\xfe", 400),
    ],
)
async def test_a_command_that_makes_no_sense_is_refused(
    body: bytes, status: int, shown: Shown
) -> None:
    plumber, viewer = shown

    assert await commanded(viewer, of_the_page(viewer), body) == status
    assert plumber.gauges().state == "running"


# Paths, and the application in another one


@pytest.mark.parametrize(
    "path", ["/..%2fserving.py", "/%2e%2e/serving.py", "/page.html", "/serving.py", "/__init__.py"]
)
async def test_only_the_files_of_the_page_are_sent(path: str, shown: Shown) -> None:
    _, viewer = shown

    assert await asked(viewer, path) == 404


async def test_without_control_there_are_no_commands() -> None:
    plumber, _ = draw()
    async with plumber.running(), page(plumber) as viewer:
        for path in COMMANDS:
            assert await commanded(viewer, of_the_page(viewer), path=path) == 405
        assert plumber.gauges().state == "running"


async def test_an_application_refuses_commands_of_other_pages_too() -> None:
    from aiohttp import web
    from aiohttp.test_utils import TestClient, TestServer

    plumber, _ = draw()
    app = web.Application()
    app.add_subapp("/pipeline", aiohttp_app(plumber, control=True))
    async with plumber.running(), TestClient(TestServer(app)) as client:
        ours = {"Origin": str(client.make_url("/")).rstrip("/"), "Content-Type": "application/json"}
        wrong = await client.post(
            "/pipeline/drain", headers={**ours, "Origin": "http://evil.example"}, data=b"{}"
        )
        page_there = await client.get("/pipeline/")
        script = await client.get("/pipeline/live.js")
        state = plumber.gauges().state
        answer = await client.post("/pipeline/drain", headers=ours, data=b"{}")
        await plumber.ended()

    assert (wrong.status, state) == (403, "running")
    assert (page_there.status, script.status, answer.status) == (200, 200, 204)
    assert plumber.report().dooms[0].reason == "from the page"


async def test_a_client_that_says_nothing_for_long_does_not_keep_the_server(shown: Shown) -> None:
    plumber, _ = draw()
    async with page(plumber, control=True) as viewer:
        lines = [await asyncio.open_connection("127.0.0.1", viewer.port) for _ in range(100)]
        for _, writer in lines:
            writer.write(b"POST /abort HTTP/1.1\r\nHost: ")
            await writer.drain()
        assert await asked(viewer, "/") == 200
    for reader, writer in lines:
        assert await reader.read() == b""
        writer.close()
