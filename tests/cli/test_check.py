"""`typedpipes check`, as a process."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from tests.cli.commands import DEFINITION, typedpipes


def test_what_is_right_is_told_so(folder: Path) -> None:
    done = typedpipes("check", "words.toml", "graphs:draw", "-c", "graphs", folder=folder)

    assert (done.returncode, done.stdout) == (0, "words.toml: ok\ngraphs:draw: ok\n")


def test_the_wiring_errors_of_a_plumber_are_told_one_a_line(folder: Path) -> None:
    done = typedpipes("check", "graphs:wrong", folder=folder)

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"graphs:wrong: {name}: the output of {name!r} goes nowhere. "
        "Connect it to a processor, collect or read it, or make it a Sink."
        for name in ("length", "divide")
    ]


def test_all_that_is_wrong_with_files_is_told_by_line(folder: Path) -> None:
    (folder / "wrong.toml").write_text(
        'nodes.words.coro = "words"\n'
        'nodes.divide.coro = "divide"\n'
        'nodes.lost = { coro = "lost", workers = 0 }\n'
        'graph.words = ["divide", "lost"]\n'
    )
    (folder / "shape.json").write_text('{"nodes": {}, "edges": {}}')

    done = typedpipes("check", "wrong.toml", "words.toml", "shape.json", "-cgraphs", folder=folder)

    assert done.returncode == 1
    assert "wrong.toml:3: nodes.lost.workers: must be" in done.stdout
    assert "shape.json:1: edges: unknown key" in done.stdout
    assert "words.toml: ok" in done.stdout


def test_mypy_and_the_loader_tell_a_mistake_once(folder: Path) -> None:
    text = (folder / "words.toml").read_text().replace('"length"\n', '"divide"\n')
    (folder / "words.toml").write_text(text)

    done = typedpipes("check", "words.toml", "-c", "graphs", "--format", "json", folder=folder)

    [finding] = json.loads(done.stdout)
    assert done.returncode == 1
    assert finding["message"].startswith("words gives str, length takes int.")
    del finding["message"]
    assert finding == {
        "target": "words.toml",
        "line": 5,
        "column": 16,
        "where": "words -> length",
        "code": "connection",
        "severity": "error",
    }


RESOURCES = """
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

class Shelf:
    async def __aenter__(self) -> list[str]: ...
    async def __aexit__(self, *reason: object) -> None: ...

@asynccontextmanager
async def lend(name: str) -> AsyncGenerator[bytes]:
    yield name.encode()

async def titles(shelf: list[str]) -> AsyncIterator[str]:
    yield ""

async def read(title: str, card: bytes, shelf: list[str]) -> None: ...
"""

LIBRARY = """\
resources.shelf = { make = "Shelf" }
resources.card = { make = "lend", args = { name = "ann" }, per = "worker" }
nodes.titles = { coro = "titles", resource = "shelf" }
nodes.read = { coro = "read", resource = ["card", "shelf"] }
graph.titles = "read"
"""


def test_resources_are_checked_by_the_loader_and_by_mypy(folder: Path) -> None:
    (folder / "library.py").write_text(RESOURCES)
    (folder / "right.toml").write_text(LIBRARY)
    (folder / "wrong.toml").write_text(LIBRARY.replace('"card", "shelf"', '"shelf", "card"'))

    done = typedpipes("check", "right.toml", "wrong.toml", "-c", "library", folder=folder)

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "wrong.toml:4: nodes.read.resource[0]: the resource 'shelf' is list[str], 'read' takes "
        "bytes. Let it take list[str], or name another resource.",
        "wrong.toml:4: nodes.read.resource[1]: the resource 'card' is bytes, 'read' takes "
        "list[str]. Let it take bytes, or name another resource.",
        "right.toml: ok",
    ]


DECORATED = """
import functools
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def listed(coro: Callable[[str], Awaitable[T]]) -> Callable[[str], Awaitable[list[T]]]:
    @functools.wraps(coro)
    async def wrapper(word: str) -> list[T]:
        return [await coro(word)]

    return wrapper


@listed
async def sizes(word: str) -> int: ...
async def size(number: int) -> None: ...
async def total(numbers: list[int]) -> None: ...
"""


def test_mypy_knows_what_a_decorator_makes_of_a_coroutine(folder: Path) -> None:
    with (folder / "graphs.py").open("a") as module:
        module.write(DECORATED)
    for end in ("size", "total"):
        (folder / f"{end}.toml").write_text(
            f'nodes.words.coro = "words"\nnodes.sizes.coro = "sizes"\nnodes.end.coro = "{end}"\n'
            'graph.words = ["sizes"]\ngraph.sizes = ["end"]\n'
        )

    done = typedpipes("check", "size.toml", "total.toml", "-c", "graphs", folder=folder)

    assert done.stdout == (
        "size.toml:5: sizes -> end: sizes gives list[int], end takes int\ntotal.toml: ok\n"
    )


def test_a_module_that_cannot_be_parsed_is_told_by_the_line_that_names_it(folder: Path) -> None:
    (folder / "broken.py").write_text("def f(:\n")
    (folder / "broken.toml").write_text('nodes.a.coro = "broken:f"\n')

    done = typedpipes("check", "broken.toml", folder=folder)

    assert done.returncode == 1
    assert done.stdout.startswith(
        "broken.toml:1: nodes.a.coro: importing 'broken' raised SyntaxError("
    )
    assert done.stderr.startswith("typedpipes: mypy could not check: broken.py:1: ")


def test_what_modules_print_is_kept_apart_from_the_findings(folder: Path) -> None:
    with (folder / "graphs.py").open("a") as module:
        module.write("print('hello')\n")

    done = typedpipes("check", "words.toml", "graphs:draw", "-cgraphs", "-f", "json", folder=folder)

    assert (done.stdout, done.stderr) == ("[]\n", "hello\n")


def test_modules_are_found_in_src_and_beside_a_definition_inside_of_a_package(folder: Path) -> None:
    (folder / "pyproject.toml").touch()
    package = folder / "src/shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (folder / "graphs.py").rename(package / "graphs.py")
    (folder / "words.toml").rename(package / "words.toml")

    of_a_file = typedpipes("check", "words.toml", "-c", "shop.graphs", folder=package)
    of_a_module = typedpipes("check", "shop.graphs:draw", folder=folder)

    assert (of_a_file.stdout, of_a_file.stderr) == ("words.toml: ok\n", "")
    assert (of_a_module.stdout, of_a_module.stderr) == ("shop.graphs:draw: ok\n", "")


def test_a_definition_in_a_package_without_a_project(folder: Path) -> None:
    (folder / "__init__.py").touch()

    done = typedpipes("check", "words.toml", "-c", "json", folder=folder)

    assert done.returncode == 1
    assert "'words' is not offered" in done.stdout


def test_a_module_that_runs_its_plumber_when_it_is_imported_is_told_not_to(folder: Path) -> None:
    with (folder / "graphs.py").open("a") as module:
        module.write("from typedpipes import run\nplumber = draw()\nrun(plumber)\n")

    of_a_module = typedpipes("check", "graphs:plumber", folder=folder)
    of_a_file = typedpipes("check", "words.toml", "-c", "graphs", folder=folder)

    assert "one" not in of_a_module.stderr + of_a_file.stderr
    why = (
        "cannot import 'graphs': RunStateError: 'words' does not run while its module "
        "is only looked at. Put what runs it below `if __name__ == '__main__':`.\n"
    )
    assert (of_a_module.returncode, of_a_module.stdout) == (1, f"graphs:plumber: {why}")
    assert (of_a_file.returncode, of_a_file.stderr) == (2, f"typedpipes: {why}")


def test_a_module_in_place_of_a_definition(folder: Path) -> None:
    done = typedpipes("check", "graphs.py", folder=folder)

    assert (done.returncode, done.stdout) == (
        1,
        "graphs.py: 'graphs.py' is a module, not a definition. "
        "Name the plumber in it, such as 'graphs:plumber'\n",
    )


def test_a_definition_whose_names_are_in_no_module_yet(folder: Path) -> None:
    done = typedpipes("check", "words.toml", folder=folder)

    assert (
        "the coroutine 'words' is not offered. Name it as package.module:function, or offer it in "
        "`coroutines` (on the command line: --coroutines package.module)."
    ) in done.stdout


def test_a_target_that_is_missing_is_a_finding_and_the_others_are_checked(folder: Path) -> None:
    targets = ["none.toml", "words.toml", "none:draw", "graphs:draw", "spam", "graphs:number"]

    done = typedpipes("check", *targets, "-cgraphs", folder=folder)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "none.toml: there is no file 'none.toml'",
        "none:draw: cannot import 'none': ModuleNotFoundError: No module named 'none'",
        "spam: 'spam' is neither a file nor a plumber in a module, such as 'pipeline.toml' or "
        "'package.module:plumber'",
        "graphs:number: 'graphs:number' is int, not a Plumber or a function that returns one",
        "words.toml: ok",
        "graphs:draw: ok",
    ]


def test_what_is_no_file_is_named_as_what_it_is(folder: Path) -> None:
    (folder / "folder.toml").mkdir()
    os.mkfifo(folder / "pipe.toml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.toml"))
        names = ["folder.toml", "pipe.toml", "socket.toml"]
        done = typedpipes("check", *names, "/dev/null", "x" * 300 + ".toml", folder=folder)

    way_out = "not a definition. Name a file, or '-' for the standard input."
    assert done.returncode == 1
    assert done.stdout.splitlines()[:4] == [
        f"folder.toml: 'folder.toml' is a directory, {way_out}",
        f"pipe.toml: 'pipe.toml' is a FIFO (a named pipe), {way_out}",
        f"socket.toml: 'socket.toml' is a socket, {way_out}",
        f"/dev/null: '/dev/null' is a device, {way_out}",
    ]
    assert "File name too long" in done.stdout.splitlines()[4]


@pytest.mark.parametrize(("change", "code"), [("", 0), ("divide", 1)])
def test_a_definition_comes_from_the_standard_input(change: str, code: int, folder: Path) -> None:
    text = DEFINITION.replace('coro = "length"', f'coro = "{change}"') if change else DEFINITION

    done = typedpipes("check", "-", "-c", "graphs", folder=folder, given=text)

    assert done.returncode == code
    assert done.stdout.startswith("<stdin>:5: words -> length: " if code else "<stdin>: ok\n")


def test_a_definition_from_the_standard_input_is_shown_and_run(folder: Path) -> None:
    shown = typedpipes("show", "-", "-c", "graphs", folder=folder, given=DEFINITION)
    ran = typedpipes("run", "-", "-cgraphs", "-rnone", folder=folder, given=DEFINITION)

    assert shown.stdout.startswith("words\n\nwords   (source)\n")
    assert (ran.returncode, ran.stdout) == (0, "3\n3\n")


def test_the_same_mistake_in_very_many_nodes_is_told_once_with_its_count(folder: Path) -> None:
    nodes = "".join(f'nodes.n{number}.coro = "lost"\n' for number in range(500))
    (folder / "many.toml").write_text(nodes)

    done = typedpipes("check", "many.toml", "-c", "graphs", folder=folder)

    assert done.stdout == (
        "many.toml:1: nodes.n0.coro: 'lost' is not offered by 'graphs'. "
        "(The same is wrong in 499 more places.)\n"
    )


def test_what_only_mypy_finds_wrong_in_very_many_nodes_is_told_once(folder: Path) -> None:
    (folder / "loose.py").write_text(
        "from graphs import *\n__all__ = ['words', 'take']\ntake = show\n"
    )
    (folder / "mypy.ini").write_text("[mypy]\n[mypy-loose]\nfollow_imports = skip\n")
    takers = [f"n{number}" for number in range(130)]
    (folder / "many.toml").write_text(
        'nodes.words.coro = "words"\n'
        + "".join(f'nodes.{name}.coro = "take"\n' for name in takers)
        + f"graph.words = {takers}\n"
    )

    done = typedpipes("check", "many.toml", "-c", "loose", folder=folder)

    assert [line.partition(": mypy ")[0] for line in done.stdout.splitlines()] == [
        "many.toml:1: nodes.words",
        "many.toml:2: nodes.n0",
    ]
    assert done.stdout.endswith("(The same is wrong in 129 more places.)\n")


def test_the_name_of_a_file_controls_no_terminal(folder: Path) -> None:
    names = ["a\x1b[31m.toml", "b\n::error::c.toml", "d\x07.toml"]
    (folder / names[0]).write_text("nodes = 3")
    (folder / names[1]).write_text(DEFINITION)

    for arguments in (["check", *names, "-c", "graphs"], ["show", names[0]], ["run", names[2]]):
        for form in (["--format", "github"], []) if arguments[0] == "check" else ([],):
            done = typedpipes(*arguments, *form, folder=folder)
            said = done.stdout + done.stderr
            assert all(line.isprintable() for line in said.splitlines())
            assert not any(line.startswith("::error::c") for line in said.splitlines())


def test_settings_that_are_named_are_those_of_mypy(folder: Path) -> None:
    (folder / "blind.ini").write_text("[mypy]\n[mypy-typedpipes.*]\nfollow_imports = skip\n")

    blind = typedpipes("check", "words.toml", "-cgraphs", "--config", "blind.ini", folder=folder)
    missing = typedpipes("check", "words.toml", "--config", "none.ini", folder=folder)

    assert (blind.returncode, blind.stdout) == (2, "")
    assert "mypy could not check: a connection that is wrong on purpose" in blind.stderr
    assert str(folder / "blind.ini") in blind.stderr
    assert (missing.returncode, missing.stderr) == (2, "typedpipes: there is no file 'none.ini'\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_settings_of_another_user_are_left_out_with_a_warning(folder: Path) -> None:
    (folder / "mypy.ini").write_text("[mypy]\nplugins = trap.py\n")
    (folder / "trap.py").write_text("open('owned', 'w')\n")
    os.chown(folder / "mypy.ini", 65534, 65534)

    done = typedpipes("check", "words.toml", "-c", "graphs", folder=folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"words.toml: warning: the settings for mypy in {str(folder / 'mypy.ini')!r} are not used, "
        "because the file or its folder belongs to another user. To use them, name the file: "
        "--config.\nwords.toml: ok\n"
    )
