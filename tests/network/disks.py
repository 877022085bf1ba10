"""Disks that can be full: small file systems in memory, which root may make on Linux."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

MOUNT = shutil.which("mount") or "mount"
UMOUNT = shutil.which("umount") or "umount"
SIZE = 4_000_000  # bytes


class Disk:
    """A small disk.

    Attributes:
        folder: where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Use up all room that is left."""
        with self._filler.open("wb", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def free(self) -> None:
        """Let there be room again."""
        self._filler.unlink()


def can_be_made() -> bool:
    """Whether this process may make one."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    try:
        with disk():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def disk() -> Generator[Disk]:
    """Have a small disk for as long as the block runs."""
    with TemporaryDirectory() as folder:
        made = [MOUNT, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
        subprocess.run(made, check=True, capture_output=True)
        try:
            yield Disk(Path(folder))
        finally:
            subprocess.run([UMOUNT, folder], check=True)
