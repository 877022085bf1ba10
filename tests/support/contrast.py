"""How well colours can be told apart, as the Web Content Accessibility Guidelines count it."""

from __future__ import annotations


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours such as `#8aa4d6`: 1 if they are the same, 21 at most."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
