"""Segments and preferred inputs in a definition: they reach the drawing, and come back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.definitions import offered
from tests.definitions.offered import OFFERED, drawn
from tests.definitions.refusals import refused
from typedpipes import DefinitionErrors, Joint, Plumber, Processor, Sink, Source, run
from typedpipes.definition import write
from typedpipes.show import show

BILLING: dict[str, object] = {
    "segments": ["billing", "billing/prices"],
    "nodes": {
        "words": {"coro": "read_words"},
        "billing/turn": {"coro": "reverse"},
        "billing/prices/long": {"keep": "is_long"},
        "billing/prices/length": {"coro": "length"},
        "store": {"coro": "store"},
    },
    "graph": {
        "words": "billing/turn",
        "billing/turn": "billing/prices/long",
        "billing/prices/long": "billing/prices/length",
        "billing/prices/length": "store",
    },
}


def test_a_segment_has_the_nodes_that_are_named_so() -> None:
    plumber = drawn(BILLING)

    assert plumber.blueprint().segments == {
        "billing": ["billing/turn", "billing/prices/long", "billing/prices/length"],
        "billing/prices": ["billing/prices/long", "billing/prices/length"],
    }
    report = run(plumber, signals=())
    assert report.of_segment("billing/prices").received == 3 + 1
    plumber.pause(segment="billing")


def test_a_segment_is_a_frame_in_pictures() -> None:
    framed = show(drawn(BILLING).blueprint(), "mermaid")
    plain = show(drawn({**BILLING, "segments": []}).blueprint(), "mermaid")

    assert framed.count("subgraph") == 2
    assert plain.count("subgraph") == 0


def test_the_segments_around_one_need_not_be_listed() -> None:
    only_inner = drawn({**BILLING, "segments": ["billing/prices"]})

    assert only_inner.blueprint().segments == drawn(BILLING).blueprint().segments


def test_a_name_alone_makes_no_segment() -> None:
    assert drawn({**BILLING, "segments": []}).blueprint().segments == {}


def test_segments_in_code_are_written_and_come_back() -> None:
    def lookup(words: Joint[str]) -> Joint[int]:
        return words.to(Processor(offered.length))

    def billing(words: Joint[str]) -> Joint[int]:
        return words.keep(offered.is_long).via(lookup, name="lookup")

    plumber = Plumber()
    plumber.connect(Source(offered.read_words)).via(billing, name="billing").to(Sink(offered.store))

    written = write(plumber.blueprint(), OFFERED)

    assert written["segments"] == ["billing", "billing/lookup"]
    again = drawn(written).blueprint()
    assert again.segments == plumber.blueprint().segments
    assert [node.name for node in again.nodes] == [node.name for node in plumber.blueprint().nodes]
    assert write(again, OFFERED) == written


def test_what_only_looks_like_a_part_of_a_segment_cannot_be_written() -> None:
    def billing(words: Joint[str]) -> Joint[int]:
        return words.to(Processor(offered.length))

    plumber = Plumber()
    ends = plumber.connect(Source(offered.read_words)).via(billing, name="billing")
    ends.to(Sink(offered.store, name="billing/store"))

    with pytest.raises(DefinitionErrors) as wrong:
        write(plumber.blueprint(), OFFERED)

    (error,) = wrong.value.exceptions
    assert str(error) == (
        "nodes.'billing/store': it is not in the segment 'billing', as its name says. "
        "Rename one of them."
    )


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ("billing", "segments: must be a list of names, such as [\"billing\"], not 'billing'"),
        ([3], "segments[0]: must be the name of a segment, not 3"),
        (
            ["biling"],
            "segments[0]: no node is in the segment 'biling'. Did you mean 'billing'?",
        ),
        (
            ["shop"],
            "segments[0]: no node is in the segment 'shop'. Name one 'shop/...'.",
        ),
        (
            ["billing/"],
            "segments[0]: no node is in the segment 'billing/'. Did you mean 'billing'?",
        ),
        ([""], "segments[0]: no node is in the segment ''. Name one '/...'."),
        (
            ["billing", "billing"],
            "segments[1]: 'billing' is listed twice. Name each segment once.",
        ),
    ],
    ids=range(7),
)
def test_a_wrong_segment_is_refused_at_its_place(segments: object, message: str) -> None:
    assert refused({**BILLING, "segments": segments}) == [message]


def test_a_wrong_segment_has_its_line() -> None:
    text = 'segments = [\n  "shop",\n]\nnodes.a.coro = "read_words"\nnodes.b.coro = "store"\n'

    with pytest.raises(DefinitionErrors, match="line 2: segments") as wrong:
        drawn(text + 'graph.a = "b"')

    assert len(wrong.value.exceptions) == 1


def preferring(prefer: object, **settings: object) -> dict[str, object]:
    """Describe words, their letters and what fails, merged."""
    how = settings or {"aggregate_inputs": False}
    nodes: Mapping[str, object] = {
        "a": {"coro": "read_words"},
        "b": {"coro": "fail"},
        "sort": {"split": "by_length"},
        "c": {"coro": "store", "prefer": prefer, **how},
        "d": {"coro": "store"},
    }
    graph = {"a": ["b", "sort", "c"], "b": "c", "sort": {"first": "c", "second": "d"}}
    return {"nodes": nodes, "graph": graph, "failures": {"b": "c"}}


@pytest.mark.parametrize(
    ("prefer", "number"), [("a", 0), ("b", 1), ("sort.first", 2), ("failures of b", 3)]
)
def test_a_merge_prefers_the_input_that_the_definition_names(prefer: str, number: int) -> None:
    blueprint = drawn(preferring(prefer)).blueprint()

    (node,) = (node for node in blueprint.nodes if node.name == "c")
    assert node.prefer == number
    nodes = write(blueprint, OFFERED)["nodes"]
    assert isinstance(nodes, dict)
    assert nodes["c"] == {"coro": "store", "aggregate_inputs": False, "prefer": prefer}
    assert write(drawn(write(blueprint, OFFERED)).blueprint(), OFFERED) == write(blueprint, OFFERED)


def test_a_filter_may_prefer_an_input_as_well() -> None:
    nodes = {
        "a": {"coro": "read_words"},
        "b": {"coro": "reverse"},
        "c": {"keep": "is_long", "aggregate_inputs": False, "prefer": "b"},
    }

    blueprint = drawn({"nodes": nodes, "graph": {"a": ["b", "c"], "b": "c"}}).blueprint()

    assert [node.prefer for node in blueprint.nodes if node.name == "c"] == [1]


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            preferring("x"),
            "nodes.c.prefer: 'x' does not lead here. There are a, b, sort.first, failures of b.",
        ),
        (
            preferring("sort.fist"),
            "nodes.c.prefer: 'sort.fist' does not lead here. Did you mean 'sort.first'?",
        ),
        (preferring(0), "nodes.c.prefer: must be the name of a node that leads here, not 0"),
        (
            preferring("a", rejoin=True),
            "nodes.c.prefer: it prefers one of several inputs that come as they are: "
            "aggregate_inputs = false.",
        ),
        (
            {
                "nodes": {
                    "a": {"coro": "read_words"},
                    "b": {"coro": "store", "aggregate_inputs": False, "prefer": "a"},
                },
                "graph": {"a": "b"},
            },
            "nodes.b.prefer: only one input leads here, so none can be preferred. Leave it out.",
        ),
    ],
    ids=range(5),
)
def test_a_wrong_preference_is_refused_at_its_place(definition: object, message: str) -> None:
    assert refused(definition)[0] == message
