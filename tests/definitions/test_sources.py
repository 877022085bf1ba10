"""Sources in a definition: in a thread, made in code, and how many items they have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from tests.definitions import offered
from tests.definitions.offered import OFFERED, drawn
from tests.definitions.refusals import refused
from tests.definitions.test_resource_tables import Pool
from typedpipes import (
    DefinitionErrors,
    Feed,
    InputRig,
    OutputQueue,
    Plumber,
    Processor,
    Resource,
    Sink,
    Source,
    run,
)
from typedpipes.definition import write
from typedpipes.source import ThreadSource


def rows(pool: Pool, table: str) -> Iterator[str]:
    yield f"{table} of {type(pool).__name__}"


def rows_of_nothing() -> Iterator[str]:
    yield ""


COROUTINES: Mapping[str, object] = {
    **OFFERED,
    "rows": rows,
    "rows_of_nothing": rows_of_nothing,
    "Pool": Pool,
    "list": Source(["a", "b"]),
    "numbers": Source([1, 2]),
    "untyped": Feed[Any](),  # Any: nothing says what it gives
}


def read_by(end: str = "reverse", **source: object) -> dict[str, object]:
    """Describe a source and a node that follows it."""
    return {"nodes": {"a": source, "b": {"coro": end}}, "graph": {"a": "b"}}


@pytest.mark.parametrize(
    ("definition", "items"),
    [
        (read_by(in_thread="lines"), ["eno", "owt", "eerht"]),
        (read_by(in_thread="lines", args={"text": "xy"}, maxsize=1, grace=5), ["yx"]),
        (read_by(source="list"), ["a", "b"]),
        (read_by("twice", source="numbers"), [(1, 1), (2, 2)]),
        (read_by("twice", in_thread="numbers_below", args={"limit": 1}), [(0, 0)]),
    ],
    ids=range(5),
)
def test_a_source_is_read_in_a_thread_or_made_in_code(
    definition: dict[str, object], items: list[object]
) -> None:
    plumber = Plumber.from_definition(definition, coroutines=COROUTINES)

    report = run(plumber, signals=())

    assert report.collected == {"b": items}
    assert [counts.name for counts in report.counts][:1] == ["a"]


def test_a_source_in_a_thread_is_passed_its_resource() -> None:
    definition = read_by("reverse", in_thread="rows", resource="p", args={"table": "t"})
    definition["resources"] = {"p": {"make": "Pool"}}
    plumber = Plumber.from_definition(definition, coroutines=COROUTINES)

    assert run(plumber, signals=()).collected == {"b": ["looP fo t"]}
    assert write(plumber.blueprint(), COROUTINES)["nodes"] == definition["nodes"]


def test_settings_reach_a_source_in_a_thread() -> None:
    definition = read_by("store", in_thread="lines", maxsize=7, grace=2.5, total=3)

    part = drawn(definition).blueprint().nodes[0].part

    assert isinstance(part, ThreadSource)
    assert (part.maxsize, part.grace, part.total) == (7, 2.5, 3)


@pytest.mark.parametrize("coro", ["read_words", "put_anything"])
def test_a_source_may_say_how_many_items_it_has(coro: str) -> None:
    blueprint = drawn(read_by("store", coro=coro, total=0)).blueprint()

    assert blueprint.nodes[0].total == 0


def test_a_loop_goes_round_until_nothing_is_left() -> None:
    pages = {"a": ["b", "c"], "b": ["c"], "c": []}
    seen: list[str] = []

    async def fetch(page: str) -> None:
        seen.append(page)
        for link in pages[page]:
            if link not in seen:
                await feed.put(link)

    async def first() -> AsyncIterator[str]:
        yield "a"

    feed = Feed[str](ends_when_idle=True)
    plumber = Plumber.from_definition(
        """
        nodes.first.coro = "first"
        nodes.links.source = "links"
        nodes.fetch = { coro = "fetch", aggregate_inputs = false }
        graph.first = "fetch"
        graph.links = "fetch"
        """,
        coroutines={"first": first, "links": feed, "fetch": fetch},
    )

    report = run(plumber, signals=())

    assert sorted(set(seen)) == ["a", "b", "c"]
    assert report.of(feed).completed == len(seen) - 1


def test_a_feed_says_what_it_gives() -> None:
    class Words(Feed[str]): ...

    async def put(queue: OutputQueue[str]) -> None: ...

    for source, gives in (
        (Feed[str](), "str"),
        (Words(), "str"),
        (InputRig(put), "str"),
        (Source(offered.read_words), "str"),
        (Source.in_thread(offered.lines), "str"),
        (Source(["a", 1]), "str | int"),
    ):
        (mistake,) = refused(read_by("store_number", source="it"), {**OFFERED, "it": source})

        assert mistake.startswith(f"a -> b: a gives {gives}, b takes int. ")


def test_strict_asks_what_a_source_gives() -> None:
    assert refused(read_by("store", source="untyped"), COROUTINES, strict=True) == [
        "nodes.a.source: 'untyped' does not say what it gives. Annotate it."
    ]


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            read_by(in_thread="line"),
            "nodes.a.in_thread: the function 'line' is not offered. Did you mean 'lines'?",
        ),
        (
            read_by(in_thread="read_words"),
            "nodes.a.in_thread: the name 'read_words' needs a plain function, but 'read_words' is "
            "async. Name it as coro.",
        ),
        (
            read_by(in_thread="list"),
            "nodes.a.in_thread: the name 'list' needs a function that returns an iterable, "
            "not Source('source')",
        ),
        (
            read_by("store_number", in_thread="lines"),
            "a -> b: a gives str, b takes int. Put a node between them that turns str into int.",
        ),
        (
            read_by(in_thread="lines", args={"text": 3}),
            "nodes.a.args.text: 'lines' takes str here, not 3",
        ),
        (
            read_by("store", in_thread="numbers_below"),
            "nodes.a.args: 'numbers_below' needs the argument 'limit'. Give it in args.",
        ),
        (
            {
                **read_by(in_thread="lines"),
                "nodes": {"a": {"coro": "read_words"}, "b": {"in_thread": "lines"}},
            },
            "a -> b: b takes no items: it is a source. Remove the connection.",
        ),
        (
            {
                **read_by(),
                "nodes": {"a": {"coro": "read_words"}, "b": {"source": "list"}},
            },
            "a -> b: b takes no items: it is a source. Remove the connection.",
        ),
        (
            {"nodes": {"a": {"in_thread": "lines"}}},
            "nodes.a: nothing takes what it gives. Say in `graph` where that goes.",
        ),
        (
            read_by(source="lists"),
            "nodes.a.source: the source 'lists' is not offered. Did you mean 'list'?",
        ),
        (
            read_by(source="read_words"),
            "nodes.a.source: the name 'read_words' needs a source made in code, "
            "not <function read_words",
        ),
        (
            {
                "nodes": {
                    "a": {"source": "list"},
                    "b": {"coro": "store"},
                    "c": {"source": "list"},
                },
                "graph": {"a": "b", "c": "b"},
            },
            "nodes.c.source: 'list' is 'a' already. Connect from that.",
        ),
        (
            read_by("store", coro="read_words", total=-1),
            "nodes.a.total: must be a whole number from 0 to 1000000000000000, not -1",
        ),
        (
            {
                "nodes": {"a": {"coro": "read_words"}, "b": {"coro": "store", "total": 3}},
                "graph": {"a": "b"},
            },
            "nodes.b.total: b has no use for it: it is a sink. Leave it out.",
        ),
        (
            read_by(source="list", total=3),
            "nodes.a.total: a node with source has no use for it. Leave it out.",
        ),
    ],
    ids=range(15),
)
def test_a_wrong_source_is_refused_at_its_place(definition: object, message: str) -> None:
    assert refused(definition, COROUTINES)[0].startswith(message)


def test_the_resource_of_a_source_in_a_thread_is_held_to_its_type() -> None:
    definition = read_by(in_thread="rows_of_nothing", resource="p")
    definition["resources"] = {"p": {"make": "Pool"}}

    assert refused(definition, COROUTINES) == [
        "nodes.a.resource: 'rows_of_nothing' has no parameter for the resource 'p'. "
        "Add it as its first."
    ]


def test_sources_in_code_are_written_by_their_names_or_their_functions() -> None:
    async def save(queue: OutputQueue[str]) -> None: ...

    feed = Feed[str](name="feed", ends_when_idle=True)
    saved = Source(offered.read_words, name="saved").cleanup(output=save)
    texts = Source(["a"], name="texts")
    lines = Source.in_thread(partial(offered.lines, text="a"), total=1, maxsize=5, grace=3)
    plumber = Plumber()
    counted = Source(offered.read_words, total=3)
    for number, source in enumerate((feed, saved, texts, lines, counted)):
        plumber.connect(source).to(Sink(offered.store, name=f"end{number}"))

    names = {**OFFERED, "todo": feed, "saved": saved, "texts": texts}
    written = write(plumber.blueprint(), names)

    assert written["nodes"] == {
        "feed": {"source": "todo"},
        "saved": {"source": "saved"},
        "texts": {"source": "texts"},
        "lines": {
            "in_thread": "lines",
            "args": {"text": "a"},
            "total": 1,
            "maxsize": 5,
            "grace": 3,
        },
        "read_words": {"coro": "read_words", "total": 3},
        **{f"end{number}": {"coro": "store"} for number in range(5)},
    }
    again = Plumber.from_definition(written, coroutines=names)
    assert write(again.blueprint(), names) == written
    assert {node.name for node in again.blueprint().nodes} >= {"feed", "saved", "texts", "lines"}


def test_a_source_without_a_name_cannot_be_written() -> None:
    plumber = Plumber()
    plumber.connect(Feed[str](name="feed")).to(Sink(offered.store))

    with pytest.raises(DefinitionErrors) as wrong:
        write(plumber.blueprint(), OFFERED)

    (error,) = wrong.value.exceptions
    assert str(error) == "nodes.feed.source: `coroutines` has no name for Feed('feed')"


def test_a_source_made_in_code_does_not_lend_its_name_to_two_nodes() -> None:
    plumber = Plumber.from_definition(
        read_by("reverse", source="it"), coroutines={**OFFERED, "it": Source(["x"], name="b")}
    )

    assert run(plumber, signals=()).collected == {"b": ["x"]}


def test_what_is_drawn_in_code_later_finds_the_names_of_the_definition_taken() -> None:
    plumber = Plumber.from_definition(read_by(source="list"), coroutines=COROUTINES)
    before = Resource(Pool).into_first(rows)

    with pytest.raises(Exception, match="has that name in 'plumber' already"):
        plumber.connect(Source.in_thread(partial(before, table=""), name="a")).to(
            Processor(offered.reverse, name="c")
        )
