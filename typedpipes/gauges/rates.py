"""What a run did between two snapshots: items a second, and shares of the time."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen


@frozen
class ProcessorRates:
    """What one node did between two snapshots.

    `busy + idle + backpressured + paused` is 1.

    Attributes:
        name: the name of the node.
        received: items taken a second (for a source: made).
        completed: items completed a second.
        failed: items failed a second.
        emitted: items given a second.
        busy: the share of the time in which a worker was busy, from 0 to 1, on average.
        idle: the share in which it waited for items, or had ended.
        backpressured: the share in which it waited for room.
        paused: the share in which a pause kept it from working.
        computing: the share of the time in which the node kept the event loop to itself.
    """

    name: str
    received: float = 0.0
    completed: float = 0.0
    failed: float = 0.0
    emitted: float = 0.0
    busy: float = 0.0
    idle: float = 0.0
    backpressured: float = 0.0
    paused: float = 0.0
    computing: float = 0.0


@frozen
class Rates:
    """What a run did between two snapshots.

    Attributes:
        seconds: the time between them. With 0, all rates are 0.
        loop_busy: the share of the time in which the event loop was busy, from 0 to 1.
        processors: one for every node, from upstream to downstream.
        verdict: in a sentence what holds the run up and what would help, if something does: a
            pause, a full event loop, a queue that is not read, a bottleneck, a slow source.
    """

    seconds: float
    loop_busy: float
    processors: Sequence[ProcessorRates]
    verdict: str | None = None

    def of(self, name: str, /) -> ProcessorRates:
        """Return the rates of the node of that name.

        Raises:
            KeyError: there is none.
        """
        for rates in self.processors:
            if rates.name == name:
                return rates
        raise KeyError(name)
