"""The duty of a worker: what its process does for each stop."""

from __future__ import annotations

from typedpipes.fittings import Batch, Relay
from typedpipes.network.batching import Batching
from typedpipes.network.calling import Maker
from typedpipes.network.doom import Doomsday
from typedpipes.network.equipment import Equipment
from typedpipes.network.generating import Generating
from typedpipes.network.joining import merge
from typedpipes.network.pairing import Pairing
from typedpipes.network.shift import Shift
from typedpipes.network.side_by_side import Work
from typedpipes.network.station import Act, Station, at_once
from typedpipes.network.stop import Stop
from typedpipes.network.trials import Company, Trials
from typedpipes.network.wire import Wire
from typedpipes.processor import Processor


class Duty:
    """What one process does in one run.

    Args:
        wire: the wire of this process.
        run: the name of the run.
        longest: how many items travel together at most.
        equipment: the resources of the calls.
        doomsday: what the run is ordered to do.
        shift: for how long this process works.
    """

    def __init__(
        self,
        wire: Wire,
        run: str,
        longest: int,
        equipment: Equipment,
        doomsday: Doomsday,
        shift: Shift,
    ) -> None:
        self._wire = wire
        self._run = run
        self._longest = longest
        self._equipment = equipment
        self._doomsday = doomsday
        self._shift = shift
        self._trials = Trials(wire, Company())

    def work_of(self, stop: Stop) -> Work:
        """Return what there is to do for a stop."""
        if isinstance(stop.part, Batch):
            return Batching(self._wire, stop, stop.part, self._shift).work()
        if isinstance(stop.part, Relay) and stop.how != "merge":
            return Pairing(self._wire, stop, self._shift).work()
        return Station(self._wire, stop, self._act_of(stop), shift=self._shift).work()

    def _act_of(self, stop: Stop) -> Act:
        match stop.part:
            case Relay():
                return at_once(merge)
            case Processor(kind="generator"):
                return Generating(
                    self._run,
                    stop,
                    self._longest,
                    self._equipment,
                    self._doomsday,
                    self._trials,
                ).act
            case _:
                maker = Maker(self._run, stop, self._equipment, self._doomsday, self._trials)
                return at_once(maker.make)
