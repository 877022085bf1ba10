"""What is wrong with a definition is told at once: where, what, and what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.definitions.offered import drawn, graph
from tests.definitions.refusals import refused
from typedpipes import DefinitionError, DefinitionErrors, Plumber

GOOD = """
[nodes.words]
coro = "read_words"
[nodes.reverse]
coro = "reverse"
[nodes.store]
coro = "store"
[graph]
words = ["reverse"]
reverse = ["store"]
"""


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_text(
        GOOD.replace('coro = "reverse"', 'coro = "length"\nworker = 2\nbuffer = 0').replace(
            'coro = "store"', 'coro = "store_pair"'
        )
    )

    assert [each.removeprefix(f"{tmp_path}/") for each in refused(file)] == [
        "pipeline.toml:6: nodes.reverse.worker: unknown key 'worker'. Did you mean 'workers'?",
        "pipeline.toml:7: nodes.reverse.buffer: must be a whole number from 1 to 1000000, not 0",
        "pipeline.toml:12: reverse -> store: reverse gives int, store takes tuple[str, str]. "
        "Put a node between them that turns int into tuple[str, str].",
    ]


def test_a_wrong_connection_hides_no_wrong_argument(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(GOOD.replace('"store"]', '"stor"]') + "[nodes.reverse.args]\nwords = 1\n")

    assert [each.split(": ")[1] for each in refused(file)] == [
        "graph.reverse[0]",
        "nodes.reverse.args.words",
    ]


def test_where_it_is_not_known_how_inputs_come_their_types_are_not_compared() -> None:
    nodes = {
        "words": {"coro": "read_words"},
        "more": {"coro": "read_words"},
        "store": {"coro": "store", "aggregate_inputs": "no"},
    }

    assert refused({"nodes": nodes, "graph": {"words": ["store"], "more": ["store"]}}) == [
        "nodes.store.aggregate_inputs: must be true (several inputs as one tuple) or false "
        "(as they come), not 'no'"
    ]


def test_the_group_shows_every_mistake() -> None:
    with pytest.raises(DefinitionErrors) as wrong:
        Plumber.from_definition({"nodes": {"a": {}}, "grph": {}}, coroutines={})

    assert str(wrong.value) == (
        "the definition is wrong:\n"
        "  - grph: unknown key 'grph'. Did you mean 'graph'?\n"
        '  - nodes.a: a node needs a coroutine: coro = "..."'
    )


def test_a_mistake_carries_its_place(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text("[nodes.a]\n")

    with pytest.raises(DefinitionErrors) as wrong:
        Plumber.from_definition(file)

    (mistake,) = wrong.value.exceptions
    assert isinstance(mistake, DefinitionError)
    assert (mistake.origin, mistake.line, mistake.where) == (str(file), 1, "nodes.a")
    assert mistake.what == 'a node needs a coroutine: coro = "..."'


def test_a_group_of_mistakes_is_caught_as_one_and_stays_a_group_when_it_is_split() -> None:
    with pytest.raises(DefinitionError) as wrong:
        Plumber.from_definition({})

    assert isinstance(wrong.value, DefinitionErrors)
    part = wrong.value.subgroup(lambda error: not isinstance(error, DefinitionErrors))
    assert isinstance(part, DefinitionErrors)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("= 1", "line 1: this is not valid TOML: Invalid statement."),
        (
            "[nodes.a]\n[nodes.a]",
            "line 2: this is not valid TOML: Cannot declare ('nodes', 'a') twice. "
            "A name can be used only once: keep one of the two.",
        ),
        (
            '[nodes.a]\ncoro = "b"\ncoro = "c"\n',
            "line 3: this is not valid TOML: Cannot overwrite a value. "
            "A name can be used only once: keep one of the two.",
        ),
        (
            "pipeline.toml",
            "this is not valid TOML: Expected '=' after a key in a key/value pair "
            "(at end of document). To read a file, pass a pathlib.Path.",
        ),
        ('{\n"nodes": [}', "line 2: this is not valid JSON: Expecting value"),
        (
            '{"nodes": {\n"a": {},\n"a": {}}}',
            "line 3: 'a' is used twice, first in line 2. Keep one.",
        ),
        (
            '{"a": {"b": {"c": {"d": {"e": 1, "e": 2}}}}}',
            "a name is used twice in one object. Keep one.",
        ),
        (
            '{"a": {"b": {"c": {"d": {"e": 1, "e": 2}}}},\n"x": [}',
            "line 2: this is not valid JSON: Expecting value",
        ),
        ('{"timeout": NaN}', "this is not valid JSON: NaN is not a number"),
        ("a = " + "[" * 100_000, "lists or tables are nested too deeply to read"),
        ('{"a": ' + "[" * 100_000, "lists or tables are nested too deeply to read"),
        ('{"a":' * 100_000, "lists or tables are nested too deeply to read"),
        ("a." * 5_000 + "b = 1", "there are too many dots in one line"),
        ("a.a = [" + "1," * 300_000 + "]", "there are too many names, values and lines to read"),
        ('{"a": [' + "1," * 300_000, "there are too many names, values and lines to read"),
        ("\n" * 50_000_000, "this is longer than 2 MB, the most that is read"),
        (
            '\n[{"nodes": {}}]',
            'line 1: this is a JSON list, not an object such as {"nodes": {...}, "graph": {...}}',
        ),
        (
            "# a pipeline\n\nnodes:\n  words:\n    coro: read_words\n",
            "line 3: this is YAML, and a definition is TOML or JSON. Write it as one of these.",
        ),
        (
            "---\n- nodes",
            "line 1: this is YAML, and a definition is TOML or JSON. Write it as one of these.",
        ),
        (
            "\ufeff[nodes]",
            "line 1: this begins with a byte order mark (BOM). "
            "Decode it as utf-8-sig, or pass the bytes.",
        ),
    ],
    ids=range(20),
)
def test_a_text_that_cannot_be_read(text: str, message: str) -> None:
    assert refused(text) == [message]


def test_a_text_that_is_not_utf_8() -> None:
    assert refused(b'a = "x"\nb = "\xff"') == ["line 2: this is not UTF-8. Save it as UTF-8."]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_text_in_utf_16(encoding: str) -> None:
    assert refused("\ufeff[nodes]".encode(encoding)) == [
        "line 1: this is UTF-16, as its byte order mark (BOM) says. Save it as UTF-8."
    ]


def test_the_name_of_a_file_controls_no_terminal(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m\u202eb\n.toml"
    file.write_text("nodes = 3")

    (mistake,) = refused(file)

    assert mistake == f"{tmp_path}/a\\x1b[31m\\u202eb\\n.toml:1: nodes: " + (
        "`nodes` must be a table, not 3"
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (mistake,) = refused(tmp_path / "p.toml")

    assert mistake.startswith(f"{tmp_path}/p.toml: cannot read the file: ")


def test_a_file_of_50_megabytes(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    with file.open("wb") as opened:
        opened.truncate(50_000_000)

    assert refused(file) == [f"{file}: this is longer than 2 MB, the most that is read"]


def test_something_else_than_a_definition() -> None:
    assert refused(3) == [
        "a definition is a mapping, a TOML or JSON text, or a pathlib.Path, not int"
    ]


@pytest.mark.parametrize(
    ("definition", "messages"),
    [
        ({}, ["nodes: there are no nodes. Name at least a source and what follows it."]),
        ({"nodes": []}, ["nodes: `nodes` must be a table, not []"]),
        ({"nodes": {"a": 3}}, ["nodes.a: a node must be a table, not 3"]),
        ({"nodes": {3: {"coro": "store"}}}, ["nodes: a name must be text, not 3"]),
        (
            {"nodes": {"a\n": {"coro": "store"}}},
            [
                r"nodes.'a\n': the name of a node must be printable text of 100 characters "
                r"at most, not 'a\n'"
            ],
        ),
        ({"nodes": {"a": {"coro": 3}}}, ["nodes.a.coro: must be the name of a coroutine, not 3"]),
        ({"nodes": {"a": {"coro": ""}}}, ["nodes.a.coro: must be the name of a coroutine, not ''"]),
        (
            {"name": 3, "nodes": {"a": {}}},
            [
                'nodes.a: a node needs a coroutine: coro = "..."',
                "name: the name must be printable text of 100 characters at most, not 3",
            ],
        ),
        (
            {**graph(read_words=["store"]), "colour": "red"},
            [
                "colour: unknown key 'colour'. "
                "A definition has name, segments, resources, nodes, graph, failures, outcomes."
            ],
        ),
    ],
    ids=range(9),
)
def test_a_wrong_shape(definition: object, messages: list[str]) -> None:
    assert refused(definition) == messages


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("args", [1], "must be a table of arguments, by name, not [1]"),
        (
            "aggregate_inputs",
            "no",
            "must be true (several inputs as one tuple) or false (as they come), not 'no'",
        ),
        ("workers", 0, "must be a whole number from 1 to 1000000, not 0"),
        ("workers", True, "must be a whole number from 1 to 1000000, not True"),
        ("workers", 10**9, "must be a whole number from 1 to 1000000, not 1000000000"),
        ("ordered", 1, "must be true or false, not 1"),
        ("window", 1.5, "must be a whole number from 1 to 1000000, not 1.5"),
        ("buffer", "9", "must be a whole number from 1 to 1000000, not '9'"),
        ("timeout", 0, "must be a number of seconds above 0, 1000000 at most, not 0"),
        ("timeout", float("nan"), "must be a number of seconds above 0, 1000000 at most, not nan"),
    ],
)
def test_a_wrong_setting(setting: str, value: object, message: str) -> None:
    definition = {
        "nodes": {
            "a": {"coro": "read_words"},
            "b": {"coro": "reverse", setting: value},
            "c": {"coro": "store"},
        },
        "graph": {"a": ["b"], "b": ["c"]},
    }

    assert refused(definition) == [f"nodes.b.{setting}: {message}"]


@pytest.mark.parametrize(
    ("connections", "messages"),
    [
        ([], ["graph: `graph` must be a table, not []"]),
        (
            {"read_words": 3},
            ['graph.read_words: must be a node or a list of nodes, such as ["store"], not 3'],
        ),
        (
            {"read_words": "stor"},
            ["graph.read_words: there is no node 'stor'. Did you mean 'store'?"],
        ),
        (
            {"read_words": ["store", 3]},
            ["graph.read_words[1]: must be the name of a node, not 3"],
        ),
        (
            {"read_words": ["store", "stor"]},
            ["graph.read_words[1]: there is no node 'stor'. Did you mean 'store'?"],
        ),
        (
            {"read_words": ["store"], "xyz": []},
            ["graph.xyz: there is no node 'xyz'. Define it in `nodes`."],
        ),
        (
            {"read_words": ["store", "store"]},
            ["graph.read_words[1]: 'store' is listed twice. Name each node once."],
        ),
    ],
    ids=range(7),
)
def test_a_wrong_connection(connections: object, messages: list[str]) -> None:
    assert refused({**graph(read_words=["store"]), "graph": connections}) == messages


def test_a_circle_is_listed() -> None:
    (mistake,) = refused(graph(read_words=["reverse"], reverse=["reverse_"], reverse_=["reverse"]))

    circle, told = mistake.split(": ", 1)
    assert circle in {"reverse -> reverse_ -> reverse", "reverse_ -> reverse -> reverse_"}
    assert told == (
        "the graph goes in a circle. An item would never leave it. Remove one of these connections."
    )


def test_a_node_that_leads_to_itself() -> None:
    assert refused(graph(reverse=["reverse"]))[0].startswith("reverse -> reverse: the graph goes")


def test_a_failures_edge_into_a_circle() -> None:
    definition = {**graph(read_words=["reverse"], reverse=[]), "failures": {"reverse": ["reverse"]}}

    assert refused(definition)[0].startswith("reverse -> reverse: the graph goes in a circle")


def test_a_coroutine_that_is_not_offered() -> None:
    definition = {"nodes": {"a": {"coro": "read_word"}, "b": {"coro": "xyz"}}, "graph": {"a": "b"}}

    assert refused(definition) == [
        "nodes.a.coro: the coroutine 'read_word' is not offered. Did you mean 'read_words'?",
        "nodes.b.coro: the coroutine 'xyz' is not offered. Offer it in `coroutines`.",
    ]


def test_something_offered_that_is_no_coroutine_function() -> None:
    (mistake,) = refused({"nodes": {"a": {"coro": "print"}}}, coroutines={"print": print})

    assert mistake == (
        "nodes.a.coro: the name 'print' needs a coroutine function, but 'print' is a plain "
        "function. Wrap it in in_thread, or make it `async def`."
    )


def test_a_function_that_does_not_find_the_coroutine() -> None:
    def find(name: str) -> object:
        raise OSError(name)

    assert refused({"nodes": {"a": {"coro": "x"}}}, coroutines=find) == [
        "nodes.a.coro: looking up 'x' raised OSError('x')"
    ]


def test_an_import_path_while_they_are_off() -> None:
    assert refused({"nodes": {"a": {"coro": "tests.definitions.offered:store"}}}) == [
        "nodes.a.coro: 'tests.definitions.offered:store' is an import path, and import paths are "
        "off. Offer the coroutine in `coroutines`, or turn `import_paths` on if you wrote the "
        "definition yourself."
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("no_such_thing:f", "importing 'no_such_thing' raised ModuleNotFoundError("),
        ("raising:f", "importing 'raising' raised ZeroDivisionError("),
        ("exiting:f", "importing 'exiting' raised SystemExit("),
        ("ending:f", "importing 'ending' raised BaseException("),
        (".relative:f", "importing '.relative' raised TypeError("),
        (":f", "importing '' raised ValueError("),
        ("asyncio:nap", "the module 'asyncio' has no 'nap'"),
        ("asyncio:tasks.sleep", "the module 'asyncio' has no 'tasks.sleep'"),
    ],
)
def test_an_import_path_that_leads_nowhere(
    path: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raising.py").write_text("1 / 0")
    (tmp_path / "exiting.py").write_text("raise SystemExit(3)")
    (tmp_path / "ending.py").write_text("raise BaseException")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    (mistake,) = refused({"nodes": {"a": {"coro": path}}}, import_paths=True)

    assert mistake.startswith(f"nodes.a.coro: {message}")


def test_a_node_that_nothing_leads_to() -> None:
    assert refused(graph(read_words=["store"], reverse=["store_"])) == [
        "nodes.reverse: nothing is connected to it, and 'reverse' is neither a source nor an input "
        "rig. Say in `graph` what leads to it."
    ]


def test_a_source_that_goes_nowhere() -> None:
    assert refused(graph(read_words=[])) == [
        "nodes.read_words: nothing takes what it gives. Say in `graph` where that goes."
    ]


def test_a_source_that_is_led_to() -> None:
    assert refused(graph(read_words=["put_numbers"], put_numbers=["store"])) == [
        "read_words -> put_numbers: put_numbers takes no items: it is an input rig. "
        "Remove the connection."
    ]


def test_a_sink_that_leads_on() -> None:
    assert refused(graph(read_words=["store"], store=["store_"])) == [
        "store -> store_: store gives nothing: it is a sink. Remove the connection."
    ]


def test_failures_of_a_source() -> None:
    definition = {**graph(read_words=["store"], put_numbers=["store_"])}
    definition["failures"] = {"put_numbers": ["store"]}

    assert refused(definition) == [
        "failures of put_numbers -> store: put_numbers takes no items, so no items fail in it. "
        "Remove the connection."
    ]


@pytest.mark.parametrize(
    ("name", "role", "setting", "value"),
    [
        ("read_words", "a source", "workers", 2),
        ("put_numbers", "an input rig", "timeout", 2),
        ("store", "a sink", "ordered", True),
        ("store", "a sink", "window", 3),
    ],
)
def test_a_setting_that_means_nothing_there(
    name: str, role: str, setting: str, value: object
) -> None:
    nodes: dict[str, dict[str, object]] = {
        each: {"coro": each} for each in ("read_words", "put_numbers", "store")
    }
    nodes[name][setting] = value
    definition = {"nodes": nodes, "graph": {"read_words": ["store"], "put_numbers": ["store"]}}

    assert refused(definition) == [
        f"nodes.{name}.{setting}: {name} has no use for it: it is {role}. Leave it out."
    ]


def test_a_zip_that_would_pair_wrong_items() -> None:
    (mistake,) = refused(graph(read_words=["letters", "store"], letters=["store"]))

    assert mistake.startswith("nodes.letters.coro: the zip before 'store' would pair wrong items: ")
    assert mistake.endswith("Zip before that, or leave it out of the branch.")


def test_a_zip_of_a_branch_that_is_not_ordered_points_to_the_setting() -> None:
    text = """
graph = { words = ["reverse", "pairs"], reverse = "pairs" }
nodes.words.coro = "read_words"
nodes.pairs.coro = "store_pair"
[nodes.reverse]
coro = "reverse"
workers = 2
ordered = false
"""

    (mistake,) = refused(text)

    assert mistake.startswith("line 8: nodes.reverse.ordered: the zip before 'pairs' would pair")
    assert mistake.endswith("leave it out of the branch, or set ordered = true.")


def test_a_zip_of_a_branch_that_mixes_its_inputs_points_to_the_setting() -> None:
    definition = graph(read_words=["reverse", "store"], read_words_=["reverse"], reverse=["store"])
    definition["nodes"] = {
        "read_words": {"coro": "read_words"},
        "read_words_": {"coro": "read_words"},
        "reverse": {"coro": "reverse", "aggregate_inputs": False},
        "store": {"coro": "store"},
    }

    (mistake,) = refused(definition)

    assert mistake.startswith("nodes.reverse.aggregate_inputs: the zip before 'store' would pair")


def test_a_wide_zip_that_would_pair_wrong_items_is_told_once_for_each_input() -> None:
    nodes = {f"letters {number}": {"coro": "letters"} for number in range(300)}
    definition = {
        "nodes": {"a": {"coro": "read_words"}, "z": {"coro": "store"}, **nodes},
        "graph": {"a": [*nodes], **{name: ["z"] for name in nodes}},
    }

    assert len(refused(definition)) == 299


def test_only_so_many_mistakes_are_told() -> None:
    assert len(refused({"nodes": {f"a{number}": number for number in range(5000)}})) == 1000


def test_the_same_mistake_in_very_many_places_is_told_once_with_its_count() -> None:
    nodes = {f"a{number}": 3 for number in range(5000)} | {f"b{number}": 4 for number in range(100)}

    mistakes = refused({"nodes": nodes})

    assert mistakes == [
        "nodes.a0: a node must be a table, not 3 (The same is wrong in 4,999 more places.)",
        *(f"nodes.b{number}: a node must be a table, not 4" for number in range(100)),
    ]


def test_a_mistake_that_stands_for_many_names_the_others() -> None:
    with pytest.raises(DefinitionErrors) as wrong:
        Plumber.from_definition({"nodes": {f"a{number}": {"coro": "x"} for number in range(101)}})

    (mistake,) = wrong.value.exceptions
    assert isinstance(mistake, DefinitionError)
    assert mistake.where == "nodes.a0.coro"
    assert mistake.also == tuple(f"nodes.a{number}.coro" for number in range(1, 101))


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (('coro = "reverse"', 'corro = "reverse"'), "shape", (4, 1)),
        (('coro = "reverse"', 'coro = "revers"'), "coroutine", (4, 1)),
        (('coro = "reverse"', 'coro = "reverse"\nargs.x = 1'), "argument", (5, 1)),
        (('"store"]', '"store", "stor"]'), "unknown-node", (9, 21)),
        (('coro = "store"', 'coro = "store_number"'), "connection", (9, 12)),
        (('reverse = ["store"]', 'reverse = "reverse"'), "wiring", (9, 1)),
        (('reverse = ["store"]', "reverse = [}"), "syntax", (9, 12)),
    ],
    ids=range(7),
)
def test_a_mistake_has_a_kind_a_line_and_a_column(
    change: tuple[str, str], code: str, place: tuple[int, int]
) -> None:
    text = GOOD.strip().replace(*change)

    with pytest.raises(DefinitionErrors) as wrong:
        drawn(text)

    found = {
        each.code: (each.line, each.column)
        for each in wrong.value.exceptions
        if isinstance(each, DefinitionError)
    }
    assert found[code] == place


def test_lines_are_found_in_json_too_and_put_in_order() -> None:
    text = json.dumps({"nodes": {"a": {"coro": "read_words"}, "b": {}}}, indent=1)

    assert refused(text) == [
        "line 3: nodes.a: nothing takes what it gives. Say in `graph` where that goes.",
        'line 6: nodes.b: a node needs a coroutine: coro = "..."',
    ]
