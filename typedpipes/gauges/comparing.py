"""Comparing two snapshots of a run."""

from __future__ import annotations

from attrs import evolve

from typedpipes.gauges.rates import ProcessorRates, Rates
from typedpipes.gauges.snapshot import Gauges, ProcessorGauges
from typedpipes.gauges.verdict import find_verdict


def compare(earlier: Gauges, later: Gauges) -> Rates:
    """Return what changed from one snapshot to another.

    What is earlier than the run of the later one is taken for its beginning.
    """
    if earlier.began != later.began:
        earlier = _beginning_of(later)
    seconds = max(later.duration - earlier.duration, 0.0)
    each = 1 / seconds if seconds else 0.0  # second
    rates = Rates(
        seconds,
        min(max((later.loop_busy - earlier.loop_busy) * each, 0.0), 1.0),
        [
            _between(one, other, each)
            for one, other in zip(earlier.processors, later.processors, strict=True)
        ],
    )
    return evolve(rates, verdict=find_verdict(later, rates)) if seconds else rates


def _beginning_of(gauges: Gauges) -> Gauges:
    nothing = [ProcessorGauges(each.name, each.kind) for each in gauges.processors]
    return evolve(gauges, duration=0.0, loop_busy=0.0, processors=nothing)


def _between(earlier: ProcessorGauges, later: ProcessorGauges, each: float) -> ProcessorRates:
    return ProcessorRates(
        later.name,
        received=(later.received - earlier.received) * each,
        completed=(later.completed - earlier.completed) * each,
        failed=(later.failed - earlier.failed) * each,
        emitted=(later.emitted - earlier.emitted) * each,
        busy=(later.busy - earlier.busy) * each,
        idle=(later.idle - earlier.idle) * each,
        backpressured=(later.backpressured - earlier.backpressured) * each,
        paused=(later.paused - earlier.paused) * each,
        # A call counts when it is over, and may have begun long before.
        computing=min((later.computing - earlier.computing) * each, 1.0),
    )
