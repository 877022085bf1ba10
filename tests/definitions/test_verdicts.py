"""The load-time rule and mypy on the same pairs of types: what is right is not refused."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import ModuleType

import pytest

from tests.support.checkers import BIN, ROOT
from tools.verdicts import GIVEN, GIVERS, KINDS, TAKEN, VERDICTS, ask_mypy, declarations
from typedpipes import DefinitionErrors, Plumber

ALL = re.compile("")
PROTOCOLS = re.compile(r"HasSize|Openable|Holds|Compares|Shouts|Supports|take_sized")
DECORATED = re.compile(r"traced|listed|from_text|tried|retried|cached|label|blocking")

# What the load-time rule accepts though mypy does not: sentences of docs/typing.md.
ACCEPTED: Mapping[str, Sequence[tuple[re.Pattern[str], re.Pattern[str]]]] = {
    "A protocol is compared by the names of its members alone.": [(ALL, PROTOCOLS)],
    "The methods `__call__`, `__iter__` and `__await__` of a class of your own are not looked at: "
    "how it is called, and what it yields.": [
        (re.compile(r"Shouts|Spell.made"), re.compile(r"Callable|take_call")),
        (re.compile(r"Letters|Access|asyncio"), re.compile(r"Iterable|Coll|Container|Reversible")),
        (re.compile(r"Spelling"), ALL),
    ],
    "Everything counts as hashable, except those classes of Python itself that are not.": [
        (ALL, re.compile(r"Hashable")),
    ],
    "A class that was registered with an abstract base class counts as its subclass.": [
        (ALL, re.compile(r"^(Number|Plugin)$")),
    ],
    "Two different types that contain themselves are taken to meet.": [
        (re.compile("Tree"), re.compile("Json")),
    ],
    "What a decorator copied from the function that it wraps counts as unknown.": [
        (ALL, DECORATED),
        (DECORATED, ALL),
    ],
    "What an overloaded function returns counts as unknown.": [(re.compile("swap"), ALL)],
    "Functions written in C have no annotations.": [
        (ALL, re.compile(r"in_thread\((len|str.upper)"))
    ],
}
# What mypy accepts although it is wrong: a tuple of unknown length is no pair.
WRONG = {
    ("tuple[int, *tuple[str, ...]]", "take_twins"),
    ("tuple[*tuple[int, ...], str]", "take_twins"),
}


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Import what mypy was asked about."""
    file = tmp_path_factory.mktemp("corpus") / "pairs.py"
    file.write_text("\n".join(["from __future__ import annotations", *declarations()]))
    spec = importlib.util.spec_from_file_location("pairs_of_the_corpus", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def verdicts() -> Mapping[str, Collection[str]]:
    said: Mapping[str, Collection[str]] = json.loads(VERDICTS.read_text())
    return said


@pytest.mark.parametrize("number", range(len(GIVEN)), ids=GIVEN)
def test_what_mypy_accepts_is_drawn_and_what_it_refuses_is_not(
    number: int, functions: ModuleType, verdicts: Mapping[str, Collection[str]]
) -> None:
    given = GIVEN[number]
    right = set(verdicts[given])

    drawn = taken_from(number, functions)

    assert right - drawn == {taken for one, taken in WRONG if one == given}
    assert [taken for taken in drawn - right if not reason(given, taken)] == []


@pytest.mark.parametrize("sentence", ACCEPTED)
def test_what_is_accepted_all_the_same_is_in_the_docs(sentence: str) -> None:
    assert f"- {sentence}" in (ROOT / "docs/typing.md").read_text()


@pytest.mark.slow
@pytest.mark.skipif(not (BIN / "mypy").exists(), reason="only the dev extra has it")
def test_mypy_says_what_it_said(verdicts: Mapping[str, Collection[str]]) -> None:
    assert ask_mypy() == verdicts


def taken_from(number: int, functions: ModuleType) -> set[str]:
    """Draw a definition in which one node leads to every taker, and tell which may stay."""
    giver = f"give_{number}"
    takers = {f"take_{other}": taken for other, taken in enumerate(TAKEN)}
    graph = {giver: [*takers]}
    if GIVEN[number] in GIVERS:
        graph[NUMBERS] = [giver]
    nodes = {name: {"coro": name} for name in (*graph, *takers)}
    try:
        Plumber.from_definition({"nodes": nodes, "graph": graph}, coroutines=vars(functions))
    except DefinitionErrors as wrong:
        refused = {str(error).partition(":")[0] for error in wrong.exceptions}
        expected = {f"{giver} -> {name}": taken for name, taken in takers.items()}
        return {taken for where, taken in expected.items() if where not in refused}
    return {*TAKEN}


NUMBERS = f"give_{KINDS.index('int')}"


def reason(given: str, taken: str) -> str:
    """Tell why this may be accepted though it is wrong, if there is a reason."""
    for sentence, pairs in ACCEPTED.items():
        if any(one.search(given) and other.search(taken) for one, other in pairs):
            return sentence
    return ""
