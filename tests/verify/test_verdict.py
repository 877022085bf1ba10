"""What mypy says of definitions, in the words of the definitions."""

from __future__ import annotations

from pathlib import Path

import pytest

from typedpipes.definition import read
from typedpipes.verify import Mistake, MypyTrouble, verify

STEPS = """\
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TypeVar
from typing_extensions import Self, TypeIs
from typedpipes import Failure, Feed, First, Fold, OutputQueue, Resource, Second, Source

T = TypeVar("T")

async def words(limit: int = 3) -> AsyncIterator[str]:
    yield "one"

async def rig(queue: OutputQueue[str], limit: int) -> None: ...
async def length(word: str) -> int: ...
async def half(number: int) -> float: ...
async def bools(word: str) -> list[bool]: ...
async def ints(numbers: list[int]) -> None: ...
async def same(item: T) -> T: ...
async def store(pair: tuple[str, int]) -> None: ...
async def scale(number: int, factor: float) -> float: ...
async def anything(item): ...
async def open_to_all(word: str, /, **options: int) -> int: ...
async def either(outcome: int | Failure[str]) -> None: ...
async def count(words: list[str]) -> int: ...
async def both(number: int) -> None: ...
class Number(int): ...
def is_long(word: str) -> bool: ...
def is_even(number: int) -> bool: ...
def is_text(item: object) -> TypeIs[str]: ...
def is_pair(pair: tuple[str, int]) -> bool: ...
def by_length(word: str) -> First[str] | Second[int]: ...
def first(word: str) -> str: ...
def sign(number: int) -> bool: ...
def whole(word: str) -> list[str]: ...
async def letters(failure: Failure[str]) -> None: ...
class Sums(Fold[int, float]):
    def __init__(self, start: float = 0) -> None: ...
    def take(self, item: int, /) -> list[float]: ...
class Same(Fold[T, T]):
    def take(self, item: T, /) -> list[T]: ...
def make_sums(start: float) -> Sums: ...
def no_fold() -> int: ...
def lines(path: str) -> Iterator[str]: ...
def lines_of(database: bytes, path: str) -> Iterator[str]: ...
def lines_of_pool(pool: Pool) -> Iterator[str]: ...
def one(path: str) -> int: ...
Text = str
Whole = int
orders = Feed[str]()
plain = Source([1, 2])
async def either_of(word: str) -> str | int: ...
async def three_of(word: str) -> str | int | bytes: ...
async def float_of(number: float) -> None: ...
async def floats(numbers: list[float]) -> None: ...
async def numbers(failure: Failure[int]) -> None: ...

@asynccontextmanager
async def connect() -> AsyncGenerator[bytes]:
    yield b""

async def _rows(database: bytes) -> AsyncIterator[str]:
    yield "one"

async def _find(word: str, database: bytes, limit: int) -> int: ...
@asynccontextmanager
async def opens(url: str) -> AsyncGenerator[bytes]:
    yield b""

class Pool:
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *reason: object) -> None: ...

def closed(url: str) -> bytes: ...
def untyped(url): ...
async def stored(word: str, database: bytes) -> None: ...
async def pooled(word: str, pool: Pool) -> str: ...
async def both_of(word: str, database: bytes, pool: Pool, limit: int) -> int: ...
async def rows_of(database: bytes, limit: int) -> AsyncIterator[str]:
    yield "one"

async def rows_of_pool(pool: Pool) -> AsyncIterator[str]:
    yield "one"

async def nothing() -> AsyncIterator[str]:
    yield "one"

async def rig_of(queue: OutputQueue[str], database: bytes) -> None: ...
async def rig_of_pool(queue: OutputQueue[str], pool: Pool) -> None: ...
database = Resource(connect)
rows = database.into_first(_rows)
find = database.into(_find)
"""

CONFIG = """\
[tool.mypy]
strict = true
disallow_any_expr = true
warn_unreachable = true
ignore_missing_imports = true
explicit_package_bases = true
mypy_path = ["lib"]
"""

RIGHT = {
    "chain": "words -> length, length -> half",
    "rig": "rig -> length",
    "a generic coroutine gives what it is given": "words -> same, same -> length",
    "a zip": "words -> length, words -> store, length -> store",
    "annotations are missing": "words -> anything, anything -> half",
    "arguments that only a `**` can take": "words -> open_to_all, open_to_all -> half",
    "failures": "words -> length, failures of length -> letters",
    "outcomes": "words -> length, outcomes of length -> either",
    "a key": "words -> keyed",
    "a filter": "words -> long, long -> length",
    "a narrowed type": "words -> same, same -> text, text -> length",
    "a class": "words -> same, same -> number, number -> half",
    "a batch": "words -> three, three -> count",
    "a split and a rejoin": (
        "words -> sort, sort.first -> length, sort.second -> all, length -> all"
    ),
    "a join": "words -> length, words -> joined, length -> joined, joined -> store",
    "a filter behind a zip": "words -> pairs, words -> length, length -> pairs, pairs -> store",
    "resources": "rows -> find, find -> half",
    "a resource of a definition": (
        "rowsr -> bothr, bothr -> half, rigr -> bothr2, failures of bothr -> letters"
    ),
    "a resource without annotations": "words -> untypedr, untypedr -> half",
    "a fold": "words -> length, length -> sums, sums -> float_of, failures of sums -> numbers",
    "a function that makes a fold": "words -> length, length -> sums2, sums2 -> float_of",
    "a generic fold": "words -> samefold, samefold -> length",
    "intervals": "words -> minute, minute -> count",
    "a source in a thread": "linesf -> merged, linesr -> merged",
    "a source that is made in code": "orders -> length, plain -> half",
    "a switch": "words -> either_of, either_of -> route, route.Text -> length, route.Whole -> half",
    "a merge that prefers": "words -> preferring, words -> same, same -> preferring",
}

WRONG = {
    "chain": ("words -> half", ["words -> half: words gives str, half takes int"]),
    "through a generic coroutine": (
        "words -> same, same -> half",
        ["same -> half: same gives str, half takes int"],
    ),
    "a coroutine that was passed a resource": (
        "rows -> half, rows -> find, find -> length",
        [
            "rows -> half: rows gives str, half takes int",
            "find -> length: find gives int, length takes str",
        ],
    ),
    "a resource that is another one": (
        "words -> asked, asked -> half",
        [
            "nodes.asked: the resource 'd' is bytes, 'pooled' takes Pool",
            "asked -> half: asked gives str, half takes int",
        ],
    ),
    "the second of two resources": (
        "words -> twisted",
        ["nodes.twisted: the resource 'd' is bytes, 'both_of' takes Pool"],
    ),
    "the resource of a source": (
        "rowsp -> length",
        ["nodes.rowsp: the resource 'd' is bytes, 'rows_of_pool' takes Pool"],
    ),
    "the resource of a rig": (
        "rigp -> half",
        [
            "nodes.rigp: the resource 'd' is bytes, 'rig_of_pool' takes Pool",
            "rigp -> half: rigp gives str, half takes int",
        ],
    ),
    "no parameter for a resource": (
        "words -> lengthr",
        ["nodes.lengthr: 'length' has no parameter for the resource 'd'"],
    ),
    "no parameter of a source for a resource": (
        "empty -> length",
        ["nodes.empty: 'nothing' has no parameter for the resource 'd'"],
    ),
    "what makes no resource": (
        "words -> unopened",
        ["resources.closed: what 'closed' returns is no async context manager"],
    ),
    "lists, which are invariant": (
        "words -> bools, bools -> ints",
        ["bools -> ints: bools gives list[bool], ints takes list[int]"],
    ),
    "both items of a zip": (
        "length -> store, words -> length, words -> store",
        [
            "length -> store: length gives int, store takes str",
            "words -> store: words gives str, store takes int",
        ],
    ),
    "one item of a zip": (
        "words -> same, words -> store, same -> store",
        ["same -> store: same gives str, store takes int"],
    ),
    "a zip where no tuple is taken": (
        "words -> same, words -> length, same -> length",
        ["words, same -> length: together they give tuple[str, str], length takes str"],
    ),
    "one of a merge": (
        "words -> length, words -> merged, length -> merged",
        ["length -> merged: length gives int, merged takes str"],
    ),
    "failures": (
        "words -> length, failures of length -> numbers",
        [
            "failures of length -> numbers: length fails with Failure[str], "
            "numbers takes Failure[int]"
        ],
    ),
    "outcomes": (
        "words -> length, outcomes of length -> half",
        ["outcomes of length -> half: length gives int | Failure[str], half takes int"],
    ),
    "a key": ("words -> askew", ["nodes.askew: askew takes str, and its key 'sign' takes int"]),
    "a key that cannot be hashed": (
        "words -> whole",
        ["nodes.whole: its key 'whole' returns something that cannot be hashed"],
    ),
    "a filter": ("words -> even", ["words -> even: words gives str, even takes int"]),
    "a batch": (
        "words -> three, three -> length",
        ["three -> length: three gives list[str], length takes str"],
    ),
    "a test that returns no bool": (
        "words -> first",
        ["nodes.first: 'first' does not return bool"],
    ),
    "a split without ways": (
        "words -> ways, ways.first -> length, ways.second -> half",
        ["nodes.ways: 'first' does not return First, Second and so on"],
    ),
    "a way": (
        "words -> sort, sort.first -> length, sort.second -> letters",
        ["sort.second -> letters: sort gives int, letters takes Failure[str]"],
    ),
    "what is split": (
        "words -> length, length -> sort, sort.first -> length2, sort.second -> half",
        ["length -> sort: length gives int, sort takes str"],
    ),
    "a fold": (
        "words -> sums, sums -> half",
        [
            "words -> sums: words gives str, and 'Sums' folds none of that",
            "sums -> half: sums gives float, half takes int",
        ],
    ),
    "a join": (
        "words -> length, words -> joined, length -> joined, joined -> half",
        ["joined -> half: joined gives tuple[str, int], half takes int"],
    ),
    "a fold of a zip": (
        "words -> sums2, rig -> sums2",
        [
            "words, rig -> sums2: together they give tuple[str, str], "
            "and 'make_sums' folds none of that"
        ],
    ),
    "what makes no fold": (
        "words -> nofold",
        ["nodes.nofold: 'no_fold' makes no Fold"],
    ),
    "a generic fold": (
        "words -> samefold, samefold -> half",
        ["samefold -> half: samefold gives str, half takes int"],
    ),
    "intervals": (
        "words -> minute, minute -> length",
        ["minute -> length: minute gives list[str], length takes str"],
    ),
    "a source in a thread": (
        "linesf -> half",
        ["linesf -> half: linesf gives str, half takes int"],
    ),
    "a function in a thread that returns no iterable": (
        "onef -> half",
        ["nodes.onef: 'one' returns no iterable"],
    ),
    "the resource of a source in a thread": (
        "linesp -> length",
        ["nodes.linesp: the resource 'd' is bytes, 'lines_of_pool' takes Pool"],
    ),
    "a source that is made in code": (
        "orders -> half, plain -> length",
        [
            "orders -> half: orders gives str, half takes int",
            "plain -> length: plain gives int, length takes str",
        ],
    ),
    "what is no source": (
        "nosource -> half",
        ["nodes.nosource: 'words' is no source"],
    ),
    "a switch that misses a class": (
        "words -> three_of, three_of -> route, route.Text -> length, route.Whole -> half",
        ["three_of -> route: three_of gives str | int | bytes, route takes str | int"],
    ),
    "a case": (
        "words -> either_of, either_of -> route, route.Text -> half, route.Whole -> length",
        [
            "route.Text -> half: route gives str, half takes int",
            "route.Whole -> length: route gives int, length takes str",
        ],
    ),
    "what follows a wrong connection is judged by itself": (
        "words -> half, half -> length",
        [
            "words -> half: words gives str, half takes int",
            "half -> length: half gives float, length takes str",
        ],
    ),
}

NODES = """\
nodes.words = { coro = "words", args = { limit = 3 } }
nodes.rig = { coro = "rig", args = { limit = 3 } }
nodes.open_to_all = { coro = "open_to_all", args = { limit = 3, class = 3, "a, b=(" = 3 } }
nodes.keyed = { coro = "length", keyed = "first" }
nodes.askew = { coro = "length", keyed = "sign" }
nodes.whole = { coro = "length", keyed = "whole" }
nodes.long = { keep = "is_long" }
nodes.first = { keep = "first" }
nodes.ways = { split = "first" }
nodes.even = { keep = "is_even" }
nodes.text = { narrow = "is_text" }
nodes.number = { only = "Number" }
nodes.three = { batch = 3 }
nodes.sort = { split = "by_length" }
nodes.all = { coro = "both", rejoin = true }
nodes.pairs = { keep = "is_pair", aggregate_inputs = true }
nodes.length2 = { coro = "length" }
nodes.find = { coro = "find", args = { limit = 3 } }
nodes.merged = { coro = "length", aggregate_inputs = false }
nodes.rowsr = { coro = "rows_of", resource = "d", args = { limit = 3 } }
nodes.rowsp = { coro = "rows_of_pool", resource = "d" }
nodes.rigr = { coro = "rig_of", resource = "d" }
nodes.rigp = { coro = "rig_of_pool", resource = "d" }
nodes.bothr = { coro = "both_of", resource = ["d", "p"], args = { limit = 3 } }
nodes.bothr2 = { coro = "both_of", resource = ["d", "p"], args = { limit = 3 } }
nodes.untypedr = { coro = "_find", resource = "untyped", args = { limit = 3 } }
nodes.asked = { coro = "pooled", resource = "d" }
nodes.twisted = { coro = "both_of", resource = ["d", "d"], args = { limit = 3 } }
nodes.lengthr = { coro = "length", resource = "d" }
nodes.empty = { coro = "nothing", resource = "d" }
nodes.unopened = { coro = "stored", resource = "closed" }
nodes.joined = { join = true }
nodes.sums = { fold = "Sums", every = 60 }
nodes.sums2 = { fold = "make_sums", args = { start = 1 } }
nodes.samefold = { fold = "Same" }
nodes.nofold = { fold = "no_fold" }
nodes.minute = { every = 60, most = 5 }
nodes.linesf = { in_thread = "lines", args = { path = "here" } }
nodes.linesr = { in_thread = "lines_of", resource = "d", args = { path = "here" } }
nodes.linesp = { in_thread = "lines_of_pool", resource = "d" }
nodes.onef = { in_thread = "one", args = { path = "here" } }
nodes.orders = { source = "orders" }
nodes.plain = { source = "plain" }
nodes.nosource = { source = "words" }
nodes.route = { switch = ["Text", "Whole"] }
nodes.preferring = { coro = "length", aggregate_inputs = false, prefer = "same" }
"""

RESOURCES = {
    "d": 'resources.d = { make = "opens", args = { url = "here" } }',
    "p": 'resources.p = { make = "Pool", per = "worker" }',
    "closed": 'resources.closed = { make = "closed", args = { url = "here" } }',
    "untyped": 'resources.untyped = { make = "untyped", args = { url = "here" } }',
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "lib").mkdir()
    (folder / "lib/steps.py").write_text(STEPS)
    (folder / "pyproject.toml").write_text(CONFIG)
    return folder


def definition(connections: str) -> str:
    """Write a definition; line 5 and the following have a connection each."""
    pairs = [each.split(" -> ") for each in connections.split(", ")]
    names = {name.rpartition(" of ")[2].partition(".")[0] for pair in pairs for name in pair}
    named = [line for line in NODES.splitlines() if line.split(".")[1].split()[0] in names]
    special = {line.split(".")[1].split()[0] for line in NODES.splitlines()}
    plain = sorted(names - special)
    nodes = [*named, *(f'nodes.{name}.coro = "{name}"' for name in plain)]
    givers = dict.fromkeys(giver for giver, _ in pairs)
    for giver in givers:
        what, _, name = giver.rpartition(" of ")
        takers = [taker for each, taker in pairs if each == giver]
        nodes.append(f"{what or 'graph'}.{name} = {takers}")
    nodes += [
        line for name, line in RESOURCES.items() if any(f'"{name}"' in each for each in named)
    ]
    return "\n".join(nodes).replace("'", '"')


def verdicts(project: Path, texts: list[str]) -> list[list[Mistake]]:
    files = [project / f"{number}.toml" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    return verify([read(file) for file in files], coroutines="steps")


def test_mypy_agrees_with_what_is_right_and_names_what_is_wrong(project: Path) -> None:
    right = [definition(connections) for connections in RIGHT.values()]
    wrong = [definition(connections) for connections, _ in WRONG.values()]

    told = [
        [f"{mistake.where}: {mistake.what}" for mistake in mistakes]
        for mistakes in verdicts(project, [*right, *wrong])
    ]

    assert not any(told[: len(right)]), told[: len(right)]
    assert dict(zip(WRONG, told[len(right) :], strict=True)) == {
        name: said for name, (_, said) in WRONG.items()
    }


def test_a_mistake_says_its_line(project: Path) -> None:
    text = 'graph.words = [\n  "length",\n  "half",\n]\nnodes.words.coro = "words"\n'
    text += 'nodes.length.coro = "length"\nnodes.half.coro = "half"\nnodes.scale.coro = "scale"\n'
    text += 'graph.length = ["scale"]\n'

    [mistakes] = verdicts(project, [text])

    assert [(mistake.where, mistake.line) for mistake in mistakes] == [
        ("words -> half", 3),
        ("nodes.scale", 8),
    ]


def test_a_module_that_mypy_does_not_find_is_not_taken_for_right(project: Path) -> None:
    file = project / "lost.toml"
    file.write_text('nodes.a.coro = "lost:a"\nnodes.b.coro = "lost:b"\ngraph.a = ["b"]')

    [mistakes] = verify([read(file)])

    assert [mistake.where for mistake in mistakes] == ["nodes.a", "nodes.b"]
    assert "mypy does not see the types of 'lost:a'" in mistakes[0].what


def test_a_name_that_only_looks_like_one_spoils_no_verdict(project: Path) -> None:
    text = definition("words -> half").replace('coro = "words"', 'coro = "class"', 1)

    [mistakes, others] = verdicts(project, [text, definition("words -> half")])

    assert mistakes == []  # the loader has told it
    assert [mistake.where for mistake in others] == ["words -> half"]


def test_settings_that_mypy_refuses_are_told(tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text("[mypy]\nplugins = no_such_plugin\n")
    (tmp_path / "pipeline.toml").write_text(definition("words -> length"))

    with pytest.raises(MypyTrouble, match="no_such_plugin"):
        verify([read(tmp_path / "pipeline.toml")], coroutines="steps")


def test_a_cache_is_kept_in_mypys_own_for_the_next_time(project: Path) -> None:
    verdicts(project, [definition("words -> length")])

    assert any(file.is_file() for file in (project / ".mypy_cache/typedpipes").rglob("*"))


@pytest.mark.parametrize("kept", [True, False])
def test_where_mypys_own_cache_cannot_be_written_the_verdict_is_the_same(
    kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    for unusable in [tmp_path / ".mypy_cache", *([] if kept else [home])]:
        unusable.write_text("a file, where there should be a folder")
    (tmp_path / "steps.py").write_text(STEPS)
    (tmp_path / "pipeline.toml").write_text(definition("words -> half"))

    [[mistake]] = verify([read(tmp_path / "pipeline.toml")], coroutines="steps", search=[tmp_path])

    assert mistake.where == "words -> half"
    assert any(file.is_file() for file in home.rglob("*")) == kept
