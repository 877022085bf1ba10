"""Runs of a plumber whose nodes work elsewhere: for those who use the plumber, they are as others.

The functions are friends of the class: what they need is not for users.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TypeAlias

from typedpipes.engine.caller import Caller
from typedpipes.engine.outcome import Outcome
from typedpipes.engine.running import Running
from typedpipes.plumber.looking import refuse_at_import
from typedpipes.plumber.plumber import Plumber
from typedpipes.queues import Doom, DoomsdayQueue

Make: TypeAlias = Callable[[DoomsdayQueue[Doom], asyncio.Future[Outcome]], Running]
"""Makes a run of the doomsday queue of the plumber, and what gets its end."""


def refuse_to_start(plumber: Plumber) -> None:
    """Refuse what `start` would refuse, before anything is prepared for it.

    Raises:
        RunStateError: the plumber runs already, or its module is imported for something else.
    """
    plumber._refuse_second_run()
    refuse_at_import(plumber.name)


def paused_in(plumber: Plumber) -> Collection[object]:
    """Return the parts that are paused, in the next run from the start."""
    return frozenset(plumber._paused)


def start(plumber: Plumber, make: Make) -> Caller:
    """Begin a run that the current task waits for. It is the run of the plumber until the next.

    Raises:
        RunStateError: as for `refuse_to_start`.
    """
    return plumber._start(lambda end, _: make(plumber._doomsday, end))
