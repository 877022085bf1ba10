"""A PostgreSQL server of the tests' own, where its programs are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

USER = "tests"
UNPRIVILEGED = "nobody"


def program(name: str) -> str | None:
    """Find a program of PostgreSQL; Debian has them where no PATH leads."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or next(map(str, newest_first), None)


INITDB, PG_CTL = program("initdb"), program("pg_ctl")


@contextmanager
def postgres() -> Generator[str]:
    """Run a server that only a socket in its own folder leads to, and return how to connect."""
    assert INITDB
    assert PG_CTL
    # Not in a folder of pytest: those are closed to other users.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        data = f"{folder}/data"
        if os.geteuid() == 0:  # whom PostgreSQL refuses
            shutil.chown(folder, UNPRIVILEGED)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        _call(folder, INITDB, f"--pgdata={data}", f"--username={USER}", *options)
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control = [PG_CTL, f"--pgdata={data}", "--wait"]
        _call(folder, *control, f"--log={folder}/log", f"--options={settings}", "start")
        try:
            yield f"host={folder} user={USER} dbname=postgres"
        finally:
            _call(folder, *control, "--mode=immediate", "stop")


def _call(folder: str, *command: str) -> None:
    """Call a program as a user that PostgreSQL accepts."""
    as_root = os.geteuid() == 0
    subprocess.run(
        command,
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        user=UNPRIVILEGED if as_root else None,
        extra_groups=[] if as_root else None,
    )
