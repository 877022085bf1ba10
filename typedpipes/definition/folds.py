"""What makes the states of folds: what these take and give, and whether they are folds at all."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any, get_origin

from typedpipes.definition.annotations import hints_of
from typedpipes.definition.bases import arguments_as, parameters_of
from typedpipes.definition.type_hints import UNKNOWN, Hint, format_type, unwrap
from typedpipes.fold import Fold
from typedpipes.promise import Function, bare


def made_by(make: Function) -> Hint:
    """Return the type of the states that a class is, or that a function returns."""
    made: Any = bare(make)  # Any: perhaps a class, perhaps a generic one
    if not inspect.isclass(get_origin(made) or made):
        return unwrap(hints_of(made).get("return", UNKNOWN))
    variables = () if get_origin(made) else parameters_of(made)
    return made[variables] if variables else made  # so that they stand for what it takes


def folded_by(made: Hint) -> tuple[Hint, Hint]:
    """Return what a class of states takes and gives: as a subclass of `Fold`, or by its method."""
    kind: Hint = get_origin(made) or made
    if not inspect.isclass(kind):
        return UNKNOWN, UNKNOWN
    if (arguments := arguments_as(made, Fold)) is not None:
        taken, given = arguments
        return taken, given
    hints = dict(hints_of(getattr(kind, "take", kind)))
    given = arguments_as(hints.pop("return", UNKNOWN), Iterable)
    return next(iter(hints.values()), UNKNOWN), next(iter(given or ()), UNKNOWN)


def why_no_fold(make: Function) -> str | None:
    """Return why what a function makes is certainly no fold, or `None` if it may be one."""
    made = made_by(make)
    kind: Hint = get_origin(made) or made
    if kind is make or not inspect.isclass(kind) or hasattr(kind, "take"):
        return None  # a class itself is looked at when the fold is made
    return f"it returns {format_type(made)}, which has no method 'take'. Return a Fold."
