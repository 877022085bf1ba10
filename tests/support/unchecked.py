"""What code without annotations does to a type."""

from __future__ import annotations

from typing import Any


def unchecked(thing: object) -> Any:  # noqa: ANN401  # so that a mistake gets past the checkers
    """Return the thing as it is, with its type forgotten."""
    return thing
