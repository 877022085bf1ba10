"""The folder that the commands are tried in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import DEFINITION, GRAPHS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "graphs.py").write_text(GRAPHS)
    (tmp_path / "words.toml").write_text(DEFINITION)
    return tmp_path
