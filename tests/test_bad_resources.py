"""Resources that cannot be meant, and mistakes in passing them."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from tests.support.opening import Record
from tests.support.unchecked import unchecked
from typedpipes import (
    InputRig,
    OutputQueue,
    Processor,
    ReadOnlyError,
    Resource,
    SettingError,
    Sink,
    Source,
    WiringError,
)


async def generator() -> AsyncGenerator[str]:
    yield "a"


async def coroutine() -> str:
    return "a"


@asynccontextmanager
async def connect(address: str) -> AsyncGenerator[str]:
    yield address


def connect_to(address: str) -> AbstractAsyncContextManager[str]:
    return connect(address)


async def keep(item: object, name: str) -> None: ...
async def rows(name: str) -> AsyncIterator[str]:
    yield name


async def put(queue: OutputQueue[str], name: str) -> None: ...
def plain(item: object, name: str) -> None: ...
async def of_one(item: object) -> None: ...


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (generator, "'generator' is an async generator function. Decorate it with contextlib"),
        (coroutine, "'coroutine' is a coroutine function. Make it an async generator with one"),
        ("postgres:", "needs a function that returns an async context manager, not 'postgres:'"),
        (connect_to, "calls 'connect_to' with no arguments, but it is connect_to(address"),
    ],
)
def test_what_returns_no_context_manager_is_refused(make: object, message: str) -> None:
    with pytest.raises(WiringError, match=re.escape(message)):
        unchecked(Resource)(make)


def test_another_word_for_per_is_refused() -> None:
    with pytest.raises(SettingError, match="per of the resource 'a' must be 'run' or 'worker'"):
        unchecked(Resource)(lambda: connect("a"), per="item", name="a")


@pytest.mark.parametrize(
    ("coro", "message"),
    [
        (plain, "the resource 'a' needs a coroutine function, but 'plain' is a plain function"),
        (of_one, "the resource 'a' calls 'of_one' with 2 arguments, but it takes fewer: of_one("),
    ],
)
def test_it_is_passed_only_to_coroutine_functions_that_take_it(coro: object, message: str) -> None:
    resource = Record().of_run("a")

    with pytest.raises(WiringError, match=re.escape(message)):
        unchecked(resource.into)(coro)


def test_what_takes_nothing_is_passed_nothing() -> None:
    resource = Record().of_run("a")

    with pytest.raises(WiringError, match="calls 'generator' with one argument, but it takes"):
        unchecked(resource.into_first)(generator)


def test_a_processor_refuses_a_coroutine_that_needs_more_than_the_resource() -> None:
    async def use(item: object, name: str, more: int) -> None: ...

    resource = Record().of_run("a")

    with pytest.raises(WiringError, match=re.escape("but it is use(item: 'object', more: 'int')")):
        unchecked(Processor)(resource.into(use))


def test_only_workers_of_processors_have_one_of_their_own() -> None:
    resource = Record().of_worker("a")
    message = "needs the resource 'a', but only workers of processors have one"

    with pytest.raises(WiringError, match=f"the source 'rows' calls 'rows', which {message}"):
        Source(resource.into_first(rows))
    with pytest.raises(WiringError, match=f"the input rig 'put' calls 'put', which {message}"):
        InputRig(resource.into(put))
    with pytest.raises(WiringError, match=f"the input cleanup of 'of_one' .*{message}"):
        Sink(of_one).cleanup(input=resource.into(keep))
    with pytest.raises(WiringError, match=f"the resource 'connect', .*{message}"):
        Resource(resource.into_first(connect))


def test_its_settings_are_read_only() -> None:
    resource = Record().of_run("a")

    with pytest.raises(ReadOnlyError, match="cannot set per of Resource"):
        unchecked(setattr)(resource, "per", "worker")
