"""How long the end of a run may take."""

from __future__ import annotations

from attrs import Attribute, field, frozen

from typedpipes.arguments import seconds


def _seconds(_: object, attribute: Attribute[float], value: object) -> None:
    seconds(f"{attribute.name!r} of a grace", value)


@frozen(kw_only=True)
class Grace:
    """How many seconds each step of ending a run may take.

    A run that drains and then has to be aborted takes at most `drain + cancel`, plus
    `2 * cleanup` for each cleanup coroutine that hangs, and for each resource that does.

    Attributes:
        drain: for the items inside to flow out after the sources have stopped. Then the run is
            aborted.
        cancel: for cancelled coroutines to return. Then they are left behind, and named.
        cleanup: for one cleanup coroutine to return, and again after it was cancelled; the same
            for one resource to be closed.

    Raises:
        SettingError: one of them is not a number above 0.
    """

    drain: float = field(default=10.0, validator=_seconds)
    cancel: float = field(default=10.0, validator=_seconds)
    cleanup: float = field(default=10.0, validator=_seconds)


def grace_of(grace: float | Grace) -> Grace:
    """Return the grace that a number stands for: the same for each step.

    Raises:
        SettingError: it is not a number above 0.
    """
    if isinstance(grace, Grace):
        return grace
    seconds("grace", grace)
    return Grace(drain=grace, cancel=grace, cleanup=grace)
