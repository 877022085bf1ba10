"""Trying a processor by hand, without a plumber."""

from __future__ import annotations

from contextlib import suppress

from typing_extensions import TypeVar

from typedpipes.errors import QueueClosed
