"""Definitions that describe some graph, and things that only look like one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path as File
from typing import TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from typing_extensions import TypeIs

from typedpipes import Failure, Fold, OutputQueue, Source
from typedpipes.definition.lines import Path
from typedpipes.naming import outer_names


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


class Joined(Fold[object, object]):
    def __init__(self, label: str = "") -> None:
        self.label = label

    def take(self, item: object, /) -> list[object]:
        return [(self.label, item)]

    def tick(self) -> list[object]:
        return []


def read_in_thread(count: int = 3) -> Iterator[object]:
    yield count


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
    "Joined": Joined,
    "read_in_thread": read_in_thread,
    "int": int,
    "object": object,
    **{f"made{number}": Source(["a"]) for number in range(8)},
}

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For a test of a property: a slow machine is no mistake."""

Table: TypeAlias = dict[str, object]
Settings: TypeAlias = dict[str, st.SearchStrategy[object]]

NAMES = st.text("ab./\"'\\é#=[] ", min_size=1, max_size=4)
COUNTS = st.integers(1, 1000)
SETTINGS: Settings = {
    "keyed": st.just("kind"),
    "workers": COUNTS,
    "timeout": st.floats(0.1, 100) | st.integers(1, 9),
}
SECONDS = st.floats(0.1, 100) | st.integers(1, 9)
AHEAD: Settings = {
    "total": COUNTS,
    "maxsize": COUNTS,
    "grace": SECONDS,
}
INPUTS: Settings = {"aggregate_inputs": st.booleans(), "buffer": COUNTS}
CASES = ["int", "object"]
FITTINGS: Settings = {
    "keep": st.just("is_there"),
    "batch": COUNTS,
    "every": SECONDS,
    "switch": st.just(CASES),
    "join": st.just(value=True),
}
BESIDE: dict[str, dict[str, st.SearchStrategy[object]]] = {
    "batch": {"within": SECONDS},
    "every": {"most": COUNTS},
}
GIVERS = ("begin", "rig", "in_thread", "source")
ROLES = st.sampled_from([*GIVERS, "step", "split", "end", "fold", *FITTINGS])
ORDER: Settings = {"ordered": st.booleans(), "window": COUNTS}
ARGS: dict[str, dict[str, st.SearchStrategy[object]]] = {
    "begin": {"limit": st.integers()},
    "rig": {"path": NAMES},
    "step": {"label": st.text(), "share": st.floats(allow_nan=False, allow_infinity=False)},
    "fold": {"label": st.text()},
    "in_thread": {"count": st.integers()},
}


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, object]:
    """Return a definition without mistakes, except that a zip may pair wrong items."""
    names = draw(st.lists(NAMES, min_size=2, max_size=8, unique=True))
    roles = draw(st.lists(ROLES, min_size=len(names) - 2, max_size=len(names) - 2))
    kinds = dict(zip(names, ["begin", *roles, "end"], strict=True))
    nodes = {name: draw(node(kind, number)) for number, (name, kind) in enumerate(kinds.items())}
    graph: dict[str, list[str]] = {}
    failures: dict[str, list[str]] = {}
    outcomes: dict[str, list[str]] = {}
    givers: list[str] = []
    failing: list[str] = []
    for name, kind in kinds.items():
        if kind not in GIVERS:
            inputs = draw(st.lists(st.sampled_from(givers), min_size=1, max_size=3, unique=True))
            lead(inputs, name, graph)
            lead(draw(at_most_one(failing)), name, failures)
            lead(draw(at_most_one(failing)), name, outcomes)
            if nodes[name].get("aggregate_inputs") is False and len(inputs) > 1:
                nodes[name] |= draw(preferring(inputs))
            if kind not in FITTINGS:
                failing.append(name)
        if kind not in {"end", "switch"}:
            givers.append(name)
    ways: dict[str, object] = {}
    for name in [name for name in kinds if name not in graph and kinds[name] in GIVERS]:
        graph[name] = [f"end of {name}"]  # it must lead somewhere
        nodes[f"end of {name}"] = {"coro": "end"}
    for name in [name for name, kind in kinds.items() if kind == "switch"]:
        ways[name] = {each: [f"{each} of {name}"] for each in CASES}
        nodes |= {f"{each} of {name}": {"coro": "step"} for each in CASES}
    connections = {"graph": graph | ways, "failures": failures, "outcomes": outcomes}
    segments = draw(segments_of(nodes))
    return {"name": draw(NAMES), "segments": segments, "nodes": nodes, **connections}


def preferring(inputs: list[str]) -> st.SearchStrategy[dict[str, object]]:
    """Return the preference for one of several inputs, or none."""
    return st.fixed_dictionaries({}, optional={"prefer": st.sampled_from(inputs)})


def segments_of(names: Iterable[str]) -> st.SearchStrategy[list[str]]:
    """Return some of the segments that there may be by the names of nodes."""
    possible = [*dict.fromkeys(outer for name in names for outer in outer_names(name))]
    return st.lists(st.sampled_from(possible), unique=True) if possible else st.just([])


def lead(starts: Iterable[str], end: str, table: dict[str, list[str]]) -> None:
    """Write that some nodes lead to another."""
    for start in starts:
        table.setdefault(start, []).append(end)


def at_most_one(names: list[str]) -> st.SearchStrategy[set[str]]:
    """Return one of the names, or none."""
    return st.sets(st.sampled_from(names), max_size=1) if names else st.just(set[str]())


def node(kind: str, number: int) -> st.SearchStrategy[dict[str, object]]:
    """Return a node with some of the settings that it may have."""
    named, settings = _settings(kind, number)
    args = {"args": st.fixed_dictionaries({}, optional=ARGS[kind])} if kind in ARGS else {}
    return st.fixed_dictionaries(named, optional={**settings, **args})


def _settings(kind: str, number: int) -> tuple[Settings, Settings]:
    """Return the key that says what a node is, and other keys that it may have."""
    match kind:
        case "source":
            return {"source": st.just(f"made{number}")}, {}
        case "in_thread":
            return {"in_thread": st.just("read_in_thread")}, AHEAD
        case "fold":
            return {"fold": st.just("Joined")}, {"every": SECONDS, **INPUTS}
        case "begin" | "rig":
            return {"coro": st.just(kind)}, {"total": COUNTS}
        case _ if kind in FITTINGS:
            return {kind: FITTINGS[kind]}, {**INPUTS, **BESIDE.get(kind, {})}
        case _:
            order = ORDER if kind in {"step", "split"} else {}
            return {"coro": st.just(kind)}, {**SETTINGS, **INPUTS, **order}


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["a", "b", *COROUTINES, "os:system", "__import__", "{0.__class__}"])
)
KEYS = st.sampled_from(
    [
        *("nodes", "graph", "failures", "outcomes", "name", "coro", "keyed", "args", "workers"),
        *("keep", "timeout", "split", "batch", "first", "rejoin", "a", "b", "limit", "fold"),
        *("every", "switch", "segments", "in_thread", "source", "total", "prefer"),
    ]
)
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

    def write(path: tuple[str, ...], table: Table) -> None:
        lines.extend(["", f"[{'.'.join(_toml(key) for key in path)}]"])
        places[path] = len(lines)
        for key, value in table.items():
            set_to(value, *path, key)

    def set_to(value: object, *path: str) -> None:
        places[path] = len(lines) + 1
        if is_list(value):
            lines.append(f"{_toml(path[-1])} = [")
            for number, item in enumerate(value):
                lines.append(f"  {_toml(item)}, # [[")
                places[*path, number] = len(lines)
            lines.append("]")
        else:
            lines.append(f"{_toml(path[-1])} = {_toml(value)}")

    set_to(definition["segments"], "segments")
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
