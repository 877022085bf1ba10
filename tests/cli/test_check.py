"""`typedpipes check`, as a process."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.commands import typedpipes


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
    assert finding == {"target": "words.toml", "line": 5, "where": "words -> length"}


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
    assert "the coroutine 'words' is not offered" in done.stdout


def test_a_module_that_runs_its_plumber_when_it_is_imported_is_told_not_to(folder: Path) -> None:
    with (folder / "graphs.py").open("a") as module:
        module.write("from typedpipes import run\nplumber = draw()\nrun(plumber)\n")

    of_a_module = typedpipes("check", "graphs:plumber", folder=folder)
    of_a_file = typedpipes("check", "words.toml", "-c", "graphs", folder=folder)

    assert "one" not in of_a_module.stderr + of_a_file.stderr
    assert of_a_module.returncode == of_a_file.returncode == 2
    assert of_a_module.stderr == (
        "typedpipes: cannot import 'graphs': RunStateError: 'words' does not run while its module "
        "is only looked at. Put what runs it below `if __name__ == '__main__':`.\n"
    )


def test_a_module_in_place_of_a_definition(folder: Path) -> None:
    done = typedpipes("check", "graphs.py", folder=folder)

    assert (done.returncode, done.stderr) == (
        2,
        "typedpipes: 'graphs.py' is a module, not a definition. "
        "Name the plumber in it, such as 'graphs:plumber'\n",
    )


def test_a_definition_whose_names_are_in_no_module_yet(folder: Path) -> None:
    done = typedpipes("check", "words.toml", folder=folder)

    assert (
        "the coroutine 'words' is not offered. Name it as package.module:function, or offer it in "
        "`coroutines` (on the command line: --coroutines package.module)."
    ) in done.stdout
