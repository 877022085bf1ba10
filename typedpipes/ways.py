"""The ways that a split sends items: each item in one of these, to say which way it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, Generic, final

from typing_extensions import TypeIs, TypeVar

from typedpipes.shorten import shorten

T_co = TypeVar("T_co", covariant=True)


class _Way(Generic[T_co]):
    """An item on its way.

    Args:
        item: the item.
    """

    number: ClassVar[int]

    def __init__(self, item: T_co) -> None:
        self.item: Final[T_co] = item

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.item!r})"


@final
class First(_Way[T_co]):
    """Sends an item the first way."""

    number = 0


@final
class Second(_Way[T_co]):
    """Sends an item the second way."""

    number = 1


@final
class Third(_Way[T_co]):
    """Sends an item the third way."""

    number = 2


@final
class Fourth(_Way[T_co]):
    """Sends an item the fourth way."""

    number = 3


@final
class Fifth(_Way[T_co]):
    """Sends an item the fifth way."""

    number = 4


def sorted_by(
    name: str, sort: Callable[[Any], object], ways: int
) -> Callable[[Any], tuple[int, object]]:  # Any: the caller knows the items
    """Return a function that returns the number of the way of an item, and what goes there.

    Args:
        name: the name of the split, for its errors.
        sort: what the user wrote.
        ways: how many ways there are.
    """

    def way_of(item: object) -> tuple[int, object]:
        way = sort(item)
        if not goes(way, ways):
            names = ", ".join(kind.__name__ for kind in WAYS[:ways])
            raise TypeError(f"{name!r} has to return one of {names}, not {shorten(way)}")
        return way.number, way.item

    return way_of


def sorted_by_class(kinds: Sequence[type[object]]) -> Callable[[object], tuple[int, object]]:
    """Return a function that returns the number of the first class that an item is of, and it.

    Args:
        kinds: the classes.
    """

    def way_of(item: object) -> tuple[int, object]:
        for number, kind in enumerate(kinds):
            if isinstance(item, kind):
                return number, item
        names = ", ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)
        raise TypeError(f"a {type(item).__name__} is for no case of the switch; there are: {names}")

    return way_of


def goes(sent: object, ways: int) -> TypeIs[_Way[object]]:
    """Whether it is an item on one of the first ways."""
    return isinstance(sent, WAYS[:ways])


WAYS: Final = (First, Second, Third, Fourth, Fifth)
