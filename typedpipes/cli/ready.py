"""Saying that a worker is ready, to what supervises it: by a file, and to systemd."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from typedpipes.cli.refusal import Refusal
from typedpipes.shorten import shorten_message

SYSTEMD = "NOTIFY_SOCKET"
"""The variable that says where systemd listens; see `man sd_notify`."""


@contextmanager
def readiness(file: Path | None) -> Generator[Callable[[], None]]:
    """Yield what is to be called when all is ready: then there is the file, until the block ends.

    systemd is told as well, if it has started this process as a unit with `Type=notify`.

    Args:
        file: where it is; none, if it is left out. One from before, of a process that was killed,
            is removed.

    Raises:
        Refusal: the file cannot be written there.
    """
    if file is not None:
        try:
            file.touch()
            file.unlink()
        except OSError as error:
            raise Refusal(f"cannot write {str(file)!r}: {shorten_message(error)}") from error

    def tell() -> None:
        if file is not None:
            file.write_text(f"{os.getpid()}\n")
        _tell_systemd()

    try:
        yield tell
    finally:
        if file is not None:
            file.unlink(missing_ok=True)


def _tell_systemd() -> None:
    address = os.environ.get(SYSTEMD)
    if not address:
        return
    if address.startswith("@"):  # one of Linux without a file
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.connect(address)
        systemd.sendall(b"READY=1")
