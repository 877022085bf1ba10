"""A switch: each item goes through the stage of its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Generic, overload

from typing_extensions import TypeIs, TypeVar

from typedpipes.errors import WiringError
from typedpipes.outlet import Stage
from typedpipes.shorten import shorten, shorten_message

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")
W = TypeVar("W")
X = TypeVar("X")
Y = TypeVar("Y")
In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)


class On(Generic[A, R]):
    """A case of a switch.

    Args:
        kind: the class of the items that go through the stage. `isinstance` tells them.
        stage: a processor, or another switch.

    Raises:
        WiringError: `kind` is not a class that `isinstance` can tell.
    """

    def __init__(self, kind: type[A], stage: Stage[A, R]) -> None:
        try:
            isinstance(object(), kind)
        except TypeError as error:
            raise WiringError(
                f"a switch cannot tell the items that are {shorten(kind)}: "
                f"{shorten_message(error)}. Use a class, or sort them yourself with split."
            ) from error
        self.kind: Final[type[A]] = kind
        self.stage: Final[Stage[A, R]] = stage

    def __repr__(self) -> str:
        return f"On({getattr(self.kind, '__name__', self.kind)}, {self.stage!r})"


class Switch(Stage[In_contra, Out_co]):
    """Sends each item through the stage of its class. Made by `switch`."""

    def __init__(self, cases: Sequence[On[Any, Any]]) -> None:  # Any: `switch` knows the types
        self.cases: Final = tuple(cases)

    def __repr__(self) -> str:
        return f"switch({', '.join(map(repr, self.cases))})"


@overload
def switch(a: On[A, R], b: On[B, S], /) -> Stage[A | B, R | S]: ...
@overload
def switch(a: On[A, R], b: On[B, S], c: On[C, T], /) -> Stage[A | B | C, R | S | T]: ...
@overload
def switch(
    a: On[A, R], b: On[B, S], c: On[C, T], d: On[D, U], /
) -> Stage[A | B | C | D, R | S | T | U]: ...
@overload
def switch(
    a: On[A, R], b: On[B, S], c: On[C, T], d: On[D, U], e: On[E, V], /
) -> Stage[A | B | C | D | E, R | S | T | U | V]: ...
@overload
def switch(
    a: On[A, R], b: On[B, S], c: On[C, T], d: On[D, U], e: On[E, V], f: On[F, W], /
) -> Stage[A | B | C | D | E | F, R | S | T | U | V | W]: ...
@overload
def switch(
    a: On[A, R],
    b: On[B, S],
    c: On[C, T],
    d: On[D, U],
    e: On[E, V],
    f: On[F, W],
    g: On[G, X],
    /,
) -> Stage[A | B | C | D | E | F | G, R | S | T | U | V | W | X]: ...
@overload
def switch(
    a: On[A, R],
    b: On[B, S],
    c: On[C, T],
    d: On[D, U],
    e: On[E, V],
    f: On[F, W],
    g: On[G, X],
    h: On[H, Y],
    /,
) -> Stage[A | B | C | D | E | F | G | H, R | S | T | U | V | W | X | Y]: ...
def switch(*cases: object) -> Stage[Any, Any]:  # Any: only the overloads are seen
    """Send each item through the stage of its class; results keep the order of the items.

    An item of several classes goes through the first of them. Type checkers refuse a switch that
    misses a class of the items; an item that gets past them makes the run fail. A sink as a stage
    ends its branch.

    Args:
        cases: two to eight.

    Raises:
        WiringError: one is not an `On`, or there are fewer than two.
    """
    if len(cases) < 2:
        raise WiringError(f"a switch has two or more cases, not {len(cases)}")
    found: list[On[Any, Any]] = []  # Any: the overloads know the types
    for case in cases:
        if not _is_case(case):
            raise WiringError(f"a case of a switch is On(a class, a stage), not {shorten(case)}")
        found.append(case)
    return Switch(found)


def _is_case(case: object) -> TypeIs[On[Any, Any]]:  # Any: as above
    return isinstance(case, On)
