"""A graph as TOML, JSON or a mapping: it is drawn and run as one in code is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.definitions import offered
from tests.definitions.offered import OFFERED, drawn, graph
from typedpipes import DefinitionError, InputRig, Plumber, Processor, Sink, Source, run
from typedpipes.definition import read

TOML = """
name = "words"

[nodes.words]
coro = "read_words"
args = { limit = 2 }

[nodes.reverse]
coro = "reverse"
workers = 4

[nodes.pairs]
coro = "store_pair"

[graph]
words = ["reverse", "pairs"]
reverse = ["pairs"]
"""
MAPPING: dict[str, object] = {
    "name": "words",
    "nodes": {
        "words": {"coro": "read_words", "args": {"limit": 2}},
        "reverse": {"coro": "reverse", "workers": 4},
        "pairs": {"coro": "store_pair"},
    },
    "graph": {"words": ("reverse", "pairs"), "reverse": ["pairs"], "pairs": None},
}
CHAIN: dict[str, object] = {
    **graph(read_words=["reverse"], reverse=["store"]),
    "graph": {"read_words": "reverse", "reverse": "store"},
}


@pytest.fixture(autouse=True)
def nothing_is_stored() -> Iterator[None]:
    offered.stored.clear()
    yield
    offered.stored.clear()


@pytest.mark.parametrize(
    "form",
    [
        'graph = { read_words = "reverse", reverse = "store" }\nnodes.store.coro = "store"\n'
        'nodes.read_words.coro = "read_words"\nnodes.reverse.coro = "reverse"\n',
        json.dumps(CHAIN),
        CHAIN,
    ],
    ids=["TOML", "JSON", "mapping"],
)
def test_a_node_that_leads_to_one_other_names_it_without_a_list(
    form: str | dict[str, object],
) -> None:
    run(drawn(form), signals=())

    assert offered.stored == ["eno", "owt", "eerht"]


def test_failures_go_to_one_node_without_a_list() -> None:
    definition = graph(read_words=["fail"], fail=["store"], bury=None)

    run(drawn({**definition, "failures": {"fail": "bury"}}), signals=())

    assert offered.stored == [(word, "fail") for word in ("one", "two", "three")]


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
        "क्\u200dष",  # Hindi, with a joiner
        "शर्\u200dमा\u200c",
        "\U0001f469\u200d\U0001f4bb",  # a woman at a computer
        "❤\ufe0f\u200d\U0001f525",
    ],
)
def test_a_name_may_have_the_joiners_of_its_script(name: str) -> None:
    nodes = {name: {"coro": "read_words"}, "store": {"coro": "store"}}

    run(drawn({"name": name, "nodes": nodes, "graph": {name: "store"}}), signals=())

    assert offered.stored == ["one", "two", "three"]


@pytest.mark.parametrize("name", ["re\u200dverse", "\u200dreverse", "reverse\u200c", "é\u200dé"])
def test_a_joiner_does_not_hide_in_a_latin_name(name: str) -> None:
    with pytest.raises(DefinitionError, match="the name of a node must be printable text"):
        drawn({"nodes": {name: {"coro": "reverse"}}})


@pytest.mark.parametrize(
    "form",
    [TOML, TOML.encode(), b"\xef\xbb\xbf" + TOML.encode(), json.dumps(MAPPING), MAPPING],
    ids=["TOML", "bytes", "bytes with a mark", "JSON", "mapping"],
)
def test_every_form_runs(form: str | bytes | dict[str, object]) -> None:
    report = run(drawn(form), signals=())

    assert report.plumber == "words"
    assert offered.stored == [("one", "eno"), ("two", "owt")]


@pytest.mark.parametrize(("name", "text"), [("a.toml", TOML), ("a.json", json.dumps(MAPPING))])
def test_a_file_runs(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text)

    run(drawn(file), signals=())

    assert offered.stored == [("one", "eno"), ("two", "owt")]


def test_a_definition_that_was_read_before_runs() -> None:
    plumber = Plumber.from_definition(read(TOML), coroutines=OFFERED)

    run(plumber, signals=())

    assert offered.stored == [("one", "eno"), ("two", "owt")]


def test_a_function_may_find_the_coroutines() -> None:
    plumber = Plumber.from_definition(TOML, coroutines=lambda name: OFFERED[name])

    assert [node.name for node in plumber.blueprint().nodes] == ["words", "reverse", "pairs"]


def test_import_paths_name_coroutines_when_they_are_on() -> None:
    words = "tests.definitions.offered:read_words"

    plumber = Plumber.from_definition(
        {"nodes": {"a": {"coro": words}, "b": {"coro": "store"}}, "graph": {"a": ["b"]}},
        coroutines=OFFERED,
        import_paths=True,
    )

    assert [node.name for node in plumber.blueprint().nodes] == ["a", "b"]


def test_nodes_are_recognised_by_their_signatures() -> None:
    plumber = drawn(graph(read_words=["reverse"], put_numbers=["store"], reverse=["store_"]))

    kinds = {node.name: type(node.part) for node in plumber.blueprint().nodes}
    assert kinds == {
        "read_words": Source,
        "put_numbers": InputRig,
        "reverse": Processor,
        "store": Sink,
        "store_": Sink,
    }


def test_an_async_generator_with_an_input_is_a_processor() -> None:
    plumber = drawn(graph(read_words=["letters"], letters=["store"]))

    run(plumber, signals=())

    assert offered.stored == [*"onetwothree"]


def test_a_rig_without_annotations_gets_its_queue() -> None:
    run(drawn(graph(put_anything=["store"])), signals=())

    assert offered.stored == [0, 1]


def test_settings_reach_the_processor() -> None:
    settings = {"workers": 3, "ordered": False, "window": 5, "buffer": 7, "timeout": 1.5}
    definition = {
        "nodes": {
            "a": {"coro": "read_words"},
            "b": {"coro": "reverse", **settings},
            "c": {"coro": "store"},
        },
        "graph": {"a": ["b"], "b": ["c"]},
    }

    part = drawn(definition).blueprint().nodes[1].part

    assert isinstance(part, Processor)
    assert {name: getattr(part, name) for name in settings} == settings


def test_several_inputs_are_zipped_in_the_order_of_the_graph() -> None:
    run(drawn(graph(put_numbers=["store"], read_words=["store"])), signals=())

    assert offered.stored == [(0, "one"), (1, "two")]


def test_several_inputs_come_as_they_are_when_they_are_not_aggregated() -> None:
    definition = {
        "nodes": {
            "a": {"coro": "read_words"},
            "b": {"coro": "put_numbers"},
            "c": {"coro": "store_either", "aggregate_inputs": False},
        },
        "graph": {"a": ["c"], "b": ["c"]},
    }

    run(drawn(definition), signals=())

    assert sorted(offered.stored, key=str) == [0, 1, "one", "three", "two"]


def test_failures_go_where_the_definition_says() -> None:
    definition = {
        "nodes": {
            "a": {"coro": "read_words", "args": {"limit": 1}},
            "b": {"coro": "fail"},
            "c": {"coro": "bury"},
        },
        "graph": {"a": ["b"]},
        "failures": {"b": ["c"]},
    }

    run(drawn(definition), signals=())

    assert offered.stored == [("one", "b")]


def test_what_a_last_processor_gives_is_in_the_report() -> None:
    report = run(drawn(graph(read_words=["reverse", "length"])), signals=())

    assert report.collected == {"reverse": ["eno", "owt", "eerht"], "length": [3, 3, 5]}


def test_a_report_keeps_what_was_collected_when_the_plumber_runs_again() -> None:
    plumber = drawn(graph(read_words=["reverse"]))

    first = run(plumber, signals=())
    run(plumber, signals=())

    assert first.collected == {"reverse": ["eno", "owt", "eerht"]}


def test_what_a_drawing_in_code_collects_is_in_the_report() -> None:
    plumber = Plumber()
    a, b = Source([1, 2], name="a"), Source([3, 4], name="b")
    collector = plumber.connect(a).collect()
    plumber.zip(a, b).collect()

    report = run(plumber, signals=())

    assert report.collected == {"a": [1, 2], "zip": [(1, 3), (2, 4)]}
    assert collector.items == (1, 2)


def test_a_definition_knows_its_lines() -> None:
    definition = read(TOML)

    assert definition.line_of("nodes", "reverse") == 8
    assert definition.line_of("nodes", "reverse", "workers") == 10
    assert definition.line_of("nodes", "reverse", "timeout") == 8
    assert [(str(each), definition.line_of(*each.path)) for each in definition.connections] == [
        ("words -> reverse", 16),
        ("words -> pairs", 16),
        ("reverse -> pairs", 17),
    ]


def test_a_mapping_has_no_lines() -> None:
    assert read(MAPPING).line_of("nodes", "reverse") is None
