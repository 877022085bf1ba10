"""The workloads, one idea per file, in the order of the table."""

from __future__ import annotations

from benchmarks.workload import Workload
from benchmarks.workloads import (
    chain,
    diamond,
    endurance,
    gauges,
    heartbeat,
    memory,
    merge,
    processes,
    read,
    row,
    trickle,
    waiting,
)

WORKLOADS: tuple[Workload, ...] = (
    *chain.WORKLOADS,
    *read.WORKLOADS,
    *diamond.WORKLOADS,
    *merge.WORKLOADS,
    *waiting.WORKLOADS,
    *trickle.WORKLOADS,
    *processes.WORKLOADS,
    *heartbeat.WORKLOADS,
    *memory.WORKLOADS,
    *gauges.WORKLOADS,
    *row.WORKLOADS,
    *endurance.WORKLOADS,
)
