"""The load-time rule: what a node gives must be what the next one takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, AnyStr, ParamSpec, overload

from typing_extensions import TypeVar

from tests.definitions.offered import drawn, graph
from tests.definitions.refusals import refused
from typedpipes import Failure, OutputQueue, Plumber, bind, in_thread

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")
P = ParamSpec("P")
Items = TypeVar("Items", bound=Sequence[object])


def told(*mistakes: str) -> list[str]:
    """The first sentence of each."""
    return [mistake.split(". ")[0] for mistake in mistakes]


def test_ends_that_do_not_meet() -> None:
    assert refused(graph(read_words=["length"], length=["reverse"], reverse=["store"])) == [
        "length -> reverse: length gives int, reverse takes str. "
        "Put a node between them that turns int into str."
    ]


def test_every_wrong_connection_is_told() -> None:
    definition = graph(read_words=["store_number", "length", "scale"], length=["reverse"])

    assert told(*refused(definition)) == [
        "read_words -> store_number: read_words gives str, store_number takes int",
        "read_words -> scale: read_words gives str, scale takes float",
        "length -> reverse: length gives int, reverse takes str",
        "nodes.scale.args: 'scale' needs the argument 'factor'",
    ]


def test_what_an_input_rig_puts() -> None:
    assert told(*refused(graph(put_numbers=["reverse"]))) == [
        "put_numbers -> reverse: put_numbers gives int, reverse takes str"
    ]


def test_what_an_async_generator_gives() -> None:
    assert told(*refused(graph(read_words=["letters"], letters=["store_number"]))) == [
        "letters -> store_number: letters gives str, store_number takes int"
    ]


def test_a_zip_is_a_tuple() -> None:
    drawn(graph(read_words=["reverse", "store_pair"], reverse=["store_pair"]))

    assert told(*refused(graph(read_words=["length", "store_pair"], length=["store_pair"]))) == [
        "length -> store_pair: length gives int, store_pair takes str as item 2 of its tuple"
    ]


def test_a_zip_for_one_that_takes_no_tuple() -> None:
    assert refused(graph(read_words=["reverse", "length"], reverse=["length"])) == [
        "read_words, reverse -> length: together they give tuple[str, str], length takes str. "
        "Let it take this tuple, or set aggregate_inputs = false to take them as they come."
    ]


def test_a_zip_of_more_than_the_tuple_has_room_for() -> None:
    definition = graph(
        read_words=["reverse", "store_pair", "reverse_"],
        reverse=["store_pair"],
        reverse_=["store_pair"],
    )

    (mistake,) = refused(definition)

    assert "together they give tuple[str, str, str], store_pair takes tuple[str, str]" in mistake


def merged(coro: str) -> dict[str, object]:
    definition: dict[str, Any] = graph(read_words=["end"], put_numbers=["end"])
    definition["nodes"]["end"] = {"coro": coro, "aggregate_inputs": False}
    return definition


def test_a_merge_is_a_union() -> None:
    drawn(merged("store_either"))

    assert told(*refused(merged("store_number"))) == [
        "read_words -> end: read_words gives str, end takes int"
    ]


def failing_into(coro: str) -> dict[str, object]:
    nodes = {name: {"coro": name} for name in ("read_words", "reverse")}
    return {
        "nodes": {**nodes, "end": {"coro": coro}},
        "graph": {"read_words": ["reverse"]},
        "failures": {"reverse": ["end"]},
    }


def test_a_failures_edge_gives_failures_of_the_items() -> None:
    drawn(failing_into("bury"))

    assert told(*refused(failing_into("store_number"))) == [
        "failures of reverse -> end: reverse fails with Failure[str], end takes int"
    ]


def test_a_generic_coroutine_gives_what_it_was_given() -> None:
    drawn(graph(read_words=["twice"], twice=["store_pair"]))

    assert told(*refused(graph(put_numbers=["twice"], twice=["store_pair"]))) == [
        "twice -> store_pair: twice gives tuple[int, int], store_pair takes tuple[str, str]"
    ]


def test_a_coroutine_without_annotations_is_refused_nowhere() -> None:
    drawn(graph(put_numbers=["pass_on"], pass_on=["reverse"]))


def test_strict_asks_for_every_annotation() -> None:
    definition = graph(put_anything=["pass_on"], pass_on=["reverse"])

    assert refused(definition, strict=True) == [
        "nodes.put_anything.coro: 'put_anything' does not say what it gives. Annotate it.",
        "nodes.pass_on.coro: 'pass_on' does not say what it takes and gives. Annotate it.",
    ]
    drawn(graph(read_words=["reverse"], reverse=["store"]), strict=True)


# What coroutine functions look like


async def numbers() -> AsyncIterator[int]:
    yield 1


async def show(item: str) -> None: ...


class Nothing:
    """What no coroutine gives."""


async def take_nothing(item: Nothing) -> None: ...


def chain(*coroutines: Callable[..., object]) -> dict[str, Any]:  # Any: for two keywords
    """Describe a chain, and offer its coroutines."""
    names = [f"n{number}" for number in range(len(coroutines))]
    definition = {
        "nodes": {name: {"coro": name} for name in names},
        "graph": {one: [other] for one, other in pairwise(names)},
    }
    return {"definition": definition, "coroutines": dict(zip(names, coroutines, strict=True))}


def gives(coroutine: Callable[..., object]) -> str:
    """What the coroutine gives, in the words of a mistake."""

    (mistake,) = refused(**chain(numbers, coroutine, take_nothing))
    return mistake.split(" gives ")[1].split(", n")[0]


def test_a_plain_function_that_gives_an_awaitable() -> None:
    async def double(number: int) -> int:
        return 2 * number

    def promise(number: int) -> Awaitable[int]:
        return double(number)

    def routine(number: int) -> Coroutine[Any, Any, int]:
        return double(number)

    assert gives(promise) == "int"
    assert gives(routine) == "int"


def test_an_object_that_is_called() -> None:
    class Double:
        async def __call__(self, number: int) -> list[int]:
            return [number]

        async def method(self, number: int) -> set[int]:
            return {number}

    assert gives(Double()) == "list[int]"
    assert gives(Double().method) == "set[int]"


def test_a_function_with_bound_arguments() -> None:
    async def scale(number: int, factor: float) -> float:
        return number * factor

    assert gives(bind(scale, factor=2.0)) == "float"


def test_a_function_in_a_thread() -> None:
    def halve(number: int) -> float:
        return number / 2

    assert gives(in_thread(halve)) == "float"


def test_a_function_without_a_signature() -> None:
    async def take(item: int) -> None: ...

    vars(take)["__signature__"] = "none"

    assert refused(**chain(numbers, take)) == [
        "nodes.n1.coro: 'n1' has no signature. Wrap it in an `async def`."
    ]


def test_metadata_says_nothing() -> None:
    async def check(number: Annotated[int, "at least 0"]) -> Annotated[int, "at least 1"]:
        return number + 1

    assert gives(check) == "int"


def test_an_annotation_that_is_there_for_type_checkers_only() -> None:
    async def convert(number: int) -> Decimal:
        raise NotImplementedError

    async def show_decimal(number: Decimal, unit: str = "") -> None: ...

    Plumber.from_definition(**chain(numbers, convert, show_decimal))


def test_an_annotation_that_can_be_read_beside_one_that_cannot() -> None:
    async def convert(number: Decimal) -> str:
        return str(number)

    assert gives(convert) == "str"


def test_a_failure_of_a_generic_coroutine() -> None:
    async def wrap(item: T) -> list[T]:
        return [item]

    async def take(failure: Failure[str]) -> None: ...

    definition = {
        "nodes": {"a": {"coro": "a"}, "b": {"coro": "b"}, "c": {"coro": "c"}},
        "graph": {"a": ["b"]},
        "failures": {"b": ["c"]},
    }

    assert told(*refused(definition, coroutines={"a": numbers, "b": wrap, "c": take})) == [
        "failures of b -> c: b fails with Failure[int], c takes Failure[str]"
    ]


def test_a_type_variable_with_constraints() -> None:
    async def strip(text: AnyStr) -> AnyStr:
        return text

    assert told(*refused(**chain(numbers, strip))) == [
        "n0 -> n1: n0 gives int, n1 takes bytes | str"
    ]


def test_a_type_variable_with_a_bound() -> None:
    async def whole(items: Items) -> Items:
        return items

    assert told(*refused(**chain(numbers, whole))) == [
        "n0 -> n1: n0 gives int, n1 takes Sequence[object]"
    ]


class Elsewhere:
    class Item:
        """Called as another class is."""


class Item:
    """Called as another class is."""


def test_two_classes_of_one_name_are_told_apart() -> None:
    async def make() -> AsyncIterator[Item]:
        yield Item()

    async def take(item: Elsewhere.Item) -> None: ...

    here = "tests.definitions.test_types"
    assert told(*refused(**chain(make, take))) == [
        f"n0 -> n1: n0 gives {here}.Item, n1 takes {here}.Elsewhere.Item"
    ]


@overload
async def swapped(item: str) -> int: ...
@overload
async def swapped(item: int) -> str: ...
async def swapped(item: str | int) -> str | int:
    return int(item) if isinstance(item, str) else str(item)


def test_what_overloads_give_is_left_to_type_checkers() -> None:
    async def take(text: str) -> None: ...

    Plumber.from_definition(**chain(numbers, swapped, take))


def timed(coro: Callable[P, Awaitable[Items]]) -> Callable[P, Awaitable[Items]]:
    async def wait(*args: P.args, **options: P.kwargs) -> Items:
        return await coro(*args, **options)

    return wait


def test_types_that_a_decorator_without_wraps_hides_are_not_refused() -> None:
    async def spell(number: int) -> str:
        return str(number)

    async def take(number: int) -> None: ...

    Plumber.from_definition(**chain(numbers, timed(spell), take))


def test_a_coroutine_that_takes_nothing_by_position() -> None:
    async def take(*, number: int) -> None: ...

    assert told(*refused(**chain(numbers, take))) == [
        "n0 -> n1: n1 takes no items: its coroutine has no parameter that can be passed by position"
    ]


def test_a_queue_of_anything_is_not_refused() -> None:
    async def rig(queue: OutputQueue[Any]) -> None: ...

    Plumber.from_definition(**chain(rig, show))
