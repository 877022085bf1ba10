"""Commands of this environment, run elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def run(
    folder: Path, *command: str | Path, path: Path = BIN, accept: tuple[int, ...] = (0,)
) -> str:
    """Run a command in a folder, with another one first on the path; give what it prints."""
    env = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in accept, f"{command[0]} in {folder}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
