"""Server-sent events, as they are written."""

from __future__ import annotations

from typing import Final

import msgspec

BEAT: Final = b": still here\n\n"
"""A comment, by which a connection that is gone is noticed."""


def encode(name: str, data: object) -> bytes:
    """Write an event; JSON has no line break in it, which would end it."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))
