"""Makes the private virtual environment that the Makefile's targets run in.

    python3 tools/environment.py FOLDER EXTRA

Installs the project with one of its extras. Does nothing, and needs no network,
if that is done already and `pyproject.toml` has not changed since.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
HOLDS = {"demos": "dev", "test": "dev"}  # what comes with another extra
NO_PIP = """\
This Python cannot put pip into a virtual environment: {python}
On Debian and Ubuntu: apt install python3-venv
Or name another Python: make PYTHON=/path/to/python3"""


def main(folder: Path, extra: str) -> None:
    """Make the environment in `folder` unless it is there and up to date."""
    python = folder / "bin" / "python"
    if works(python):
        if installed(folder, extra) or installed(folder, HOLDS.get(extra, extra)):
            return
    else:
        create(folder)
    print(f"Installing typedpipes[{extra}] into {folder} (once) ...", flush=True)
    pip_install(python, f"{ROOT}[{extra}]")
    stamp(folder, extra).write_text(fingerprint())


def installed(folder: Path, extra: str) -> bool:
    """Whether this extra was installed from the `pyproject.toml` of today."""
    mark = stamp(folder, extra)
    return mark.exists() and mark.read_text() == fingerprint()


def stamp(folder: Path, extra: str) -> Path:
    """The file that says from what this extra was installed."""
    return folder / f".installed-{extra}"


def fingerprint() -> str:
    """What an environment depends on; another value means: install again."""
    project = (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(project + str(ROOT).encode()).hexdigest()


def works(python: Path) -> bool:
    """Whether the environment's Python starts: the one it was made from may be gone."""
    if not python.exists():
        return False
    question = f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"
    answer = subprocess.run([python, "-c", question], check=False, capture_output=True)
    return answer.returncode == 0


def create(folder: Path) -> None:
    """Make an empty environment with pip, from the Python that runs this file."""
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(NO_PIP.format(python=sys.executable))
    print(f"Making {folder} with Python {sys.version.split()[0]} ...", flush=True)
    try:
        venv.create(folder, clear=True, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError:
        sys.exit(NO_PIP.format(python=sys.executable))


def pip_install(python: Path, project: str) -> None:
    """Install the project in editable form; pip says itself what went wrong."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([python, "-m", "pip", "install", *quiet, "-e", project], check=False)
    if done.returncode != 0:
        sys.exit(f"pip could not install {project}: see above. The first time needs a network.")


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(f"typedpipes needs Python 3.11 or newer; {sys.executable} is older.")
    main(Path(sys.argv[1]), sys.argv[2])
