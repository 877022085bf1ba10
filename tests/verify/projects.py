"""Projects with a definition in them, right or wrong, for mypy's verdict."""

from __future__ import annotations

from pathlib import Path

from typedpipes.definition import read
from typedpipes.verify import Mistake, verify

STEPS = """\
from collections.abc import AsyncIterator
from typing import Protocol

class Sound(Protocol):
    def level(self) -> int: ...

class Silence:
    def level(self) -> str: ...

async def words() -> AsyncIterator[str]:
    yield "one"

async def hush(word: str) -> Silence: ...
async def hear(sound: Sound) -> None: ...
"""
DEFINITION = """\
nodes.words.coro = "words"
nodes.hush.coro = "hush"
nodes.hear.coro = "hear"
graph.words = "hush"
graph.hush = "hear"
"""
WRONG = "hush -> hear: hush gives Silence, hear takes Sound"
"""What only mypy says about it: at load time, protocols are compared by the names in them."""


def make_project(folder: Path, **files: str) -> Path:
    """Write a definition that is wrong, its coroutines and more files; return the definition."""
    for name, text in {"steps.py": STEPS, "pipeline.toml": DEFINITION, **files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "pipeline.toml"


def ask(definition: Path, *search: Path, config: Path | None = None) -> list[Mistake]:
    """Ask mypy, with the folder of the definition among those that have modules."""
    folders = [definition.parent, *search]
    [mistakes] = verify([read(definition)], coroutines="steps", search=folders, config=config)
    return mistakes


def say(mistakes: list[Mistake]) -> list[str]:
    return [f"{mistake.where}: {mistake.what}" for mistake in mistakes]
