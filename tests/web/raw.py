"""Bytes over a socket, for clients that no library would be."""

from __future__ import annotations

import socket
from contextlib import closing

from tests.web.servers import PATIENCE, Server

HALF = b"GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WHOLE = HALF + b"\r\n"


def connected(server: Server, said: bytes) -> socket.socket:
    """Open a connection and say something."""
    line = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    line.sendall(said)
    return line


def answered(server: Server, said: bytes) -> bytes:
    """Say something, and give all that comes back."""
    with closing(connected(server, said)) as line:
        return b"".join(iter(lambda: line.recv(65536), b""))


def request(path: str, *headers: str) -> bytes:
    """Write a request, after which the connection is closed."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Connection: close", *headers, "", ""]).encode()
