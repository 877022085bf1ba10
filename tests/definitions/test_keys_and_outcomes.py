"""Keys and outcomes in a definition: they run, and are held to the same types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.definitions import offered
from tests.definitions.offered import drawn, graph
from tests.definitions.refusals import refused
from typedpipes import DefinitionErrors, Plumber, Processor, run


@pytest.fixture(autouse=True)
def nothing_is_stored() -> Iterator[None]:
    offered.stored.clear()
    yield
    offered.stored.clear()


def keyed(coro: str, key: str, giver: str = "read_words") -> dict[str, object]:
    """Describe a graph with a node that is keyed, in line 2 of a text."""
    nodes = {"a": {"coro": giver}, "b": {"coro": coro, "workers": 2, "keyed": key}}
    return {"nodes": nodes, "graph": {"a": ["b"]}}


def failing(end: str) -> dict[str, object]:
    """Describe a graph that takes the outcomes of a node."""
    nodes = {"a": {"coro": "read_words"}, "b": {"coro": "fail"}, "c": {"coro": end}}
    return {"nodes": nodes, "graph": {"a": "b"}, "outcomes": {"b": "c"}}


@pytest.mark.parametrize("coro", ["reverse", "save_all"])
def test_a_key_reaches_its_processor_or_sink(coro: str) -> None:
    async def save_all(text: str) -> None: ...

    plumber = Plumber.from_definition(
        keyed(coro, "initial"), coroutines={**offered.OFFERED, "save_all": save_all}
    )

    (part,) = (node.part for node in plumber.blueprint().nodes if node.name == "b")
    assert isinstance(part, Processor)
    assert part.key is offered.initial


def test_outcomes_come_in_order_and_end_no_run() -> None:
    report = run(drawn(failing("store_outcome")), signals=())

    assert offered.stored == ["one", "two", "three"]
    assert not report.collected


def test_results_and_failures_may_be_taken_beside_outcomes() -> None:
    definition = failing("store_outcome")
    definition |= {"failures": {"b": ["d"]}}
    nodes = definition["nodes"]
    assert isinstance(nodes, dict)
    nodes["d"] = {"coro": "bury"}

    run(drawn(definition), signals=())

    assert sorted(offered.stored, key=str) == sorted(
        ["one", "two", "three", ("one", "b"), ("two", "b"), ("three", "b")], key=str
    )


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            keyed("reverse", "initials"),
            "the function 'initials' is not offered. Did you mean 'initial'?",
        ),
        (keyed("reverse", "os:getcwd"), "'os:getcwd' is an import path, and import paths are off"),
        (
            keyed("reverse", "length"),
            "the name 'length' needs a plain function, but 'length' is async. "
            "Ask in a node before.",
        ),
        (
            keyed("reverse", "sign"),
            "b takes str, and its key 'sign' takes int. Name a function that takes str.",
        ),
        (
            keyed("reverse", "as_list"),
            "'as_list' returns list[str], which cannot be hashed, so it is no key. "
            "Return a str, an int or a tuple of such.",
        ),
        (
            keyed("twice", "sign"),
            "b takes str, and its key 'sign' takes int. Name a function that takes str.",
        ),
    ],
    ids=range(6),
)
def test_a_wrong_key_is_refused_at_its_place(definition: object, message: str) -> None:
    (mistake,) = refused(definition)

    assert mistake.startswith(f"nodes.b.keyed: {message}")


def test_a_source_has_no_key() -> None:
    nodes: Mapping[str, object] = {
        "a": {"coro": "read_words", "keyed": "initial"},
        "b": {"coro": "store"},
    }

    assert refused({"nodes": nodes, "graph": {"a": "b"}}) == [
        "nodes.a.keyed: a has no use for it: it is a source. Leave it out."
    ]


def test_a_wrong_key_is_told_with_its_line() -> None:
    text = 'nodes.a.coro = "read_words"\nnodes.b.coro = "reverse"\nnodes.b.keyed = "sign"\n'

    with pytest.raises(DefinitionErrors) as wrong:
        drawn(text + 'graph.a = "b"\n')

    (error,) = wrong.value.exceptions
    assert isinstance(error, Exception)
    assert str(error).startswith("line 3: nodes.b.keyed: ")


def test_who_takes_outcomes_takes_results_and_failures() -> None:
    assert refused(failing("reverse")) == [
        "outcomes of b -> c: b gives str | Failure[str], c takes str. "
        "Put a node between them that turns str | Failure[str] into str."
    ]


def test_a_source_has_no_outcomes() -> None:
    definition = {
        **graph(read_words=["store", "store_outcome"]),
        "graph": {"read_words": ["store"]},
        "outcomes": {"read_words": ["store_outcome"]},
    }

    assert refused(definition) == [
        "outcomes of read_words -> store_outcome: read_words takes no items, so no items fail in "
        "it. Remove the connection."
    ]
