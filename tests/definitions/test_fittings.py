"""Fittings in a definition: filters, batches, splits and rejoins, held to the same types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.definitions import offered
from tests.definitions.offered import OFFERED
from tests.definitions.refusals import refused
from typedpipes import Plumber, run

COROUTINES: Mapping[str, object] = {**OFFERED, "Text": str, "list_of": list[str]}

WORDS = {"words": {"coro": "read_words"}}


@pytest.fixture(autouse=True)
def nothing_is_stored() -> Iterator[None]:
    offered.stored.clear()
    yield
    offered.stored.clear()


def collected(definition: Mapping[str, object]) -> Mapping[str, object]:
    plumber = Plumber.from_definition(definition, coroutines=COROUTINES)
    return run(plumber, signals=()).collected


@pytest.mark.parametrize(
    ("fitting", "items"),
    [
        ({"keep": "is_long"}, ["three"]),
        ({"narrow": "is_text"}, ["one", "two", "three"]),
        ({"only": "Text"}, ["one", "two", "three"]),
        ({"batch": 2}, [["one", "two"], ["three"]]),
        ({"batch": 5, "within": 60, "buffer": 1}, [["one", "two", "three"]]),
        ({"join": True}, ["one", "two", "three"]),
    ],
    ids=range(6),
)
def test_a_fitting_that_leads_nowhere_is_collected(
    fitting: Mapping[str, object], items: list[object]
) -> None:
    definition = {"nodes": {**WORDS, "a": fitting}, "graph": {"words": "a"}}

    assert collected(definition) == {"a": items}


def test_a_split_names_its_ways_and_a_rejoin_takes_them_in_order() -> None:
    nodes: Mapping[str, object] = {
        **WORDS,
        "sort": {"split": "by_length"},
        "turned": {"coro": "reverse", "workers": 3},
        "all": {"coro": "store_either", "rejoin": True},
    }
    graph = {"words": "sort", "sort": {"first": "turned", "second": ["all"]}, "turned": "all"}

    assert not collected({"nodes": nodes, "graph": graph})
    assert offered.stored == [3, 3, "eerht"]


def test_a_filter_takes_a_zip_and_a_merge() -> None:
    nodes: Mapping[str, object] = {
        **WORDS,
        "turned": {"coro": "reverse"},
        "pairs": {"batch": 3},
        "any": {"keep": "is_long", "aggregate_inputs": False},
    }
    graph = {"words": ["turned", "pairs", "any"], "turned": ["pairs", "any"]}

    got = collected({"nodes": nodes, "graph": graph})

    assert got["pairs"] == [[("one", "eno"), ("two", "owt"), ("three", "eerht")]]
    assert got["any"] in (["three", "eerht"], ["eerht", "three"])


def test_a_join_takes_its_inputs_as_one_for_several_nodes() -> None:
    nodes: Mapping[str, object] = {
        **WORDS,
        "turned": {"coro": "reverse"},
        "pairs": {"join": True},
        "a": {"coro": "store_pair"},
        "b": {"batch": 2},
    }
    graph = {"words": ["pairs", "turned"], "turned": "pairs", "pairs": ["a", "b"]}

    assert collected({"nodes": nodes, "graph": graph}) == {
        "b": [[("one", "eno"), ("two", "owt")], [("three", "eerht")]]
    }
    assert offered.stored == [("one", "eno"), ("two", "owt"), ("three", "eerht")]


def test_what_a_fitting_gives_is_what_it_is_given_or_narrows_to() -> None:
    for fitting, gives in (
        ({"keep": "is_long"}, "str"),
        ({"narrow": "is_text"}, "str"),
        ({"only": "Text"}, "str"),
        ({"batch": 2}, "list[str]"),
        ({"join": True}, "str"),
    ):
        nodes = {**WORDS, "a": fitting, "b": {"coro": "store_number"}}
        definition = {"nodes": nodes, "graph": {"words": "a", "a": "b"}}

        (mistake,) = refused(definition, COROUTINES)

        assert mistake.startswith(f"a -> b: a gives {gives}, b takes int. ")


def split_to(**ways: object) -> dict[str, object]:
    """Describe a split of words whose ways lead to nodes named as their coroutines are."""
    nodes = {**WORDS, "sort": {"split": "by_length"}}
    ends = {str(end) for end in ways.values()}
    return {
        "nodes": {**nodes, **{end: {"coro": end} for end in ends if end in OFFERED}},
        "graph": {"words": "sort", "sort": ways},
    }


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            split_to(first="reverse", second="letters"),
            "sort.second -> letters: sort gives int, letters takes str. "
            "Put a node between them that turns int into str.",
        ),
        (
            split_to(first="reverse", second="store", third="bury"),
            "sort.third -> bury: 'by_length' sends nothing the third way: "
            "it returns First[str] | Second[int]. Leave it out.",
        ),
        (
            split_to(first="reverse"),
            "nodes.sort: the second way of 'sort' goes nowhere. "
            "Connect it to a processor, or collect or read it.",
        ),
        (
            split_to(frist="reverse", second="store"),
            "graph.sort.frist: unknown key 'frist'. Did you mean 'first'?",
        ),
        (
            {**split_to(first="reverse"), "graph": {"words": "sort", "sort": "reverse"}},
            "graph.sort: must be a table of ways, such as { first = \"store\" }, not 'reverse'",
        ),
        (
            {"nodes": {**WORDS, "a": {"keep": "is_longer"}}, "graph": {"words": "a"}},
            "nodes.a.keep: the function 'is_longer' is not offered. Did you mean 'is_long'?",
        ),
        (
            {"nodes": {**WORDS, "a": {"keep": "sign"}}, "graph": {"words": "a"}},
            "words -> a: words gives str, a takes int. "
            "Put a node between them that turns str into int.",
        ),
        (
            {"nodes": {**WORDS, "a": {"narrow": "is_long"}}, "graph": {"words": "a"}},
            "nodes.a.narrow: 'is_long' does not return a TypeIs, so it narrows nothing. Use keep.",
        ),
        (
            {"nodes": {**WORDS, "a": {"keep": "initial"}}, "graph": {"words": "a"}},
            "nodes.a.keep: 'initial' returns str, and a test returns bool.",
        ),
        (
            {**split_to(first="reverse"), "nodes": {**WORDS, "sort": {"split": "initial"}}}
            | {"graph": {"words": "sort"}},
            "nodes.sort.split: 'initial' returns str, and no First, Second and so on.",
        ),
        (
            {"nodes": {**WORDS, "a": {"only": "is_long"}}, "graph": {"words": "a"}},
            "nodes.a.only: the name 'is_long' needs a class, not",
        ),
        (
            {"nodes": {**WORDS, "a": {"batch": 0}}, "graph": {"words": "a"}},
            "nodes.a.batch: must be a whole number from 1 to 1000000, not 0",
        ),
        (
            {"nodes": {**WORDS, "a": {"batch": 2, "workers": 2}}, "graph": {"words": "a"}},
            "nodes.a.workers: a node with batch has no use for it. Leave it out.",
        ),
        (
            {"nodes": {**WORDS, "a": {"batch": 2, "keep": "is_long"}}, "graph": {"words": "a"}},
            "nodes.a.batch: the node has keep already, and is one of these. Make it two nodes.",
        ),
        (
            {
                "nodes": {
                    **WORDS,
                    "a": {"coro": "store", "rejoin": True, "aggregate_inputs": True},
                },
                "graph": {"words": "a"},
            },
            "nodes.a.rejoin: aggregate_inputs and rejoin both say how several inputs are taken. "
            "Set one.",
        ),
        (
            {
                "nodes": {**WORDS, "a": {"batch": 2}, "b": {"coro": "store"}},
                "graph": {"words": "a"},
                "failures": {"a": "b"},
            },
            "failures of a -> b: a is no processor, so no items fail in it. Remove the connection.",
        ),
        (
            {"nodes": {**WORDS, "a": {"join": False}}, "graph": {"words": "a"}},
            "nodes.a.join: must be true, not False",
        ),
        (
            {"nodes": {"a": {"keep": "is_long"}}},
            "nodes.a: nothing is connected to it. Say in `graph` what leads to it.",
        ),
    ],
    ids=range(18),
)
def test_a_wrong_fitting_is_refused_at_its_place(definition: object, message: str) -> None:
    assert refused(definition, COROUTINES)[0].startswith(message)


def test_what_is_out_of_step_cannot_be_rejoined() -> None:
    nodes: Mapping[str, object] = {
        **WORDS,
        "sort": {"split": "by_length"},
        "some": {"coro": "letters"},
        "all": {"coro": "store_either", "rejoin": True},
    }
    graph = {"words": "sort", "sort": {"first": "some", "second": "all"}, "some": "all"}

    mistakes = refused({"nodes": nodes, "graph": graph})

    wrong = "nodes.some.coro: the rejoin before 'all' would mix up the order"
    assert any(mistake.startswith(wrong) for mistake in mistakes)
