"""Attributes that are given when an object is made, and not set afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from typedpipes.errors import ReadOnlyError


class Fixed:
    """Refuses to set what type checkers know as `Final`, and says what to do instead.

    A subclass of a user may have attributes of its own, which this leaves alone.
    """

    __slots__ = ()

    _instead: ClassVar[Mapping[str, str]] = {}
    """What to do instead, by the name of the attribute."""

    if not TYPE_CHECKING:  # checkers would take it as leave to set any attribute

        def __setattr__(self, name: str, value: object) -> None:
            made = name in vars(self) or isinstance(getattr(type(self), name, None), property)
            if made and name in self._instead:
                raise ReadOnlyError(
                    f"cannot set {name} of {self!r}: it is read-only. {self._instead[name]}"
                )
            super().__setattr__(name, value)
