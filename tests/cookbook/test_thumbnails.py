"""Thumbnails of real pictures, made in child processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.cookbook.programs import BOTH, file_of

OPENS = "    with Image.open(picture) as image:\n"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Make pictures of several shapes, and one that is cut off."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(8):
        Image.new("RGB", (100 + 100 * number, 200), (number, 0, 0)).save(folder / f"{number}.png")
    whole = (folder / "5.png").read_bytes()
    (folder / "5.png").write_bytes(whole[: len(whole) // 2])
    return folder


def printed_by(program: Path, pictures: Path) -> list[str]:
    command = [sys.executable, str(program), str(pictures)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def sizes(pictures: Path) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for file in sorted(pictures.glob("*.jpg")):
        with Image.open(file) as image:
            found[file.stem] = image.size
    return found


@pytest.mark.parametrize("which", BOTH)
def test_it_shrinks_pictures_and_prints_them_in_order(
    which: str, pictures: Path, tmp_path: Path
) -> None:
    printed = printed_by(file_of(which, "thumbnails", tmp_path), pictures)

    made = sizes(pictures)
    right = [
        "5.png: failed" if name == "5" else f"{name}.png: {made[name][0]} x {made[name][1]}"
        for name in map(str, range(8))
    ]
    assert printed == right
    assert made["0"] == (32, 64)
    assert made["7"] == (64, 16)


def test_a_picture_that_crashes_its_decoder_fails_alone(pictures: Path, tmp_path: Path) -> None:
    program = file_of("page", "thumbnails", tmp_path)
    code = program.read_text()
    assert code.count(OPENS) == 1
    program.write_text(
        code.replace(OPENS, f'    if picture.stem == "2":\n        os.abort()\n{OPENS}')
    )

    printed = printed_by(program, pictures)

    failed = [line for line in printed if line.endswith("failed")]
    assert failed == ["2.png: failed", "5.png: failed"]
    assert set(sizes(pictures)) == set("013467")
