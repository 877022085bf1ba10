"""What is attached to a plumber from outside, such as to measure its runs.

The functions are friends of the class: what they need is not for users.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from typedpipes.engine.tracing import Tracing
from typedpipes.gauges import Gauges

if TYPE_CHECKING:
    from typedpipes.plumber.plumber import Plumber


class Instrument(Protocol):
    """Hears of the runs of a plumber."""

    def begin(self, last: Gauges | None) -> Tracing | None:
        """Note that a run is about to begin, in its thread.

        Args:
            last: the gauges at the end of the run before, if there was one.

        Returns:
            What makes spans for it. It is traced by the first instrument that returns something; a
            run whose nodes work elsewhere is not traced.
        """
        ...


def attach(plumber: Plumber, instrument: Instrument) -> None:
    """Have an instrument told of each run of a plumber that begins from now on."""
    plumber._instruments.append(instrument)


def instruments_of(plumber: Plumber) -> Sequence[Instrument]:
    """Return the instruments that are attached to a plumber."""
    return plumber._instruments
