# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""A blueprint can be written as a definition, and drawn again from that."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest
from hypothesis import assume, given

from tests.definitions import offered
from tests.definitions.drawings import COROUTINES, definitions, unhurried
from tests.definitions.offered import OFFERED, put_numbers, read_words, reverse, scale, store
from typedpipes import (
    Blueprint,
    DefinitionErrors,
    Feed,
    InputRig,
    OutputQueue,
    Plumber,
    Processor,
    Sink,
    Source,
    bind,
    run,
)
from typedpipes.definition import write

SETTINGS = [
    *("workers", "ordered", "window", "buffer", "timeout", "key", "maxsize", "grace"),
    *("size", "within", "every", "kinds"),
]
"""The settings of parts, of which each has some."""


def facts(blueprint: Blueprint) -> object:
    """Everything about a blueprint that matters, and nothing about the order of its nodes."""
    return blueprint.name, {
        node.name: (
            type(node.part),
            node.how,
            node.inputs,
            [edge.gaps for edge in node.inputs],
            node.outcomes,
            node.prefer,
            node.segment,
            node.total,
            {setting: getattr(node.part, setting, None) for setting in SETTINGS},
            getattr(getattr(node.part, "coro", None), "every", None),
        )
        for node in blueprint.nodes
        if not node.name.startswith("collect")  # numbered in the order of the nodes
    }


@unhurried
@given(definitions())
def test_a_definition_comes_back(definition: dict[str, object]) -> None:
    try:
        first = Plumber.from_definition(definition, coroutines=COROUTINES).blueprint()
    except DefinitionErrors as wrong:
        told = str(wrong)
        assume(
            not any(each in told for each in ("pair wrong items", "in step", "mix up the order"))
        )
        raise

    written = json.dumps(write(first, COROUTINES))
    second = Plumber.from_definition(written, coroutines=COROUTINES).blueprint()

    assert facts(second) == facts(first)
    assert json.dumps(write(second, COROUTINES), sort_keys=True) == json.dumps(
        json.loads(written), sort_keys=True
    )


def test_a_drawing_in_code_is_written() -> None:
    plumber = Plumber("code")
    words = plumber.connect(Source(read_words))
    turned = words.to(Processor(reverse, workers=2, buffer=5, timeout=1.0))
    plumber.zip(turned, words).to(Sink(store))
    numbers = plumber.connect(InputRig(put_numbers, name="numbers"))
    numbers.to(Processor(bind(scale, factor=2.0, digits=1), ordered=False, workers=2)).collect()

    assert write(plumber.blueprint(), OFFERED) == {
        "name": "code",
        "nodes": {
            "read_words": {"coro": "read_words"},
            "numbers": {"coro": "put_numbers"},
            "reverse": {"coro": "reverse", "workers": 2, "buffer": 5, "timeout": 1.0},
            "scale": {
                "coro": "scale",
                "args": {"factor": 2.0, "digits": 1},
                "workers": 2,
                "ordered": False,
            },
            "store": {"coro": "store"},
        },
        "graph": {"numbers": ["scale"], "reverse": ["store"], "read_words": ["reverse", "store"]},
    }


def test_without_names_import_paths_are_written() -> None:
    plumber = Plumber()
    plumber.connect(Source(read_words)).to(Processor(reverse)).collect()

    written = write(plumber.blueprint())

    again = Plumber.from_definition(written, import_paths=True)
    assert run(again, signals=()).collected == {"reverse": ["eno", "owt", "eerht"]}


def refused(plumber: Plumber, coroutines: dict[str, object] | None = None) -> list[str]:
    with pytest.raises(DefinitionErrors) as wrong:
        write(plumber.blueprint(), coroutines)
    return [str(error) for error in wrong.value.exceptions]


def test_everything_that_has_no_words_in_a_definition_is_told() -> None:
    async def save(queue: OutputQueue[str]) -> None: ...

    plumber = Plumber()
    texts = plumber.connect(Source(["a"], name="texts")).keep(bool).batch(2)
    texts.collect()
    plumber.connect(Feed[str](name="feed")).to(Processor(reverse).cleanup(output=save)).collect()

    assert refused(plumber) == [
        "nodes.texts.source: Source('texts') cannot be imported by its name. "
        "Give its name in `coroutines`.",
        "nodes.feed.source: Feed('feed') cannot be imported by its name. "
        "Give its name in `coroutines`.",
        "nodes.reverse: a definition cannot name its cleanup coroutines",
    ]


def test_what_code_has_to_hold_has_no_form_in_a_definition() -> None:
    plumber = Plumber()
    plumber.exchange(lambda words: words.to(Processor(reverse)), name="turn")
    words = plumber.connect(Source(read_words))
    words.read()
    words.to(Sink(store))

    assert refused(plumber, {**OFFERED}) == [
        "nodes.turn: code that asks has to hold this exchange, so a definition has no form for it. "
        "Draw it in code, in a plumber of its own.",
        "nodes.read: code that reads has to hold this queue, so a definition has no form for it. "
        "Let a sink put the items into a queue of yours.",
    ]


def test_what_several_nodes_take_or_is_collected_is_joined() -> None:
    plumber = Plumber()
    words = plumber.connect(Source(read_words))
    pairs = words.zip(words.to(Processor(reverse)), buffer=7)
    pairs.to(Sink(store))
    pairs.collect()
    words.merge(words.to(Processor(reverse, name="other"))).collect()
    words.collect(name="words")

    written = write(plumber.blueprint(), OFFERED)

    assert written["nodes"] == {
        "read_words": {"coro": "read_words"},
        "reverse": {"coro": "reverse"},
        "other": {"coro": "reverse"},
        "words": {"join": True},
        "merge": {"join": True, "aggregate_inputs": False},
        "zip": {"join": True, "buffer": 7},
        "store": {"coro": "store"},
        "collect zip": {"join": True},
    }
    again = Plumber.from_definition(written, coroutines=OFFERED)
    assert write(again.blueprint(), OFFERED) == written
    collected = run(again, signals=()).collected
    assert collected["collect zip"] == [("one", "eno"), ("two", "owt"), ("three", "eerht")]
    assert collected["words"] == ["one", "two", "three"]
    assert len(collected["merge"]) == 6


def test_fittings_in_code_are_written() -> None:
    plumber = Plumber("fittings")
    words = plumber.connect(Source(read_words)).keep(offered.is_long, buffer=3)
    long, short = words.split(offered.by_length)
    long.to(Processor(reverse)).rejoin(short).to(Sink(store))
    words.narrow(offered.is_text).batch(2, within=0.5).to(Sink(store, name="lists"))
    words.only(str).collect()

    written = write(plumber.blueprint(), {**OFFERED, "str": str})

    assert written["nodes"] == {
        "read_words": {"coro": "read_words"},
        "keep is_long": {"keep": "is_long", "buffer": 3},
        "split by_length": {"split": "by_length"},
        "reverse": {"coro": "reverse"},
        "store": {"coro": "store", "rejoin": True},
        "narrow is_text": {"narrow": "is_text"},
        "batch 2": {"batch": 2, "within": 0.5},
        "lists": {"coro": "store"},
        "only str": {"only": "str"},
    }
    assert written["graph"] == {
        "read_words": ["keep is_long"],
        "keep is_long": ["split by_length", "narrow is_text", "only str"],
        "split by_length": {"first": ["reverse"], "second": ["store"]},
        "reverse": ["store"],
        "narrow is_text": ["batch 2"],
        "batch 2": ["lists"],
    }


def test_outcomes_and_what_is_taken_beside_them_are_written() -> None:
    plumber, failing = Plumber(), Processor(offered.fail).keyed(offered.initial)
    plumber.connect(Source(read_words)).to(failing)
    plumber.outcomes(failing).to(Sink(store, name="all"))
    plumber.connect(failing).to(Sink(store, name="results"))
    plumber.failures(failing).to(Sink(store, name="failures"))

    written = write(plumber.blueprint(), OFFERED)

    assert written == {
        "name": "plumber",
        "nodes": {
            "read_words": {"coro": "read_words"},
            "fail": {"coro": "fail", "keyed": "initial"},
            "all": {"coro": "store"},
            "results": {"coro": "store"},
            "failures": {"coro": "store"},
        },
        "graph": {"read_words": ["fail"], "fail": ["results"]},
        "failures": {"fail": ["failures"]},
        "outcomes": {"fail": ["all"]},
    }


def test_what_a_decorator_puts_around_bind_is_not_left_out() -> None:
    bound = bind(scale, factor=2.0)

    @functools.wraps(bound)
    async def slower(number: float) -> float:
        return await bound(number)

    plumber = Plumber()
    plumber.connect(InputRig(put_numbers)).to(Processor(slower)).collect()

    (mistake,) = refused(plumber, {"scale": scale, "put_numbers": put_numbers})
    assert "`coroutines` has no name for <function scale" in mistake


def test_a_function_that_has_no_name_for_others() -> None:
    async def inner(text: str) -> str:
        return text

    plumber = Plumber()
    plumber.connect(Source(read_words)).to(Processor(inner)).collect()

    (mistake,) = refused(plumber)
    assert mistake.startswith("nodes.inner.coro: <function ")
    assert mistake.endswith("cannot be imported by its name. Give its name in `coroutines`.")
    assert [each.split(": ")[0] for each in refused(plumber, {"x": reverse})] == [
        "nodes.read_words.coro",
        "nodes.inner.coro",
    ]


def test_an_argument_that_is_no_plain_data() -> None:
    async def take(text: str, other: object) -> None: ...

    plumber = Plumber()
    plumber.connect(Source(read_words)).to(Sink(bind(take, other=object())))

    (mistake,) = refused(plumber, {"take": take, "read_words": read_words})
    assert mistake.startswith("nodes.take.args.other: <object object at ")
    assert mistake.endswith("cannot be written as plain data")


def test_a_path_is_written_as_text() -> None:
    plumber = Plumber()
    plumber.connect(Source(read_words)).to(Sink(bind(offered.save, folder=Path("a") / "b")))

    nodes = write(plumber.blueprint(), OFFERED)["nodes"]

    assert isinstance(nodes, dict)
    assert nodes["save"] == {"coro": "save", "args": {"folder": str(Path("a") / "b")}}


def test_zips_that_take_the_same_nodes_in_two_orders() -> None:
    plumber = Plumber()
    a, b = Source(read_words, name="a"), Source(read_words, name="b")
    plumber.zip(a, b).to(Sink(store, name="c"))
    plumber.zip(b, a).to(Sink(store, name="d"))

    (mistake,) = refused(plumber, {**OFFERED})

    assert mistake in {
        "some zips take a, b in one order, and some in another",
        "some zips take b, a in one order, and some in another",
    }
