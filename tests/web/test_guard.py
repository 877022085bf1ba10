"""Requests under foreign names, and from foreign pages, are refused."""

from __future__ import annotations

import pytest

from tests.web.raw import answered, request
from tests.web.servers import Server, serving

FOREIGN = {
    "a name that leads here": (["Host: evil.example"], 421),
    "no name": (["Host: "], 421),
    "no host that can be read": (["Host: ["], 421),
    "a forwarded name": (["Host: evil.example", "X-Forwarded-Host: localhost"], 421),
    "a page of elsewhere": (["Host: localhost", "Origin: http://evil.example"], 403),
    "a page of another port": (["Host: localhost:1", "Origin: http://localhost:2"], 403),
    "a page of a file": (["Host: localhost", "Origin: null"], 403),
    "an origin that cannot be read": (["Host: localhost", "Origin: http://["], 403),
    "a page that says it was forwarded": (
        ["Host: localhost", "Origin: http://evil.example", "X-Forwarded-Host: evil.example"],
        403,
    ),
}
PATHS = ["/", "/status", "/ws", "/socket.io/?EIO=4&transport=polling"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", FOREIGN)
def test_a_request_that_is_not_meant_for_the_server_is_refused(
    case: str, path: str, server: Server
) -> None:
    headers, status = FOREIGN[case]

    answer = answered(server, request(path, *headers))

    assert answer.startswith(f"HTTP/1.1 {status}".encode())


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST:80"])
def test_the_names_of_this_machine_are_allowed(name: str, server: Server) -> None:
    origin = f"Origin: http://{name}"

    answer = answered(server, request("/status", f"Host: {name}", origin))

    assert answer.startswith(b"HTTP/1.1 200")


def test_other_names_and_a_proxy_are_believed_where_that_is_asked_for() -> None:
    forwarded = ("Host: 10.0.0.7:8080", "X-Forwarded-Host: demo.example")
    with serving("--name", "demo.example", "--behind-proxy") as server:
        right = answered(server, request("/", *forwarded, "Origin: https://demo.example"))
        wrong = answered(server, request("/", *forwarded, "Origin: http://10.0.0.7:8080"))
        other = answered(server, request("/", "Host: demo.example", "X-Forwarded-Host: else.where"))

    assert right.startswith(b"HTTP/1.1 200")
    assert wrong.startswith(b"HTTP/1.1 403")
    assert other.startswith(b"HTTP/1.1 421")
