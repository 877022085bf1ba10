"""Where mypy's verdicts on definitions are kept between calls."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path


def find_cache(project: Path) -> str:
    """Return a folder in the project's cache of mypy, or in the user's own cache.

    What belongs to another user is not used, and a link is not followed: both could lead anywhere.
    As a last resort, return the null device, with which mypy keeps nothing.
    """
    name = hashlib.sha256(os.fsencode(project)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    for base, parts in ((project, (".mypy_cache", "typedpipes")), (home, ("typedpipes", name))):
        with suppress(OSError):
            base.mkdir(parents=True, exist_ok=True)
            outer, inner = base / parts[0], base.joinpath(*parts)
            # One after the other: `mkdir` would follow a link that stands for the outer one.
            ours = _is_ours(base) and _is_made(outer) and _is_made(inner)
            if ours and not _leads_away(inner):
                return str(inner)
    return os.devnull


def _is_made(folder: Path) -> bool:
    """Make a folder if it is missing; return whether it is one of ours, and no link."""
    if folder.is_symlink():
        return False
    folder.mkdir(exist_ok=True)
    return _is_ours(folder)


def _is_ours(folder: Path) -> bool:
    return folder.stat().st_uid == os.geteuid() and os.access(folder, os.W_OK)


def _leads_away(cache: Path) -> bool:
    """Whether mypy would follow a link inside of its cache: a folder for each Python, databases."""
    return any(each.is_symlink() for pattern in ("*", "*/*.db*") for each in cache.glob(pattern))
