"""Where a broker is, and what goes over it."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import field, frozen

from typedpipes.arguments import positive, seconds
from typedpipes.errors import SettingError
from typedpipes.network.form import Codecs

_MOST_REPLICAS: Final = 5


def _visible(url: str) -> str:
    """Return a URL, or several, as they may be shown: without a token or password."""
    return repr(",".join(map(_without_secret, _split(url))))


def _split(url: str) -> Sequence[str]:
    return [each.strip() for each in url.split(",")]


def _without_secret(url: str) -> str:
    parts = urlsplit(url)
    secret, at, address = parts.netloc.rpartition("@")
    if not at:
        return url
    user, colon, _ = secret.partition(":")
    shown = f"{user}:..." if colon else "..."  # alone it is a token
    return parts._replace(netloc=f"{shown}@{address}").geturl()


@frozen
class Broker:
    """A NATS server with JetStream, or a cluster of them. Making this opens nothing.

    Its `repr` hides what is secret in the URL.

    Args:
        url: such as `nats://127.0.0.1:4222`, or `tls://...`; of a cluster, those of all its
            servers with commas between them, as any may be down. A token or a password in it is
            only accepted where it does not travel in the clear: on this machine, or over TLS.
        credentials: a file with the credentials of a user.
        tls: how servers are verified, and this client to them.
        codecs: how objects travel of classes that msgspec does not know, by class.
        keep_within: after how many seconds the slices of a process that died are worked on by
            others, above 0. A coroutine that keeps the event loop for so long counts as dead, too.
        replicas: how many servers of a cluster keep each record of the runs that are submitted,
            1 to 5. With 3, one may be lost, and with 5, two; while more than that are down,
            everything waits.
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
        if positive("replicas", self.replicas) > _MOST_REPLICAS:
            raise SettingError(
                f"replicas must be {_MOST_REPLICAS} at most, as no server makes more, "
                f"not {self.replicas}"
            )
        seconds("keep_within", self.keep_within)
        seconds("patience", self.patience)
        for url in self.urls:
            self._refuse_in_the_clear(url)

    @property
    def urls(self) -> Sequence[str]:
        """The URL of each server that is named."""
        return _split(self.url)

    def _refuse_in_the_clear(self, url: str) -> None:
        parts = urlsplit(url)
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
