"""Screenshots as small files: they are made of text and lines, and a few colours are enough."""

from __future__ import annotations

import io

from PIL import Image

COLOURS = 64
"""How many colours are left, if no more are asked for."""


def shrink(shot: bytes, colours: int = COLOURS) -> bytes:
    """Return a PNG with fewer colours."""
    small = io.BytesIO()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(colours).save(small, "png", optimize=True)
    return small.getvalue()
