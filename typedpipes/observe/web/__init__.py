"""The page: a server, and in `page` what a browser gets from it."""

from __future__ import annotations

from typedpipes.observe.missing import missing

try:
    import aiohttp as aiohttp
except ImportError as _error:
    raise missing("typedpipes.observe.page", _error, "page") from _error
