"""The life of a node: its states, and which may follow which."""

from __future__ import annotations

from enum import IntEnum


class Life(IntEnum):
    """The state of a node. It only ever grows, but for the end of a pause.

              pause
       FLOWS ------> PAUSED
         |  <------    |
         |   resume    |
         +------+------+
                |  no more is to be taken: it is a source and the run drains, or all readers left
                v
              STOPS
                |  the run aborts
                v
             ABORTS
                |  nothing is in hand any more
                v
              ENDED

    Any state may be left out on the way down.
    """

    FLOWS = 0
    """It takes items as they come."""

    PAUSED = 1
    """It takes none for now."""

    STOPS = 2
    """It takes none any more. What is in hand goes on."""

    ABORTS = 3
    """It takes none any more. What is in hand is cancelled."""

    ENDED = 4
    """Its edges are closed behind it and left before it."""


FLOWS, PAUSED, STOPS, ABORTS, ENDED = Life
