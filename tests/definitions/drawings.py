"""Definitions that describe some graph, and things that only look like one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path as File
from typing import TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from typing_extensions import TypeIs

from typedpipes import Failure, OutputQueue
from typedpipes.definition.lines import Path


async def begin(limit: int = 3) -> AsyncIterator[object]:
    yield limit


async def rig(queue: OutputQueue[object], path: File = File()) -> None:
    await queue.put(path)


async def step(item: object, *, label: str = "", share: float = 0.5) -> object:
    return item, label, share


async def split(item: object) -> AsyncIterator[object]:
    yield item


async def end(item: object) -> None: ...


def kind(item: object) -> str:
    return type(item).__name__


def is_there(item: object) -> bool:
    return item is not None


async def bury(failure: Failure[object]) -> None: ...


COROUTINES: Mapping[str, object] = {
    "begin": begin,
    "rig": rig,
    "step": step,
    "split": split,
    "end": end,
    "bury": bury,
    "kind": kind,
    "is_there": is_there,
}

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For a test of a property: a slow machine is no mistake."""

Table: TypeAlias = dict[str, object]

NAMES = st.text("ab.\"'\\é#=[] ", min_size=1, max_size=4)
COUNTS = st.integers(1, 1000)
SETTINGS: dict[str, st.SearchStrategy[object]] = {
    "workers": COUNTS,
    "buffer": COUNTS,
    "timeout": st.floats(0.1, 100) | st.integers(1, 9),
}
FITTINGS: dict[str, st.SearchStrategy[object]] = {"keep": st.just("is_there"), "batch": COUNTS}
ROLES = st.sampled_from(["begin", "rig", "step", "split", "end", "keep", "batch"])
ORDER: dict[str, st.SearchStrategy[object]] = {"ordered": st.booleans(), "window": COUNTS}
ARGS: dict[str, dict[str, st.SearchStrategy[object]]] = {
    "begin": {"limit": st.integers()},
    "rig": {"path": NAMES},
    "step": {"label": st.text(), "share": st.floats(allow_nan=False, allow_infinity=False)},
}


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, object]:
    """Return a definition without mistakes, except that a zip may pair wrong items."""
    names = draw(st.lists(NAMES, min_size=2, max_size=8, unique=True))
    roles = draw(st.lists(ROLES, min_size=len(names) - 2, max_size=len(names) - 2))
    coros = dict(zip(names, ["begin", *roles, "end"], strict=True))
    graph: dict[str, list[str]] = {}
    failures: dict[str, list[str]] = {}
    outcomes: dict[str, list[str]] = {}
    givers: list[str] = []
    failing: list[str] = []
    for name, coro in coros.items():
        if coro not in {"begin", "rig"}:
            some = st.lists(st.sampled_from(givers), min_size=1, max_size=3, unique=True)
            lead(draw(some), name, graph)
            lead(draw(at_most_one(failing)), name, failures)
            lead(draw(at_most_one(failing)), name, outcomes)
            if coro not in FITTINGS:
                failing.append(name)
        if coro != "end":
            givers.append(name)
    nodes = {name: draw(node(coro)) for name, coro in coros.items()}
    sources = [name for name, coro in coros.items() if coro in {"begin", "rig"}]
    for name in [each for each in sources if each not in graph]:  # they must lead somewhere
        graph[name] = [f"end of {name}"]
        nodes[f"end of {name}"] = {"coro": "end"}
    connections = {"graph": graph, "failures": failures, "outcomes": outcomes}
    return {"name": draw(NAMES), "nodes": nodes, **connections}


def lead(starts: Iterable[str], end: str, table: dict[str, list[str]]) -> None:
    """Write that some nodes lead to another."""
    for start in starts:
        table.setdefault(start, []).append(end)


def at_most_one(names: list[str]) -> st.SearchStrategy[set[str]]:
    """Return one of the names, or none."""
    return st.sets(st.sampled_from(names), max_size=1) if names else st.just(set[str]())


def node(coro: str) -> st.SearchStrategy[dict[str, object]]:
    """Return a node with some of the settings that it may have."""
    if coro in FITTINGS:
        inputs = {"aggregate_inputs": st.booleans(), "buffer": COUNTS}
        return st.fixed_dictionaries({coro: FITTINGS[coro]}, optional=inputs)
    settings: dict[str, st.SearchStrategy[object]] = {}
    if coro not in {"begin", "rig"}:
        settings |= SETTINGS | {"aggregate_inputs": st.booleans(), "keyed": st.just("kind")}
    if coro in {"step", "split"}:
        settings |= ORDER
    if coro in ARGS:
        settings["args"] = st.fixed_dictionaries({}, optional=ARGS[coro])
    return st.fixed_dictionaries({"coro": st.just(coro)}, optional=settings)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["a", "b", *COROUTINES, "os:system", "__import__", "{0.__class__}"])
)
KEYS = st.sampled_from(
    ["nodes", "graph", "failures", "outcomes", "name", "coro", "keyed", "args", "workers", "keep"]
) | st.sampled_from(["timeout", "split", "batch", "first", "rejoin", "a", "b", "limit"])
ALMOST = st.recursive(
    LEAVES,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(KEYS | st.text(max_size=3), inside, max_size=4)
    ),
    max_leaves=20,
)
"""Plain data with the words of a definition in any place."""


def as_toml(definition: dict[str, object]) -> tuple[str, Mapping[Path, int]]:
    """Write a definition as TOML, a setting or a list item a line; give the lines too."""
    lines = [f"name = {_toml(definition['name'])} # a comment"]
    places: dict[Path, int] = {("name",): 1}

    def write(path: Path, table: Table) -> None:
        lines.extend(["", f"[{'.'.join(_toml(key) for key in path)}]"])
        places[path] = len(lines)
        for key, value in table.items():
            places[*path, key] = len(lines) + 1
            if is_list(value):
                lines.append(f"{_toml(key)} = [")
                for number, item in enumerate(value):
                    lines.append(f"  {_toml(item)}, # [[")
                    places[*path, key, number] = len(lines)
                lines.append("]")
            else:
                lines.append(f"{_toml(key)} = {_toml(value)}")

    for name, content in _table(definition["nodes"]).items():
        write(("nodes", name), _table(content))
    write(("graph",), _table(definition["graph"]))
    write(("failures",), _table(definition["failures"]))
    write(("outcomes",), _table(definition["outcomes"]))
    return "\n".join(lines), places


def _toml(value: object) -> str:
    if is_table(value):
        inside = (f"{_toml(key)} = {_toml(each)}" for key, each in value.items())
        return f"{{{', '.join(inside)}}}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def is_list(value: object) -> TypeIs[list[object]]:
    """Whether it is a list."""
    return isinstance(value, list)


def is_table(value: object) -> TypeIs[Table]:
    """Whether it is a table."""
    return isinstance(value, dict)


def _table(value: object) -> Table:
    assert is_table(value)
    return value
