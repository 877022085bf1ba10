"""The code of docs/definitions.md, run from top to bottom: it prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs/definitions.md").read_text()
FILES = re.findall(r"```toml\n(# (.*?)\n.*?)```", PAGE, re.DOTALL)
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for text, name in FILES:
        Path(name).write_text(text)
    namespace: dict[str, object] = {}

    for code, said in EXAMPLES:
        exec(compile(code, "docs/definitions.md", "exec"), namespace)  # noqa: S102  # our own page

        assert capsys.readouterr().out == said


def test_every_piece_of_code_is_run() -> None:
    assert len(FILES) == PAGE.count("```toml") == 7
    assert len(EXAMPLES) == PAGE.count("```python") == 9
