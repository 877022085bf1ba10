"""Drawing a graph with a plumber and its joints, and running it."""

from __future__ import annotations

from typedpipes.plumber.joint import Joint
from typedpipes.plumber.plumber import Plumber
from typedpipes.plumber.synchronous import run

__all__ = ["Joint", "Plumber", "run"]
