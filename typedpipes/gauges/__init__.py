"""What a run is doing now, in numbers: a snapshot, what changed since an earlier one, and why."""

from __future__ import annotations

from typedpipes.gauges.failures import FailureText, FailureTexts
from typedpipes.gauges.rates import ProcessorRates, Rates
from typedpipes.gauges.snapshot import EdgeGauges, Gauges, ProcessorGauges

__all__ = [
    "EdgeGauges",
    "FailureText",
    "FailureTexts",
    "Gauges",
    "ProcessorGauges",
    "ProcessorRates",
    "Rates",
]
