"""The wheel, installed where there is nothing else, as its users' type checkers see it.

This needs the network and a minute or two. So it is not called `test_*`, and only
`make wheel` runs it, once for each Python that is here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.packaging.commands import BIN, ROOT, run

CONSUMER = Path(__file__).with_name("consumer.py")
PRINTED = "parse: 'four'\nleft: []\n(3, 9) (5, 25)\n"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(ROOT, BIN / "python", "-m", "build", "--wheel", "--outdir", folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session", params=["3.11", "3.12", "3.13"])
def python(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the Python of an environment that holds the wheel and what it needs."""
    interpreter = shutil.which(f"python{request.param}")
    if not interpreter or not works(interpreter):
        pytest.skip(f"no Python {request.param} here")
    folder = tmp_path_factory.mktemp("environment")
    run(folder, interpreter, "-m", "venv", folder)
    run(folder, folder / "bin/pip", "install", "--quiet", wheel)
    return folder / "bin/python"


@pytest.fixture
def consumer(tmp_path: Path) -> Path:
    return Path(shutil.copy(CONSUMER, tmp_path))


def test_it_holds_the_library_its_types_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()

    assert "typedpipes/py.typed" in names
    page = ROOT / "typedpipes/observe/web/page"
    assert {f"typedpipes/observe/web/page/{each.name}" for each in page.iterdir()} <= {*names}
    assert {name.split("/")[0].split("-")[0] for name in names} == {"typedpipes"}


def test_twine_finds_nothing_to_complain_about(wheel: Path) -> None:
    said = run(wheel.parent, BIN / "python", "-m", "twine", "check", "--strict", wheel)

    assert "PASSED" in said


def test_a_program_outside_the_repository_runs(python: Path, consumer: Path) -> None:
    assert run(consumer.parent, python, "-W", "error", consumer) == PRINTED


def test_mypy_strict_accepts_the_program(python: Path, consumer: Path) -> None:
    options = ["--strict", "--config-file=", "--no-incremental"]

    run(consumer.parent, BIN / "mypy", *options, f"--python-executable={python}", consumer)


def test_pyright_strict_accepts_the_program(python: Path, consumer: Path) -> None:
    consumer.write_text("# pyright: strict\n" + consumer.read_text())

    run(consumer.parent, BIN / "pyright", "--warnings", consumer, path=python.parent)


OF_EXTRAS = ("typedpipes.cli", "typedpipes.nats", "typedpipes.observe")
"""What stands on extras that are not installed here; `tools/completeness.py` looks at all."""


def test_every_public_name_has_a_known_type(python: Path, tmp_path: Path) -> None:
    verify = ["--verifytypes", "typedpipes", "--outputjson"]

    told = json.loads(run(tmp_path, BIN / "pyright", *verify, path=python.parent, accept=(0, 1)))

    symbols = [
        symbol
        for symbol in told["typeCompleteness"]["symbols"]
        if symbol["isExported"] and not symbol["name"].startswith(OF_EXTRAS)
    ]
    unknown = [s["name"] for s in symbols if not s["isTypeKnown"] or s["isTypeAmbiguous"]]
    assert symbols
    assert not unknown, "\n".join([f"{len(unknown)} of {len(symbols)}:", *unknown])


def works(interpreter: str) -> bool:
    """Tell whether this Python starts and can make environments: pyenv's stand-ins may not."""
    question = [interpreter, "-c", "import ensurepip"]
    return subprocess.run(question, capture_output=True, check=False).returncode == 0
