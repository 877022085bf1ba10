"""What flowed from node to node in a run, as those at both ends of an edge saw it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import inf

from tests.properties.graphs import Step
from tests.properties.items import Made, looks, origin, request, shown
from tests.properties.logs import Log, Sifting, Sorting
from tests.properties.trial import Seen
from tests.properties.world import keeps_no_log
from typedpipes import Counts, Failure, Processor, Source
from typedpipes.blueprint import EdgeSpec, NodeSpec
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
from typedpipes.flow.edge import GAP
from typedpipes.flow.request import plain
from typedpipes.fold import is_folded


class Flows:
    """The items that a run moved.

    Args:
        seen: what was seen of the run.
        uneven: whether a zip may have ended while an input of it had more.
    """

    def __init__(self, seen: Seen, *, uneven: bool) -> None:
        self._seen = seen
        self._uneven = uneven
        self._counts = {counts.name: counts for counts in seen.report.counts}
        self.nodes = {node.name: node for node in seen.world.blueprint.nodes}
        self.edges = seen.world.blueprint.edges

    def counts(self, name: str) -> Counts[object, object]:
        """Return what the report says of a node."""
        return self._counts[name]

    def log(self, node: NodeSpec) -> Log:
        return self._seen.world.log(node)

    def step(self, name: str) -> Step:
        return next(step for step in self._seen.world.graph.steps if step.name == name)

    def takers(self, name: str, *, failures: bool = False) -> Sequence[EdgeSpec]:
        """Return the edges that lead away from a node."""
        return [edge for edge in self.edges if (edge.start, edge.failures) == (name, failures)]

    # At the end of an edge

    def left(self, edge: EdgeSpec) -> list[object]:
        """Return what was in the edge at the end of the run."""
        edges = self.nodes[edge.end].inputs
        place = next(place for place, each in enumerate(edges) if each is edge)
        return [item for item in self._seen.left[edge.end][place] if item is not GAP]

    def still_left(self, edge: EdgeSpec, place: int | None = None) -> list[object]:
        """Return what was not read later either; of a zip, in the place of this edge."""
        later = self.later(self.nodes[edge.end])
        return without(self.left(edge), later if place is None else parts(later, place))

    def taken(self, node: NodeSpec) -> list[object] | None:
        """Return what a node took, where that is known; of a queue, what was ever read."""
        match node.part:
            case Processor():
                log = self.log(node)
                # A generator may be stopped before its first step, and an item while it waits for
                # its key: then nothing is noted.
                taken = [*log.returned, *log.raised]
                taken += without(self.interrupted(node), log.raised)
                begun = without(log.started, without(log.started, taken))
                return [*begun, *without(taken, begun)]
            case Keep() | Split():
                return self.asked(node)
            case Collector() as collector:
                return list(collector.items)
            case Reader():
                return self.read(node)
            case Batch():
                lists = self.passed(node)
                return None if lists is None else [*flat(lists), *self.interrupted(node)]
            case _:
                return self.passed(node)

    def arrived(self, edge: EdgeSpec) -> list[object] | None:
        """Return what came through an edge to a node that takes from no other."""
        taken = self.taken(self.nodes[edge.end])
        return None if taken is None else [*taken, *self.still_left(edge)]

    def interrupted(self, node: NodeSpec) -> Sequence[object]:
        counts = self.counts(node.name)
        return counts.unprocessed[: counts.interrupted]

    def read(self, node: NodeSpec) -> list[object]:
        """Return all that was read from a queue, also after the run."""
        assert isinstance(node.part, Reader)
        world = self._seen.world
        return world.delivered[world.end(node.part).name]

    def later(self, node: NodeSpec) -> Sequence[object]:
        """Return what was read after the end of the run."""
        if not isinstance(node.part, Reader):
            return ()
        return self.read(node)[self.counts(node.name).received - self.absent(node) :]

    def absent(self, node: NodeSpec) -> int:
        """How many tuples the zip before a node left out."""
        return self._seen.absent[node.name]

    def asked(self, node: NodeSpec) -> list[object] | None:
        """Return the items that a filter or a split asked its function about."""
        if not keeps_no_log(node):
            return self.log(node).started
        if node.how != "one":
            return None
        (edge,) = node.inputs
        gave = self.gave(edge)
        return None if gave is None or self.may_part(edge) else without(gave, self.left(edge))

    # At the beginning of an edge

    def gave(self, edge: EdgeSpec) -> list[object] | None:
        """Return what a node put into an edge, where that is known."""
        node = self.nodes[edge.start]
        log = self.log(node)
        if edge.failures:
            return self.failures(node)
        match node.part:
            case Processor() as processor:
                made = [*log.gave, *(self.failures(node) if node.outcomes else ())]
                in_order = processor.ordered or processor.workers == 1
                in_order &= not is_folded(processor.coro)
                gave = _by_item(log, made) if in_order else made
            case Source(items=list() as items):
                gave = items[: self.counts(node.name).received]
            case Source():
                gave = log.gave
            case Keep() | Split():
                asked = self.asked(node)
                if asked is None:
                    return None
                gave = [item for item in asked if self.goes_on(node, item, edge.way)]
            case _:
                return self.passed(node)
        return without(gave, [plain(item) for item in self._seen.nodes[node.name].held()])

    def failures(self, node: NodeSpec) -> list[object]:
        """Return the failures of a processor that went on."""
        log, step = self.log(node), self.step(node.name)
        failed = without(log.raised, self.interrupted(node))
        return [
            Failure(item, mishap, node.name)
            for item in failed
            if (mishap := step.mishap(item)) is not None
        ]

    def goes_on(self, node: NodeSpec, item: object, way: int | None = None) -> bool:
        """Whether a filter lets an item pass, or a split sends it that way, or any."""
        part = node.part
        if isinstance(part, Keep):
            if isinstance(part.test, Sifting):
                return not part.test.sieve.drops.befalls(item)
            return bool(part.test(item))
        assert isinstance(part, Split)
        if isinstance(part.function, Sorting):
            return way in (None, part.function.parting.way(item))
        return way in (None, part.sort(item)[0])

    def passed(self, node: NodeSpec) -> list[object] | None:
        """Return what a node that keeps no log gave, as one who takes it saw it."""
        for edge in self.takers(node.name):
            taker = self.nodes[edge.end]
            knows = taker.how == "one" and not keeps_no_log(taker) and not self._withdrew(taker)
            if knows and not self.may_part(edge):
                return self.arrived(edge)
        return None

    def _withdrew(self, node: NodeSpec) -> bool:
        """Whether a node may have dropped, begun or not, what nobody waited for any more."""
        return bool(node.exchange) and self.some_withdrew and self.counts(node.name).dropped > 0

    def in_line(self, edge: EdgeSpec) -> bool:
        """Whether it is known in which order items went into the edge and came out."""
        start = self.nodes[edge.start]
        part = start.part
        if isinstance(part, Batch | Relay) or edge.gaps != "none":
            return False
        if keeps_no_log(start):
            return all(map(self.in_line, start.inputs))
        if edge.failures or not isinstance(part, Processor) or part.workers == 1:
            return True
        if part.ordered:
            return part.key is None  # else the items began in another order than they came in
        return part.kind == "coroutine" and not start.outcomes

    def keeps_order(self, edge: EdgeSpec, gave: Sequence[object], came: Sequence[object]) -> bool:
        """Whether items came in the order in which they were given.

        Only those of one key have one, where there are keys, and those of one request of an
        exchange.
        """
        steps = [each for each in self._seen.world.graph.steps if each.name == edge.end]
        keyed = next((step for step in steps if step.keys), None)
        of_requests = self._has_order_of_requests_only(edge)

        def line(item: object) -> tuple[int, int]:
            return keyed.key(item) if keyed else 0, request(item) if of_requests else 0

        return shown(sorted(came, key=line)) == shown(sorted(gave, key=line))

    def _has_order_of_requests_only(self, edge: EdgeSpec) -> bool:
        start = self.nodes[edge.start]
        behind = keeps_no_log(start) and any(map(self._has_order_of_requests_only, start.inputs))
        return bool(start.exchange) or behind

    @property
    def some_withdrew(self) -> bool:
        """Whether some requests of an exchange were not answered to the end."""
        return any(told.ending not in ("all", "none") for told in self._seen.world.told.values())

    # Who ends early

    def may_end_early(self, edge: EdgeSpec) -> bool:
        """Whether the taker may end while there still is something in this edge."""
        return self._uneven and edge.end in self._leavers

    def may_part(self, edge: EdgeSpec) -> bool:
        """Whether a taker may have ended while the others of a fork went on."""
        fork = self.takers(edge.start, failures=edge.failures)
        return len(fork) > 1 and (self.may_end_early(edge) or self._gives_late(edge))

    def _gives_late(self, edge: EdgeSpec) -> bool:
        """Whether a coroutine may have given something after it was cancelled by the run."""
        graph = self._seen.world.graph
        return self._seen.aborted and any(
            step.name == edge.start and step.stays.returns for step in graph.steps
        )

    @cached_property
    def _leavers(self) -> set[str]:
        """All who may end before their input does: because of a zip, here or further on."""
        leavers: set[str] = set()
        for node in reversed(self.nodes.values()):
            for failures in (False, True):
                takers = self.takers(node.name, failures=failures)
                if node.how == "zip" or (takers and all(edge.end in leavers for edge in takers)):
                    leavers.add(node.name)
        return leavers


def tally(items: Sequence[object]) -> Counter[str]:
    """Count items by what they look like: lists cannot be counted otherwise."""
    return Counter(map(looks, items))


def without(items: Sequence[object], others: Sequence[object]) -> list[object]:
    """Return the items less the others, the last first where some are alike."""
    gone = tally(others)
    kept: list[object] = []
    for item in reversed(items):
        if gone[looks(item)]:
            gone[looks(item)] -= 1
        else:
            kept.append(item)
    return kept[::-1]


def flat(lists: Sequence[object]) -> list[object]:
    """Return the items of lists."""
    found: list[object] = []
    for each in lists:
        assert isinstance(each, list)
        found += each
    return found


def parts(tuples: Sequence[object], place: int) -> list[object]:
    """Return what stands in one place of all tuples."""
    return [each[place] for each in tuples if isinstance(each, tuple)]


def _by_item(log: Log, made: Sequence[object]) -> list[object]:
    """Return what was made in the order of the items that it was made of; failures last."""
    places = {looks(item): place for place, item in enumerate(log.started)}

    def place(each: object) -> tuple[int, float]:
        return places[looks(origin(each))], each.part if isinstance(each, Made) else inf

    return sorted(made, key=place)
