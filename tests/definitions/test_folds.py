"""Folds and intervals in a definition: they run, and are held to the same types."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from typing_extensions import TypeVar

from tests.definitions import offered
from tests.definitions.offered import OFFERED, drawn
from tests.definitions.refusals import refused
from tests.support.clock import Clock
from typedpipes import Feed, Fold, Plumber, Processor, Sink, Source, run
from typedpipes.definition import write

T = TypeVar("T")


class Counted(Fold[T, tuple[T, int]]):
    def __init__(self) -> None:
        self.count = 0

    def take(self, item: T, /) -> list[tuple[T, int]]:
        self.count += 1
        return [(item, self.count)]


def make_pairs(size: int) -> offered.Pairs:
    return offered.Pairs(size)


async def make_later() -> offered.Pairs:
    return offered.Pairs()


COROUTINES: Mapping[str, object] = {
    **OFFERED,
    "Counted": Counted,
    "make_pairs": make_pairs,
    "make_later": make_later,
    "limit": 3,
}


def folded(fold: str = "Pairs", end: str = "store", **settings: object) -> dict[str, object]:
    """Describe words that are folded, and end in `c`."""
    return {
        "nodes": {
            "a": {"coro": "read_words"},
            "b": {"fold": fold, **settings},
            "c": {"coro": end},
        },
        "graph": {"a": "b", "b": "c"},
    }


def without_end(definition: dict[str, object]) -> dict[str, object]:
    nodes = definition["nodes"]
    assert isinstance(nodes, dict)
    del nodes["c"]
    return {**definition, "graph": {"a": "b"}}


@pytest.mark.parametrize(
    ("definition", "items"),
    [
        (folded(), ["one+two", "three"]),
        (folded(args={"size": 1}), ["one", "two", "three"]),
        (folded(args={"item": "no"}), ["no+one", "two+three"]),
        (folded("make_pairs", args={"size": 5}, buffer=1), ["one+two+three"]),
        (folded("Counted"), [("one", 1), ("two", 2), ("three", 3)]),
    ],
    ids=range(5),
)
def test_a_fold_is_made_anew_for_each_run(
    definition: dict[str, object], items: list[object]
) -> None:
    plumber = Plumber.from_definition(without_end(definition), coroutines=COROUTINES)

    assert run(plumber, signals=()).collected == {"b": items}
    assert run(plumber, signals=()).collected == {"b": items}


def timed(**node: object) -> tuple[Plumber, Feed[str]]:
    feed = Feed[str](name="f")
    definition = {"nodes": {"f": {"source": "f"}, "b": node}, "graph": {"f": "b"}}
    return Plumber.from_definition(definition, coroutines={**COROUTINES, "f": feed}), feed


@pytest.mark.parametrize(
    ("node", "items"),
    [
        ({"fold": "Pairs", "every": 60, "args": {"size": 9}}, ["a+b", "c"]),
        ({"every": 60}, [["a", "b"], ["c"]]),
        ({"every": 60, "most": 1}, [["a"], ["b"], ["c"]]),
    ],
    ids=["a fold", "intervals", "intervals with short lists"],
)
async def test_intervals_are_kept(
    node: dict[str, object], items: list[object], clock: Clock
) -> None:
    plumber, feed = timed(**node)

    async with plumber.running():
        for text in ("ab", "c"):
            for item in text:
                await feed.put(item)
            await asyncio.sleep(61)
        feed.close()
        await plumber.ended()

    assert clock.now > 1000 + 120
    assert plumber.report().collected == {"b": items}


def test_a_fold_has_failures_and_outcomes() -> None:
    definition = folded("Unticked")
    definition["outcomes"] = {"b": "d"}
    nodes = definition["nodes"]
    assert isinstance(nodes, dict)
    nodes["d"] = {"coro": "store_outcome"}
    offered.stored.clear()

    run(drawn(definition), signals=())

    assert sorted(map(str, offered.stored)) == sorted(2 * ["one", "two", "three"])
    offered.stored.clear()


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            folded("Pair"),
            "nodes.b.fold: the function 'Pair' is not offered. Did you mean 'Pairs'?",
        ),
        (
            folded("limit"),
            "nodes.b.fold: the name 'limit' needs a function that returns a fold, not 3",
        ),
        (
            folded("make_later"),
            "nodes.b.fold: the name 'make_later' needs a plain function, but 'make_later' is "
            "async. Make the state at once.",
        ),
        (
            folded("is_long", args={"text": ""}),
            "nodes.b.fold: 'is_long' makes no fold: it returns bool, which has no method 'take'. "
            "Return a Fold.",
        ),
        (
            folded("Unticked", every=3),
            "nodes.b.fold: the fold 'Unticked' has no method 'tick' to be called at intervals. "
            "Write one.",
        ),
        (
            folded(args={"size": "two"}),
            "nodes.b.args.size: 'Pairs' takes int here, not 'two'",
        ),
        (
            folded(args={"sise": 2}),
            "nodes.b.args.sise: 'Pairs' has no argument 'sise'. Did you mean 'size'?",
        ),
        (
            folded("make_pairs"),
            "nodes.b.args: 'make_pairs' needs the argument 'size'. Give it in args.",
        ),
        (
            folded(end="store_number"),
            "b -> c: b gives str, c takes int. Put a node between them that turns str into int.",
        ),
        (
            folded("Counted", end="store_pair"),
            "b -> c: b gives tuple[str, int], c takes tuple[str, str]. "
            "Put a node between them that turns tuple[str, int] into tuple[str, str].",
        ),
        (
            folded(workers=2),
            "nodes.b.workers: a node with fold has no use for it. Leave it out.",
        ),
        (
            folded(every=0),
            "nodes.b.every: must be a number of seconds above 0, 1000000 at most, not 0",
        ),
        (
            folded(batch=2),
            "nodes.b.batch: the node has fold already, and is one of these. Make it two nodes.",
        ),
        (
            {"nodes": {"b": {"fold": "Pairs"}}},
            "nodes.b: nothing is connected to it. Say in `graph` what leads to it.",
        ),
        (
            {
                "nodes": {"a": {"coro": "put_numbers"}, "b": {"fold": "Pairs"}},
                "graph": {"a": "b"},
            },
            "a -> b: a gives int, b takes str. Put a node between them that turns int into str.",
        ),
        (
            {
                "nodes": {"a": {"coro": "read_words"}, "b": {"every": 60}, "c": {"coro": "store"}},
                "graph": {"a": "b", "b": "c"},
                "failures": {"b": "c"},
            },
            "failures of b -> c: b is no processor, so no items fail in it. Remove the connection.",
        ),
        (
            {
                "nodes": {"a": {"coro": "read_words"}, "b": {"every": 60, "within": 3}},
                "graph": {"a": "b"},
            },
            "nodes.b.within: a node with every has no use for it. Leave it out.",
        ),
        (
            {
                "nodes": {
                    "a": {"coro": "read_words"},
                    "b": {"every": 60},
                    "c": {"coro": "store_number"},
                },
                "graph": {"a": "b", "b": "c"},
            },
            "b -> c: b gives list[str], c takes int. "
            "Put a node between them that turns list[str] into int.",
        ),
    ],
    ids=range(18),
)
def test_a_wrong_fold_or_interval_is_refused_at_its_place(definition: object, message: str) -> None:
    assert refused(definition, COROUTINES)[0] == message


def test_folds_and_intervals_in_code_are_written() -> None:
    plumber = Plumber("folds")
    words = plumber.connect(Source(offered.read_words))
    words.to(Processor.folding(offered.Pairs, every=30, buffer=2)).every(60).to(Sink(offered.store))
    words.every(5, most=2).collect()

    written = write(plumber.blueprint(), OFFERED)

    assert written["nodes"] == {
        "read_words": {"coro": "read_words"},
        "Pairs": {"fold": "Pairs", "every": 30, "buffer": 2},
        "every 60 s": {"every": 60},
        "store": {"coro": "store"},
        "every 5 s": {"every": 5, "most": 2},
    }
    assert write(drawn(written).blueprint(), OFFERED) == written
