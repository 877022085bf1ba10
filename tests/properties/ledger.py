"""The accounts of a run: what was given was taken or is left, and the report says so."""

from __future__ import annotations

from collections.abc import Iterator

from tests.properties.counting import numbers
from tests.properties.flows import Flows, flat, parts, tally, without
from tests.properties.items import shown
from tests.properties.trial import Seen
from typedpipes import Processor, Source
from typedpipes.blueprint import EdgeSpec, NodeSpec
from typedpipes.exchange import Replies
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
from typedpipes.flow.request import plain


class Ledger:
    """Compares what the coroutines noted, what is in the buffers and what the report says.

    Args:
        seen: what was seen of the run.
        uneven: whether a zip may have ended while an input of it had more.
    """

    def __init__(self, seen: Seen, *, uneven: bool) -> None:
        self._seen = seen
        self._flows = Flows(seen, uneven=uneven)

    def complaints(self) -> Iterator[str]:
        """Find everything that does not agree."""
        yield from self._seen.complaints
        for node in self._flows.nodes.values():
            yield from self._counted(node)
            yield from self._given(node)
            yield from self._cleaned(node)
            if node.how == "zip":
                yield from self._zipped(node)
            elif node.how in ("merge", "rejoin"):
                yield from self._merged(node)
        for edge in self._flows.edges:
            yield from self._reported(edge)
            if self._flows.nodes[edge.end].how == "one":
                yield from self._carried(edge)

    # What the report says of a node

    def _counted(self, node: NodeSpec) -> Iterator[str]:
        counts = self._flows.counts(node.name)
        completed, dropped = self._completed(node), self._flows.absent(node)
        asked = self._flows.asked(node) if isinstance(node.part, Keep) else None
        if asked is not None and completed is not None:
            dropped += len(asked) - completed
        if completed is not None:
            dropped += self._withdrawn(node, counts.dropped - dropped)
            if (counts.completed, counts.dropped) != (completed, dropped):
                yield f"{node.name}: completed {completed}, dropped {dropped}: {numbers(counts)}"
        ended = counts.completed + counts.failed + counts.dropped + counts.interrupted
        if counts.received != ended:
            yield f"{node.name}: received {counts.received}, {ended} ended: {numbers(counts)}"
        if counts.in_flight:
            yield f"{node.name}: still in flight: {numbers(counts)}"
        if isinstance(node.part, Processor):
            yield from self._worked(node)

    def _withdrawn(self, node: NodeSpec, dropped: int) -> int:
        """Return how many items a node may have dropped because nobody waited for a reply."""
        return max(dropped, 0) if node.exchange and self._flows.some_withdrew else 0

    def _completed(self, node: NodeSpec) -> int | None:
        """Count what a node completed, where it is known; of a queue that was seen before."""
        log = self._flows.log(node)
        match node.part:
            case Processor():
                return len(log.returned)
            case Collector() as collector:
                return len(collector.items)
            case Source(items=list()) | Reader() | Replies():
                return None
            case Source():
                return len(log.gave)
            case Keep() | Split():
                return self._gone_on(node)
            case Batch() | Relay():
                gave = self._flows.passed(node)
                lists = isinstance(node.part, Batch)
                return None if gave is None else len(flat(gave) if lists else gave)

    def _gone_on(self, node: NodeSpec) -> int | None:
        """Count what a filter passed on, or a split no way of which was left."""
        asked, edges = self._flows.asked(node), self._flows.takers(node.name)
        left = isinstance(node.part, Split) and any(map(self._flows.may_part, edges))
        if asked is None or left:
            return None
        return sum(self._flows.goes_on(node, item) for item in asked)

    def _worked(self, node: NodeSpec) -> Iterator[str]:
        """See what became of the items that were not completed, and what was made of the others."""
        counts, log = self._flows.counts(node.name), self._flows.log(node)
        interrupted = self._flows.interrupted(node)
        begun = [*log.stopped, *log.raised, *log.unfinished()]
        # A failure that found no room in its edge before the end counts as interrupted.
        withdrawn = self._withdrawn(node, counts.dropped)
        if len(without(log.stopped, interrupted)) > withdrawn or counts.failed > len(log.raised):
            yield f"{node.name}: begun and not completed {shown(begun)}: {numbers(counts)}"
        never_begun = without(interrupted, begun)
        part = node.part
        may_wait = not isinstance(part, Processor) or part.kind != "coroutine" or part.key
        if never_begun and not may_wait:
            yield f"{node.name}: interrupted and never begun: {shown(never_begun)}"
        made = [*log.gave, *(self._flows.failures(node) if node.outcomes else ())]
        emitted = len(made) if self._flows.takers(node.name) else 0
        if not emitted - withdrawn <= counts.emitted <= emitted:
            yield f"{node.name}: made {shown(made)}: {numbers(counts)}"

    def _given(self, node: NodeSpec) -> Iterator[str]:
        """See whether what was emitted is what the takers received and what is undelivered."""
        counts, takers = self._flows.counts(node.name), self._flows.takers(node.name)
        single = all(self._flows.nodes[edge.end].how == "one" for edge in takers)
        if not takers or not single or any(self._flows.may_part(edge) for edge in takers):
            return
        received = sum(
            min(self._flows.counts(edge.end).received for edge in takers if edge.way == way)
            for way in {edge.way for edge in takers}
        )
        left = len(counts.undelivered) + (self._failures_left(node) if node.outcomes else 0)
        if counts.emitted != received + left:
            yield f"{node.name}: the next have received {received}: {numbers(counts)}"

    def _failures_left(self, node: NodeSpec) -> int:
        """Count the failures among the outcomes of a node that were not taken by all."""
        held = [*map(plain, self._seen.nodes[node.name].held())]
        takers = [self._flows.counts(edge.end) for edge in self._flows.takers(node.name)]
        lefts = [[*held, *taker.unprocessed[taker.interrupted :]] for taker in takers]
        failures = tally(self._flows.failures(node))
        return max(sum((tally(left) & failures).values()) for left in lefts)

    def _cleaned(self, node: NodeSpec) -> Iterator[str]:
        if not isinstance(node.part, Processor):
            return
        counts, cleaned = self._flows.counts(node.name), self._flows.log(node).cleaned
        cleanups = node.part.cleanups
        wanted = {
            kind: list(left)
            for kind, coro, left in (
                ("input", cleanups.input, counts.unprocessed),
                ("output", cleanups.output, counts.undelivered),
                ("doomsday", cleanups.doomsday, self._seen.report.dooms),
            )
            if coro is not None
        }
        if cleaned.keys() != wanted.keys():
            yield f"{node.name}: cleaned up {cleaned.keys()}, not {wanted.keys()}"
            return
        for kind, left in wanted.items():
            got = cleaned[kind]
            if not self._same(node, kind, got, left):
                yield f"{node.name}: the {kind} cleanup got {shown(got)}, not {shown(left)}"

    def _same(self, node: NodeSpec, kind: str, got: list[object], left: list[object]) -> bool:
        """Compare what a cleanup coroutine got with what the report says."""
        match kind:
            case "input":  # a cleanup coroutine further up may have taken some of it before
                swept = any(self._sweeps(edge.start) for edge in node.inputs)
                # A merge has no order: a queue takes turns, a report goes edge by edge.
                same = tally(got) == tally(left) if node.how == "merge" else got == left
                return same or (swept and not without(got, left))
            case "output":  # with what fittings hold; and somebody may go on to read
                read = any(isinstance(taker.part, Reader) for taker in self._after(node))
                known = [*left, *without(self._strays(node), left)]
                return not without(got, known) and (read or not without(left, got))
            case _:  # another doom may come during the cleanup
                return all(one == other for one, other in zip(got, left, strict=False))

    def _strays(self, node: NodeSpec) -> list[object]:
        """Return what is left in and between the fittings behind a node, each item once."""
        found: list[object] = []
        for taker in self._after(node):
            if taker.how == "one" and not isinstance(taker.part, Processor):
                behind = self._strays(taker) if isinstance(taker.part, Keep) else []
                edge = taker.inputs[0]
                here = [*self._flows.interrupted(taker), *self._flows.left(edge), *behind]
                found += without(here, found)
        return found

    def _after(self, node: NodeSpec) -> list[NodeSpec]:
        return [self._flows.nodes[edge.end] for edge in self._flows.takers(node.name)]

    def _sweeps(self, name: str) -> bool:
        return "output" in self._seen.world.logs.of(name).cleaned

    # What an edge carried

    def _reported(self, edge: EdgeSpec) -> Iterator[str]:
        """See whether the report tells of everything that is left in an edge."""
        start, taker = self._flows.nodes[edge.start], self._flows.nodes[edge.end]
        if isinstance(taker.part, Reader):
            return
        unprocessed = self._flows.counts(edge.end).unprocessed
        failures: list[object] = []
        if taker.how == "zip":
            # A failure without its partners is no result, and not part of a whole tuple.
            failures = self._flows.failures(start) if start.outcomes else []
            place = next(place for place, each in enumerate(taker.inputs) if each is edge)
            unprocessed = parts(unprocessed, place)
        # A failure is no result, so it is looked for at its taker only.
        undelivered = () if edge.failures else self._flows.counts(edge.start).undelivered
        if lost := without(self._flows.left(edge), [*undelivered, *unprocessed, *failures]):
            yield f"{edge.start} -> {edge.end}: left in the edge, not in the report: {shown(lost)}"

    def _carried(self, edge: EdgeSpec) -> Iterator[str]:
        gave, arrived = self._flows.gave(edge), self._flows.arrived(edge)
        if gave is None or arrived is None:
            return
        given, named = tally(gave), f"{edge.start} -> {edge.end}"
        if tally(arrived) - given:
            yield f"{named}: {shown(arrived)} came, and only {shown(gave)} was given"
        elif self._flows.may_part(edge) or self._withdrawn(self._flows.nodes[edge.end], 1):
            return  # `_given` has counted them
        elif tally(arrived) != given:
            yield f"{named}: {shown(gave)} was given, and only {shown(arrived)} came"
        elif self._flows.in_line(edge) and not self._flows.keeps_order(edge, gave, arrived):
            yield f"{named}: the order {shown(gave)} became {shown(arrived)}"

    def _merged(self, node: NodeSpec) -> Iterator[str]:
        taken = self._flows.taken(node)
        gave = [self._flows.gave(edge) for edge in node.inputs]
        given = [item for items in gave if items is not None for item in items]
        if taken is None or None in gave:
            return
        if any(self._flows.may_part(edge) for edge in node.inputs):
            return
        left = [item for edge in node.inputs for item in self._flows.still_left(edge)]
        gone = without(given, [*taken, *left])
        withdrawn = self._withdrawn(node, self._flows.counts(node.name).dropped)
        if tally([*taken, *left]) - tally(given) or len(gone) > withdrawn:
            yield (
                f"the merge before {node.name}: {shown(given)} given, {shown(taken)} taken, "
                f"{shown(left)} left"
            )

    def _zipped(self, node: NodeSpec) -> Iterator[str]:
        taken, absent = self._flows.taken(node), self._flows.absent(node)
        absent += self._withdrawn(node, self._flows.counts(node.name).dropped - absent)
        if taken is None:
            return
        for place, edge in enumerate(node.inputs):
            gave = self._flows.gave(edge)
            if gave is None:
                continue
            came = [*parts(taken, place), *self._flows.still_left(edge, place)]
            lonely = without(gave, came)
            if without(came, gave):
                yield f"the zip before {node.name}: {shown(came)} came of {shown(gave)}"
            elif len(lonely) > absent and not self._flows.may_part(edge):
                yield f"the zip before {node.name}: {shown(lonely)} are gone, it dropped {absent}"
