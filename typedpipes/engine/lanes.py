"""The results of many workers for requests: in order for each, and none waits for another's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from typedpipes.engine.ports import Item
from typedpipes.engine.results import Slot
from typedpipes.flow.edge import GAP
from typedpipes.flow.outputs import Outputs
from typedpipes.flow.request import Request


class _LaneSlot(Slot):
    """A slot in the lane of its request."""

    __slots__ = ("lane",)

    def __init__(self, lane: deque[Slot]) -> None:
        super().__init__()
        self.lane: deque[Slot] = lane


class Lanes:
    """Results in the order of the items of each request.

    Args:
        places: how many slots there are at most.
        share: how many results one that is not at the head of its lane may hold.
    """

    __slots__ = ("_lanes", "_places", "_share", "_taken")

    def __init__(self, places: int, share: int) -> None:
        self._places = places
        self._share = share
        self._taken = 0  # places
        self._lanes: dict[Request, deque[Slot]] = {}

    def places(self, free: int) -> int:
        return min(free, self._places - self._taken)

    def may_begin(self, outputs: Outputs[Item]) -> bool:
        return outputs.room() > 0

    def may_add(self, slot: Slot, outputs: Outputs[Item]) -> bool:
        if self.is_next(slot):
            return not slot.results and outputs.room() > 0
        return len(slot.results) < self._share

    def is_next(self, slot: Slot, /) -> bool:
        return isinstance(slot, _LaneSlot) and slot.lane[0] is slot

    def ready(self) -> bool:
        heads = (lane[0] for lane in self._lanes.values())
        return any(head.results or head.done for head in heads)

    def held(self) -> Iterator[Item]:
        for lane in self._lanes.values():
            for slot in lane:
                yield from (result for result in slot.results if result is not GAP)

    def open(self, item: Item = None, /) -> Slot:
        lane = self._lanes.setdefault(item.request, deque())
        slot = _LaneSlot(lane)
        lane.append(slot)
        self._taken += 1
        return slot

    def put(self, outputs: Outputs[Item]) -> None:
        for request, lane in [*self._lanes.items()]:
            puts = bool(lane[0].results) and outputs.room() > 0
            self._put_from(lane, outputs)
            if puts or not lane:
                del self._lanes[request]
            if puts and lane:
                self._lanes[request] = lane  # the last now, so that all have room in turn

    def _put_from(self, lane: deque[Slot], outputs: Outputs[Item]) -> None:
        while lane:
            results = lane[0].results
            while results and outputs.room() > 0:
                outputs.append(results.pop(0))
            if results or not lane[0].done:
                return
            lane.popleft()
            self._taken -= 1
