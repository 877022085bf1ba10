# What the typed programs are written with. _A stub: mypy reads it, nothing runs it.
#
# `giver` makes an input rig or a source, with the arguments of its coroutine, which `Passing`
# has passed a resource before. `making` fixes the arguments of what makes a resource. `item_2_of_3`
# gives what a stage takes as the second item of its tuple, for a zip of three. The last line of
# every program connects `numbers` to `text_sink`, which is wrong.

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Concatenate, Generic, ParamSpec, overload

from typing_extensions import TypeVar

from typedpipes.outlet import Stage
from typedpipes.processor import Processor
from typedpipes.queues import OutputQueue
from typedpipes.resource import Resource
from typedpipes.source import Source

_T = TypeVar("_T")
_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_D = TypeVar("_D")
_E = TypeVar("_E")
_R = TypeVar("_R")
_P = ParamSpec("_P")

value: Any  # Any: the arguments in a definition are converted, and checked, by its loader
numbers: Source[int]
text_sink: Processor[str, None]

@overload
def giver(
    coro: Callable[Concatenate[OutputQueue[_T], _P], Awaitable[None]],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> Source[_T]: ...
@overload
def giver(
    coro: Callable[_P, AsyncIterable[_T]], *args: _P.args, **kwargs: _P.kwargs
) -> Source[_T]: ...
def making(make: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> Callable[[], _R]: ...

class Passing(Generic[_R]):
    def __init__(self, resource: Resource[_R]) -> None: ...
    @overload
    def to(
        self, coro: Callable[Concatenate[OutputQueue[_T], _R, _P], Awaitable[None]]
    ) -> Callable[Concatenate[OutputQueue[_T], _P], Awaitable[None]]: ...
    @overload
    def to(
        self, coro: Callable[Concatenate[_R, _P], AsyncIterable[_T]]
    ) -> Callable[_P, AsyncIterable[_T]]: ...

def item_1_of_2(stage: Stage[tuple[_A, _B], _R]) -> Stage[_A, _R]: ...
def item_2_of_2(stage: Stage[tuple[_A, _B], _R]) -> Stage[_B, _R]: ...
def item_1_of_3(stage: Stage[tuple[_A, _B, _C], _R]) -> Stage[_A, _R]: ...
def item_2_of_3(stage: Stage[tuple[_A, _B, _C], _R]) -> Stage[_B, _R]: ...
def item_3_of_3(stage: Stage[tuple[_A, _B, _C], _R]) -> Stage[_C, _R]: ...
def item_1_of_4(stage: Stage[tuple[_A, _B, _C, _D], _R]) -> Stage[_A, _R]: ...
def item_2_of_4(stage: Stage[tuple[_A, _B, _C, _D], _R]) -> Stage[_B, _R]: ...
def item_3_of_4(stage: Stage[tuple[_A, _B, _C, _D], _R]) -> Stage[_C, _R]: ...
def item_4_of_4(stage: Stage[tuple[_A, _B, _C, _D], _R]) -> Stage[_D, _R]: ...
def item_1_of_5(stage: Stage[tuple[_A, _B, _C, _D, _E], _R]) -> Stage[_A, _R]: ...
def item_2_of_5(stage: Stage[tuple[_A, _B, _C, _D, _E], _R]) -> Stage[_B, _R]: ...
def item_3_of_5(stage: Stage[tuple[_A, _B, _C, _D, _E], _R]) -> Stage[_C, _R]: ...
def item_4_of_5(stage: Stage[tuple[_A, _B, _C, _D, _E], _R]) -> Stage[_D, _R]: ...
def item_5_of_5(stage: Stage[tuple[_A, _B, _C, _D, _E], _R]) -> Stage[_E, _R]: ...
