"""The sessions in docs/cli.md, typed into a shell."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.cli.commands import ROOT, environment

PAGE = (ROOT / "docs/cli.md").read_text()
END = "--- end of a command ---"
SESSION = "".join(re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL))
COMMANDS = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", SESSION, flags=re.MULTILINE)


def test_the_sessions_go_as_the_page_says(tmp_path: Path) -> None:
    # The code of the command before is kept for `echo $?`.
    typed = "".join(f"(exit $code); {line}\ncode=$?; echo '{END}'\n" for line, _ in COMMANDS)
    function = f'typedpipes() {{ "{sys.executable}" -m typedpipes "$@"; }}\ncode=0\n'

    done = subprocess.run(
        ["bash", "-c", function + typed],  # noqa: S607  # the bash of the PATH
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    said = done.stdout.split(f"{END}\n")
    assert done.stderr == ""
    assert len(COMMANDS) == 7
    for (line, expected), actual in zip(COMMANDS, said, strict=False):
        assert re.sub(r"[\d.]+ s$", "... s", actual, flags=re.MULTILINE) == expected, line
