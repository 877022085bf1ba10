"""Loading into a real PostgreSQL, by programs that are killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from tests.cookbook.programs import BOTH, file_of
from tests.support.postgres import INITDB, PG_CTL, postgres

pytestmark = pytest.mark.skipif(
    not (INITDB and PG_CTL), reason="initdb and pg_ctl of PostgreSQL are not installed"
)
ROWS = 530
KINDS = ("apple,{0}", "pear,{0}", "plum,many", "fig,{0}")
PRICES = {"apple": Decimal("0.5"), "pear": Decimal(2), "plum": Decimal(1)}


@pytest.fixture
def database() -> Generator[str]:
    """Run a server that knows prices, but none of figs."""
    with postgres() as database:
        write_prices(database)
        yield database


def write_prices(database: str) -> None:
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("create table prices (product text primary key, price numeric)")
        cursor.executemany("insert into prices values (%s, %s)", list(PRICES.items()))


def lines(count: int) -> str:
    return "".join(KINDS[line % len(KINDS)].format(line) + "\n" for line in range(1, count + 1))


def amounts() -> list[tuple[int, Decimal]]:
    """Return what should be stored: lines, and amounts."""
    prices = {1: PRICES["pear"], 0: PRICES["apple"]}
    kinds = ((line, line % len(KINDS)) for line in range(1, ROWS + 1))
    return [(line, prices[kind] * line) for line, kind in kinds if kind in prices]


def stored(database: str) -> tuple[list[tuple[int, Decimal]], dict[int, str], int]:
    """Return what is in the database: lines and amounts, what was rejected, the checkpoint."""
    with psycopg.connect(database) as connection:
        sales: list[tuple[int, Decimal]] = connection.execute(
            "select line, amount from sales order by line"
        ).fetchall()
        rejected: dict[int, str] = dict(
            connection.execute("select line, why from rejected").fetchall()
        )
        ((line,),) = connection.execute("select line from checkpoints").fetchall()
        return sales, rejected, line


@contextmanager
def loading(program: Path, file: Path, database: str) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, str(program), str(file), database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as loader:
        try:
            yield loader
        finally:
            loader.kill()


def load(program: Path, file: Path, database: str) -> int:
    with loading(program, file, database) as loader:
        loader.communicate()
        return loader.returncode


def load_the_begin(
    program: Path, file: Path, database: str, rows: int, ending: signal.Signals
) -> int:
    """Start with a file that is not complete, and end the program once it has stored something."""
    os.mkfifo(file)
    pipe = os.open(file, os.O_RDWR)  # which does not wait for the program to open it
    with loading(program, file, database) as loader:
        os.write(pipe, lines(rows).encode())
        assert loader.stdout is not None
        assert loader.stdout.readline().startswith("stored up to line")
        loader.send_signal(ending)
        loader.communicate()
    os.close(pipe)
    file.unlink()
    return loader.returncode


@pytest.mark.parametrize("which", BOTH)
def test_it_stores_what_has_a_price_and_tells_why_the_rest_was_rejected(
    which: str, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "sales.csv"
    file.write_text(lines(ROWS))

    code = load(file_of(which, "sales", tmp_path), file, database)

    sales, rejected, checkpoint = stored(database)
    assert code == 0
    assert sales == amounts()
    assert len(rejected) == ROWS - len(sales)
    assert rejected[3] == "fig has no price"
    assert rejected[2] == "invalid literal for int() with base 10: 'many'"
    assert checkpoint == ROWS


@pytest.mark.parametrize("which", BOTH)
def test_killed_and_started_again_it_stores_each_line_once(
    which: str, database: str, tmp_path: Path
) -> None:
    program, file = file_of(which, "sales", tmp_path), tmp_path / "sales.csv"

    killed = load_the_begin(program, file, database, 250, signal.SIGKILL)
    _, _, checkpoint = stored(database)
    file.write_text(lines(ROWS))
    code = load(program, file, database)

    assert killed == -signal.SIGKILL
    assert 0 < checkpoint <= 250
    assert code == 0
    assert stored(database)[0] == amounts()
    assert stored(database)[2] == ROWS


def test_sigterm_ends_it_in_order_and_it_goes_on_from_there(database: str, tmp_path: Path) -> None:
    program, file = file_of("page", "sales", tmp_path), tmp_path / "sales.csv"

    ended = load_the_begin(program, file, database, 250, signal.SIGTERM)
    _, _, checkpoint = stored(database)
    file.write_text(lines(ROWS))
    code = load(program, file, database)

    assert ended == 0
    assert 0 < checkpoint <= 250
    assert code == 0
    assert stored(database)[0] == amounts()


@pytest.mark.parametrize("which", BOTH)
def test_an_error_of_the_database_rejects_no_row(which: str, database: str, tmp_path: Path) -> None:
    program, file = file_of(which, "sales", tmp_path), tmp_path / "sales.csv"
    file.write_text(lines(ROWS))
    with psycopg.connect(database) as connection:
        connection.execute("drop table prices")

    failed = load(program, file, database)
    write_prices(database)
    code = load(program, file, database)

    assert (failed, code) == (1, 0)
    assert stored(database)[0] == amounts()
