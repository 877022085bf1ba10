"""Attributes that are given when an object is made, and not set afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from typedpipes.errors import ReadOnlyError


class Fixed:
    """Refuses to set what type checkers know as `Final`, and says what to do instead.

    A user's subclass may have attributes of its own, which can be set.
    """

    __slots__ = ()

    _instead: ClassVar[Mapping[str, str]] = {}
    """What to do instead, by the name of the attribute."""

    if not TYPE_CHECKING:  # type checkers would then allow setting any attribute

        def __setattr__(self, name: str, value: object) -> None:
            # `vars` last: it has CPython make a dict for the object, which otherwise needs none.
            if name in self._instead and hasattr(self, name) and _is_made(self, name):
                raise ReadOnlyError(
                    f"cannot set {name} of {self!r}: it is read-only. {self._instead[name]}"
                )
            super().__setattr__(name, value)


def _is_made(owner: object, name: str) -> bool:
    """Whether an object has this attribute itself; its class may have a method of that name."""
    return name in vars(owner) or isinstance(getattr(type(owner), name, None), property)
