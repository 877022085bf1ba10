"""The ways that a split sends items: each item in one of these, to say which way it goes."""

from __future__ import annotations

from typing import ClassVar, Final, Generic, final

from typing_extensions import TypeIs, TypeVar

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


def goes(sent: object, ways: int) -> TypeIs[_Way[object]]:
    """Whether it is an item on one of the first ways."""
    return isinstance(sent, WAYS[:ways])


WAYS: Final = (First, Second, Third, Fourth, Fifth)
