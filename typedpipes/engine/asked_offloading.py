"""Nodes whose items are worked on in child processes, for requests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from typedpipes.engine.asked import AskedCalls
from typedpipes.engine.offloading import OffloadNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.flow.request import Tagged, Withdrawn
from typedpipes.offload.calling import Failed
from typedpipes.offload.job import Job
from typedpipes.offload.piece import Answer
from typedpipes.processor import Processor


class AskedOffloadNode(OffloadNode):
    """A processor over `in_process` for requests.

    What a child is at is not cancelled when it is not wanted any more: what it returns is dropped
    further on.
    """

    __slots__ = ()

    def __init__(
        self, job: Job, processor: Processor[Item, Item], ports: Ports, runtime: Runtime
    ) -> None:
        super().__init__(job, processor, ports, runtime)
        self._timed = AskedCalls(self._timed, ports.name)

    def _begin(self, items: list[Item]) -> None:
        for wanted, group in groupby(items, self._is_wanted):
            if wanted:
                super()._begin([*group])
            else:
                gaps: list[Item] = []
                for item in group:
                    self.settle(item, Withdrawn(), gaps.append)
                self._held.add_gaps(gaps)

    def _is_wanted(self, tagged: Tagged) -> bool:
        return tagged.request.is_wanted(self.name)

    def answered(self, answers: Sequence[Answer], *, failed: bool) -> None:
        tagged = [(piece, items, _tagged(items, results)) for piece, items, results in answers]
        super().answered(tagged, failed=failed)


def _tagged(items: Sequence[Tagged], results: Sequence[Item]) -> Sequence[Item]:
    """Return results with the requests of their items; what stands for a failure as it is."""
    return [
        result if type(result) is Failed else item.become(result)
        for item, result in zip(items, results, strict=True)
    ]
