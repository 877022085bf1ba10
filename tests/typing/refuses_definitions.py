"""Mistakes in what is handed to a definition's loader."""

from __future__ import annotations

from tests.typing.stages import length
from typedpipes import Plumber

Plumber.from_definition(7, coroutines={"length": length})  # refused [arg-type]: no definition
Plumber.from_definition({}, coroutines=["length"])  # refused [arg-type]: names and coroutines
Plumber.from_definition({}, coroutines={"length": length}, strict="yes")  # refused [arg-type]: bool
