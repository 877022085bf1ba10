"""The items that travel through random graphs: each tells where it comes from, so it is unique."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from attrs import frozen

from tests.properties.mishaps import why
from typedpipes import Failure


@frozen
class Made:
    """What a processor made of an item; `part` numbers what a generator gives for one."""

    by: str
    of: object
    part: int = 0


@frozen(repr=False)
class Shy:
    """A number that does not show itself, as a row of a database whose session is closed."""

    number: int

    def __repr__(self) -> str:
        raise RuntimeError("not bound to a session")


def number(item: object) -> int:
    """Return the number of the first item of a source that is part of this one."""
    while not isinstance(item, int):
        if isinstance(item, Made):
            return number(item.of) + item.part
        item = _first(item)
    return item


def request(item: object) -> int:
    """Return the number that was asked for where this is, or is part of, a reply."""
    while not isinstance(item, int):
        item = item.of if isinstance(item, Made) else _first(item)
    return item


def origin(outcome: object) -> object:
    """Return what a processor made this of, or failed on."""
    if isinstance(outcome, Made):
        return outcome.of
    assert isinstance(outcome, Failure)
    return cast("Failure[object]", outcome).item  # one that holds an item of ours


def _first(item: object) -> object:
    if isinstance(item, Shy):
        return item.number
    if isinstance(item, Failure):
        return cast("Failure[object]", item).item  # one that holds an item of ours
    if isinstance(item, tuple | list):
        return cast("Sequence[object]", item)[0]  # as above
    raise TypeError(f"no item of a random graph: {type(item)}")


def looks(item: object) -> str:
    """Return what an item looks like. Two that are alike are one item, and no `repr` is asked."""
    match item:
        case Made():
            return f"{item.by}{item.part or ''}({looks(item.of)})"
        case Shy():
            return f"shy {item.number}"
        case Failure():
            failure = cast("Failure[object]", item)  # one that holds an item of ours
            return f"{failure.processor} failed on {looks(failure.item)}: {why(failure.error)}"
        case tuple() | list():
            parts = cast("Sequence[object]", item)  # as above
            return f"{type(parts).__name__}{shown(parts)}"
        case _:
            return str(item)


def shown(items: Sequence[object]) -> str:
    """Show items, in words that do not ask for their `repr`."""
    return f"[{', '.join(map(looks, items))}]"
