"""The source distribution: complete, so that its tests can be run by those who have nothing else.

Only `make wheel` runs this, as it needs the network.
"""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path

import pytest

from tests.packaging.commands import BIN, ROOT, run

LEFT_OUT = {".gitignore"}
"""What only those need who commit."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(ROOT, BIN / "python", "-m", "build", "--sdist", "--outdir", folder)
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


def test_it_holds_every_file_of_the_repository_and_none_that_is_made(unpacked: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no repository")
    tracked = run(ROOT, "git", "ls-files").splitlines()

    held = {str(file.relative_to(unpacked)) for file in unpacked.rglob("*") if file.is_file()}

    assert held - LEFT_OUT == {*tracked, "PKG-INFO"} - LEFT_OUT


def test_its_tests_are_found_and_read_what_they_need(unpacked: Path) -> None:
    pytest_ = [sys.executable, "-m", "pytest", "--quiet", "--numprocesses=0"]

    run(unpacked, *pytest_, "--collect-only")
    run(unpacked, *pytest_, "tests/test_readme.py", "tests/test_site.py", "tests/test_release.py")


def test_twine_finds_nothing_to_complain_about(archive: Path) -> None:
    said = run(archive.parent, BIN / "python", "-m", "twine", "check", "--strict", archive)

    assert "PASSED" in said
