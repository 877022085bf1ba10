"""A definition makes resources and passes them: they run, and are held to the same types."""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
    Mapping,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Generic, ParamSpec, Self

import pytest
from typing_extensions import TypeVar

from tests.definitions.offered import forgetful
from tests.definitions.refusals import refused
from typedpipes import (
    DefinitionError,
    DefinitionErrors,
    OutputQueue,
    Plumber,
    Processor,
    Resource,
    Source,
    bind,
    run,
)
from typedpipes.cli.refusal import select_errors
from typedpipes.definition import read, write

T = TypeVar("T")
P = ParamSpec("P")

DEFINITION = """
[resources.site]
make = "open_site"
args = { path = "here", retries = 2 }

[resources.pool]
make = "Pool"
per = "worker"

[nodes]
rows = { coro = "rows", resource = "site" }
puts = { coro = "puts", resource = "site" }
find = { coro = "find", resource = ["site", "pool"], args.mark = "!", aggregate_inputs = false }
store = { coro = "store", resource = "site" }

[graph]
rows = "find"
puts = "find"
find = "store"
"""

events: list[str] = []
"""What was done, in order."""


@pytest.fixture(autouse=True)
def nothing_has_happened() -> Iterator[None]:
    events.clear()
    yield
    events.clear()


class Site:
    """What a resource of these tests opens."""

    def __init__(self, name: str) -> None:
        self.name = name


class Pool:
    """A context manager that is what it opens."""

    async def __aenter__(self) -> Self:
        events.append("open pool")
        return self

    async def __aexit__(self, *reason: object) -> None:
        events.append("close pool")


class BoxOf(Generic[T]):
    async def __aenter__(self) -> list[T]:
        return []

    async def __aexit__(self, *reason: object) -> None: ...


class Textual(BoxOf[str]): ...


class Numeric(BoxOf[int]): ...


class Late:
    def __aenter__(self) -> Awaitable[int]:
        raise NotImplementedError

    async def __aexit__(self, *reason: object) -> None: ...


def as_texts(make: Callable[P, object]) -> Callable[P, AbstractAsyncContextManager[list[str]]]:
    """Make something else of what a function opens, and keep its annotations as `wraps` does."""

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> AbstractAsyncContextManager[list[str]]:
        return Textual()

    return made


@asynccontextmanager
async def open_site(path: Path, retries: int = 1) -> AsyncGenerator[Site]:
    events.append(f"open {path} {retries}")
    yield Site(path.name)
    events.append("close site")


@as_texts
@asynccontextmanager
async def open_texts() -> AsyncGenerator[int]:
    yield 1


@asynccontextmanager
async def open_number() -> AsyncGenerator[int]:
    yield 1


@asynccontextmanager
@forgetful
async def open_anything() -> AsyncGenerator[int]:
    yield 1


def typed_manager() -> AbstractAsyncContextManager[int]:
    return open_number()


@contextmanager
def open_plainly() -> Generator[Site]:
    yield Site("plain")


def make_site() -> Site:
    return Site("made")


async def undecorated(path: Path) -> AsyncIterator[Site]:
    yield Site("bare")


async def rows(site: Site) -> AsyncIterator[int]:
    yield 1


async def puts(queue: OutputQueue[int], site: Site) -> None:
    await queue.put(2)


async def find(number: int, site: Site, pool: Pool, mark: str) -> str:
    return f"{number} of {site.name} by {type(pool).__name__}{mark}"


async def store(text: str, site: Site) -> None:
    events.append(text)


async def count() -> AsyncIterator[int]:
    yield 1


async def ask(number: int, site: Site) -> int:
    return number


async def ask_each(number: int, site: Site) -> AsyncIterator[int]:
    yield number


async def ask_marked(number: int, site: Site, mark: str) -> int:
    return number


async def ask_by_name(number: int, *, site: Site) -> int:
    return number


async def ask_text(number: int, texts: list[str]) -> int:
    return number


async def ask_anything(number: int, *rest: object) -> int:
    return number


@forgetful
async def ask_unsaid(number: int, site: Site) -> int:
    return number


OFFERED: Mapping[str, object] = {
    name: each for name, each in globals().items() if callable(each) and name[0] != "_"
}


def asked(coro: str = "ask", make: str = "open_site", **settings: object) -> dict[str, object]:
    """Describe a graph with a node that has a resource."""
    args = {"args": {"path": "here"}} if make == "open_site" else {}
    return {
        "resources": {"it": {"make": make, **args, **settings}},
        "nodes": {"a": {"coro": "count"}, "b": {"coro": coro, "resource": "it"}},
        "graph": {"a": "b"},
    }


def test_nodes_are_passed_what_the_run_and_each_worker_open() -> None:
    plumber = Plumber.from_definition(DEFINITION, coroutines=OFFERED)

    run(plumber, signals=())

    assert events[0] == "open here 2"
    assert events[-1] == "close site"
    assert events.count("open pool") == events.count("close pool") == 1
    assert sorted(event for event in events if " by " in event) == [
        "1 of here by Pool!",
        "2 of here by Pool!",
    ]


def test_a_definition_with_resources_comes_back() -> None:
    plumber = Plumber.from_definition(DEFINITION, coroutines=OFFERED)

    again = write(plumber.blueprint(), OFFERED)

    assert again["resources"] == {
        "site": {"make": "open_site", "args": {"path": "here", "retries": 2}},
        "pool": {"make": "Pool", "per": "worker"},
    }
    assert again["nodes"] == {
        "rows": {"coro": "rows", "resource": "site"},
        "puts": {"coro": "puts", "resource": "site"},
        "find": {
            "coro": "find",
            "args": {"mark": "!"},
            "resource": ["site", "pool"],
            "aggregate_inputs": False,
        },
        "store": {"coro": "store", "resource": "site"},
    }
    assert again == write(Plumber.from_definition(again, coroutines=OFFERED).blueprint(), OFFERED)


def test_resources_of_a_drawing_in_code_are_written_each_by_a_name_of_its_own() -> None:
    one = Resource(partial(open_site, path=Path("one")), name="site")
    other = Resource(partial(open_site, path=Path("other")), name="site")
    plumber = Plumber()
    asking = Processor(other.into(ask), name="again")
    plumber.connect(Source(one.into_first(rows))).to(Processor(one.into(ask))).to(asking).collect()

    written = write(plumber.blueprint())

    assert written["resources"] == {
        "site": {"make": f"{__name__}:open_site", "args": {"path": "one"}},
        "site-2": {"make": f"{__name__}:open_site", "args": {"path": "other"}},
    }
    run(Plumber.from_definition(written, import_paths=True), signals=())
    assert events[:2] == ["open one 1", "open other 1"]


def test_a_resource_in_place_of_an_item_has_no_words_in_a_definition() -> None:
    resource = Resource(Pool)
    plumber = Plumber()
    plumber.connect(Source(count)).to(Processor(resource.into_first(pool_first))).collect()

    assert refused_to_write(plumber) == [
        "nodes.pool_first.coro: `coroutines` has no name for <function pool_first"
    ]


def test_an_argument_that_is_bound_by_position_is_not_left_out() -> None:
    resource = Resource(partial(open_site, path=Path("one")))
    marked = Processor(bind(resource.into(ask_marked), "!"))
    plumber = Plumber()
    plumber.connect(Source(count)).to(marked).collect()

    assert refused_to_write(plumber) == [
        "nodes.ask_marked.coro: `coroutines` has no name for <function ask_marked"
    ]


async def pool_first(pool: Pool, number: int) -> int:
    return number


def refused_to_write(plumber: Plumber) -> list[str]:
    with pytest.raises(DefinitionErrors) as wrong:
        write(plumber.blueprint(), {**OFFERED, "pool_first": pool_first})
    return [str(error).partition(" at 0x")[0] for error in wrong.value.exceptions]


@pytest.mark.parametrize(
    ("definition", "messages"),
    [
        (
            asked(make="open_sit"),
            ["resources.it.make: the function 'open_sit' is not offered. "
             "Did you mean 'open_site'?"],
        ),
        (
            asked(make="os:popen"),
            ["resources.it.make: 'os:popen' is an import path, and import paths are off. Offer "
             "the function in `coroutines`, or turn `import_paths` on if you wrote the definition "
             "yourself."],
        ),
        (
            asked(make="undecorated"),
            ["resources.it.make: the resource 'it' needs a function that returns an async context "
             "manager, but 'undecorated' is an async generator function. Decorate it with "
             "contextlib.asynccontextmanager."],
        ),
        (
            asked(make="make_site"),
            ["resources.it.make: 'make_site' returns Site, which is no async context manager. "
             "Decorate an async generator with contextlib.asynccontextmanager."],
        ),
        (
            asked(make="open_plainly"),
            ["resources.it.make: 'open_plainly' returns Generator[Site], which is no async context "
             "manager. Decorate an async generator with contextlib.asynccontextmanager."],
        ),
        (
            asked(args={"path": 3, "retry": 2}),
            ["resources.it.args.path: 'open_site' takes Path here, not 3",
             "resources.it.args.retry: 'open_site' has no argument 'retry'. "
             "Did you mean 'retries'?"],
        ),
        (
            asked(args={}),
            ["resources.it.args: 'open_site' needs the argument 'path'. Give it in args."],
        ),
        (
            asked(per="thread", name="db"),
            ["resources.it.name: unknown key 'name'. A resource has make, args, per.",
             "resources.it.per: must be 'run' or 'worker', not 'thread'"],
        ),
        (
            {**asked(), "resources": {"it": {"per": "run"}}},
            ['resources.it: a resource needs a function that makes it: make = "..."'],
        ),
        (
            {**asked(), "resources": {"its": {"make": "Pool"}}},
            ["nodes.b.resource: there is no resource 'it'. Did you mean 'its'?"],
        ),
        (
            {**asked(), "nodes": {"a": {"coro": "count"}, "b": {"batch": 2}}},
            ["resources.it: no node uses it. Write resource = 'it' in one, or leave it out."],
        ),
        (
            {**asked(), "resources": {}},
            ["nodes.b.resource: there is no resource 'it'. Make it in `resources`."],
        ),
        (
            asked("count"),
            ["nodes.b.resource: 'count' has no parameter for the resource 'it'. "
             "Add it after its first."],
        ),
        (
            asked("ask_by_name"),
            ["nodes.b.resource: 'ask_by_name' has no parameter for the resource 'it'. "
             "Add it after its first."],
        ),
        (
            asked("ask_text"),
            ["nodes.b.resource: the resource 'it' is Site, 'ask_text' takes list[str]. "
             "Let it take Site, or name another resource."],
        ),
        (
            asked(make="Pool"),
            ["nodes.b.resource: the resource 'it' is Pool, 'ask' takes Site. "
             "Let it take Pool, or name another resource."],
        ),
        (
            asked("ask_text", "Numeric"),
            ["nodes.b.resource: the resource 'it' is list[int], 'ask_text' takes list[str]. "
             "Let it take list[int], or name another resource."],
        ),
        (
            asked(make="Late"),
            ["nodes.b.resource: the resource 'it' is int, 'ask' takes Site. "
             "Let it take int, or name another resource."],
        ),
        (
            {**asked("ask_each"), "graph": {"a": "c"}},
            ["graph.a: there is no node 'c'. Define it in `nodes`."],
        ),
        (
            asked(make="typed_manager"),
            ["nodes.b.resource: the resource 'it' is int, 'ask' takes Site. "
             "Let it take int, or name another resource."],
        ),
        (
            {**asked(), "nodes": {"a": {"coro": "rows", "resource": "it"}, "b": {"batch": 2}},
             "resources": {"it": {"make": "Pool"}}},
            ["nodes.a.resource: the resource 'it' is Pool, 'rows' takes Site. "
             "Let it take Pool, or name another resource."],
        ),
        (
            {**asked(), "nodes": {"a": {"coro": "count"}, "b": {"batch": 2, "resource": "it"}}},
            ["nodes.b.resource: a node with batch has no use for it. Leave it out."],
        ),
        (
            {**asked(), "nodes": {"a": {"coro": "count"}, "b": {"coro": "ask", "resource": [3]}}},
            ["nodes.b.resource: must be the name of a resource, or a list of 20 names at most, "
             "not [3]"],
        ),
        (
            {**asked(), "nodes": {"a": {"coro": "count"}, "b": {"coro": "ask_anything",
             "resource": ["it"] * 21}}},
            ["nodes.b.resource: must be the name of a resource, or a list of 20 names at most, "
             "not ['it', 'it', 'it', 'it', 'it', 'it', ...]"],
        ),
        (
            {**asked(), "nodes": {"a": {"coro": "rows", "resource": "it"}, "b": {"coro": "ask",
             "resource": "it"}}, "graph": {"a": "c"}},
            ["graph.a: there is no node 'c'. Define it in `nodes`."],
        ),
        (
            {**asked(per="worker"), "nodes": {"a": {"coro": "rows", "resource": "it"},
             "b": {"batch": 2}}},
            ["nodes.a.coro: the source 'a' calls 'rows', which needs the resource 'it', but only "
             "workers of processors have one. Make it with per='run'."],
        ),
    ],
    ids=range(26),
)  # fmt: skip
def test_what_is_wrong_with_a_resource(definition: object, messages: list[str]) -> None:
    assert sorted(refused(definition, OFFERED)) == messages


@pytest.mark.parametrize(
    "definition",
    [
        asked("ask_text", "Textual"),
        asked("ask_anything"),
        asked("ask_text", "open_texts"),
        asked("ask", "open_anything"),
        asked("ask_unsaid"),
    ],
    ids=[
        "a generic class",
        "any arguments",
        "a decorator",
        "an unknown resource",
        "an unknown parameter",
    ],
)
def test_what_meets_or_cannot_be_told_is_accepted(definition: dict[str, object]) -> None:
    plumber = Plumber.from_definition(definition, coroutines=OFFERED)

    assert run(plumber, signals=()).collected == {"b": [1]}


def test_strict_asks_for_the_types_of_resources() -> None:
    opened = refused(asked("ask", "open_anything"), OFFERED, strict=True)
    taken = refused(asked("ask_unsaid"), OFFERED, strict=True)

    assert opened == ["resources.it.make: 'open_anything' does not say what it opens. Annotate it."]
    assert sorted(taken) == [
        "nodes.b.coro: 'ask_unsaid' does not say what it takes and gives. Annotate it.",
        "nodes.b.resource: 'ask_unsaid' does not say what it takes as the resource 'it'. "
        "Annotate it.",
    ]


def test_a_mistake_about_a_resource_has_its_line_and_its_code() -> None:
    with pytest.raises(DefinitionErrors) as wrong:
        Plumber.from_definition(
            DEFINITION.replace('["site", "pool"]', '["site",\n"site"]'), coroutines=OFFERED
        )

    errors = select_errors(wrong.value, DefinitionError)
    told = [(error.where, error.line, error.code) for error in errors]
    assert told == [
        ("resources.pool", 6, "resource"),
        ("nodes.find.resource[1]", 14, "resource"),
    ]


def test_a_definition_has_its_resources_without_their_functions() -> None:
    definition = read(DEFINITION)

    assert [each.make for each in definition.resources.values()] == ["open_site", "Pool"]
    assert definition.nodes["find"].resources == ("site", "pool")
    assert definition.line_of("resources", "pool", "per") == 8
