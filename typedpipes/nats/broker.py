"""Where a broker is, and what goes over it."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from typedpipes.arguments import positive, seconds
from typedpipes.errors import SettingError
from typedpipes.network.form import Codecs


def _visible(url: str) -> str:
    """Return a URL as it may be shown: without a token or password."""
    parts = urlsplit(url)
    secret, at, address = parts.netloc.rpartition("@")
    if not at:
        return repr(url)
    user, colon, _ = secret.partition(":")
    shown = f"{user}:..." if colon else "..."  # alone it is a token
    return repr(parts._replace(netloc=f"{shown}@{address}").geturl())


@frozen
class Broker:
    """A NATS server with JetStream, or a cluster of them. Making this opens nothing.

    Its `repr` hides what is secret in the URL.

    Args:
        url: such as `nats://127.0.0.1:4222`, or `tls://...`. A token or a password in it is only
            accepted where it does not travel in the clear: on this machine, or over TLS.
        credentials: a file with the credentials of a user.
        tls: how servers are verified, and this client to them.
        codecs: how objects travel of classes that msgspec does not know, by class.
        keep_within: after how many seconds the slices of a process that died are worked on by
            others, above 0. A coroutine that keeps the event loop for so long counts as dead, too.
        replicas: how many servers of a cluster keep each record, 1 or more.
        patience: how many seconds the broker may be away when something begins, above 0.

    Raises:
        SettingError: a number is out of bounds, or the URL would give a secret away.
    """

    url: str = field(default="nats://127.0.0.1:4222", repr=_visible)
    credentials: Path | None = None
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    codecs: Codecs = field(factory=dict[type[Any], Any], repr=False)  # Any: see Codecs
    keep_within: float = 10.0
    replicas: int = 1
    patience: float = 10.0

    def __attrs_post_init__(self) -> None:
        positive("replicas", self.replicas)
        seconds("keep_within", self.keep_within)
        seconds("patience", self.patience)
        parts = urlsplit(self.url)
        if "@" in parts.netloc and parts.scheme != "tls" and self.tls is None:
            host = parts.hostname or ""
            if not _is_this_machine(host):
                raise SettingError(
                    f"the URL has a token or password, which would travel to {host!r} in the "
                    "clear. Begin it with tls://, or pass credentials."
                )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
