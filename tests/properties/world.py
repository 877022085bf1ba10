"""A random graph come to life: drawn by a plumber, with logs of all that its coroutines see."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import pytest

from tests.properties.asking import Told, noted
from tests.properties.gathering import Gathering
from tests.properties.graphs import (
    Asking,
    Drawn,
    End,
    Gather,
    Graph,
    Join,
    Node,
    Outlet,
    Parting,
    Reply,
    Sieve,
    Spring,
    Step,
)
from tests.properties.items import Made
from tests.properties.logs import Log, Logs, Sifting, Sorting
from tests.properties.spans import Traced
from tests.properties.springs import Giver, source
from tests.properties.steps import never_again, processor, sink
from tests.support.clock import Clock
from typedpipes import (
    Blueprint,
    Collector,
    Exchange,
    Feed,
    InputQueue,
    Joint,
    On,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringWarning,
    drawing,
    switch,
)
from typedpipes.blueprint import NodeSpec
from typedpipes.fittings import Keep, Reader, Split
from typedpipes.plumber.instruments import attach


class World:
    """A drawn graph.

    Attributes:
        clock: what a run of it goes by.
        parts: its sources and processors.
        collectors: by the name of their end.
        queues: those to be read, by the name of their end.
        delivered: what came out of these.
        reasons: why they had no more, where that was because the run failed.
        exchange: what askers ask, if there is one.
        told: what each of them was told, by what it asked for.
        traced: makes the spans of its runs, if they are traced.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.clock = Clock(look=graph.look)
        self.plumber = Plumber("random")
        self.logs = Logs()
        self.parts: dict[str, Source[object] | Processor[object, object] | Sink[object]] = {}
        self.collectors: dict[str, Collector[object]] = {}
        self.queues: dict[str, InputQueue[object]] = {}
        self.delivered: dict[str, list[object]] = {}
        self.reasons: list[BaseException] = []
        self.exchange: Exchange[object, object] | None = None
        self.told: dict[object, Told] = {}
        self.traced: Traced | None = None
        self._joints: dict[Outlet, Joint[object]] = {}
        self._processors: dict[str, Processor[object, object]] = {}
        self._before_switches: dict[str, Joint[object]] = {}
        self.blueprint = self._blueprint()

    def trace(self, *, by_slice: bool) -> None:
        """Have its runs traced, from now on."""
        folds = any(isinstance(node, Gather) and node.folds for node in self.graph.nodes)
        complete = not folds and self.exchange is None
        self.traced = Traced(by_slice=by_slice, complete=complete)
        attach(self.plumber, self.traced)

    def log(self, node: NodeSpec) -> Log:
        """Return the log of a node of the blueprint."""
        match node.part:
            case Keep(test=test) if isinstance(test, Sifting):
                return self.logs.of(test.sieve.name)
            case Split(function=function) if isinstance(function, Sorting):
                return self.logs.of(function.parting.name)
            case _:
                return self.logs.of(node.name)

    def is_asked(self, name: str) -> bool:
        """Whether a node is between the requests and the replies of an exchange."""
        return any(node.name == name and node.exchange for node in self.blueprint.nodes)

    def has_spans(self, name: str) -> bool:
        """Whether the calls of a node have spans, if its runs are traced."""
        return name in {step.name for step in self.graph.steps} and not self.is_asked(name)

    def ends(self) -> Sequence[End]:
        """Return the nodes where items come out."""
        return [node for node in self.graph.nodes if isinstance(node, End)]

    def end(self, reader: Reader[object]) -> End:
        """Return the end whose queue this is."""
        return next(end for end in self.ends() if self.queues.get(end.name) is reader.queue)

    def clear(self) -> None:
        """Forget what came of an earlier run."""
        self.logs.clear()
        self.delivered = {name: [] for name in self.queues}
        self.told.clear()
        self.reasons.clear()

    def _blueprint(self) -> Blueprint:
        # Edges of no bound of their own hold 100 items, and would never be full.
        # What would wedge a long run is no matter in one of a few items.
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("ignore", WiringWarning)
            patch.setattr(drawing, "DEFAULT_BOUND", self.graph.bound)
            nodes = iter(self.graph.nodes)
            for node in nodes:
                if isinstance(node, Asking):
                    self._ask(node, nodes)
                elif not isinstance(node, Reply):
                    self._draw(node)
            return self.plumber.blueprint()

    def _ask(self, asking: Asking, others: Iterable[Node]) -> None:
        """Draw an exchange with all other nodes in it."""

        def segment(start: Joint[object]) -> Joint[object]:
            self._joints[Outlet(asking.name)] = start
            for node in others:
                if not isinstance(node, Asking | Reply):
                    self._draw(node)
            (reply,) = (node for node in self.graph.nodes if isinstance(node, Reply))
            return self._joints[reply.input]

        self.exchange = self.plumber.exchange(
            segment, name=asking.name, maxsize=asking.maxsize, buffer=asking.buffer
        )
        self.parts[asking.name] = noted(self.exchange, asking.name, self.logs)

    def _draw(self, node: Drawn) -> None:
        outlet, joints = Outlet(node.name), self._before(node)
        match node:
            case Spring():
                made = self.parts[node.name] = source(node, self.logs)
                self._joints[outlet] = self.plumber.connect(made)
            case Step():
                self._joints[outlet] = self._step(node, *joints)
            case Sieve():
                self._joints[outlet] = joints[0].keep(Sifting(node, self.logs))
            case Gather():
                self._joints[outlet] = self._gather(node, joints[0])
            case Parting():
                self._part(node, joints[0])
            case Join():
                self._joints[outlet] = self._join(node, joints)
            case End():
                self._end(node, joints[0])

    def _before(self, node: Node) -> Sequence[Joint[object]]:
        """Return the joints before a node; before a case of a switch there are none."""
        return [self._joints[outlet] for outlet in node.inputs if outlet in self._joints]

    def _step(self, step: Step, *joints: Joint[object]) -> Joint[object]:
        """Draw a step; as a case of a switch it is connected only with that."""
        failures, outcomes = Outlet(step.name, failures=True), Outlet(step.name, outcomes=True)
        used = self.graph.outlets()
        if step.kind == "sink":
            again = partial(self._go_on, step.feeds) if step.feeds else never_again
            end = self.parts[step.name] = sink(step, self.logs, again)
            if failures in used:
                self._joints[failures] = self.plumber.failures(end)
            return joints[0].to(end)
        made = self.parts[step.name] = self._processors[step.name] = processor(step, self.logs)
        if failures in used:
            self._joints[failures] = self.plumber.failures(made)
        if outcomes in used:
            self._joints[outcomes] = self.plumber.outcomes(made)
        for joint in joints:
            joint.to(made)
        return self.plumber.connect(made)

    def _part(self, node: Parting, joint: Joint[object]) -> None:
        if node.first is None:  # the end of the switch draws it
            self._before_switches[node.name] = joint
            return
        for way, each in enumerate(joint.split(Sorting(node, self.logs))):
            self._joints[Outlet(node.name, way=way)] = each

    def _join(self, node: Join, joints: Sequence[Joint[object]]) -> Joint[object]:
        match node.how:
            case "zip":
                return self.plumber.zip(*joints)
            case "merge":
                return self.plumber.merge(*joints, prefer=node.prefer)
            case "rejoin":
                return joints[0].rejoin(joints[1])
            case "switch":
                made, others = (self._processors[outlet.node] for outlet in node.inputs)
                step = next(each for each in self.graph.steps if each.name == node.inputs[0].node)
                joint = self._before_switches[step.input.node]
                return joint.to(switch(On(Made, made), On(object, others)))

    def _gather(self, node: Gather, joint: Joint[object]) -> Joint[object]:
        if not node.folds:
            return joint.batch(node.size, within=node.within)
        make = partial(Gathering, node, self.logs)
        fold = self.parts[node.name] = Processor.folding(make, every=node.every, name=node.name)
        return joint.to(fold)

    def loops(self) -> Iterator[tuple[Giver, Feed[object]]]:
        """Yield the feeds of loops, and what fills them."""
        for node in self.graph.nodes:
            if isinstance(node, Spring) and node.origin == "loop":
                feed = self.parts[node.name]
                assert isinstance(feed, Feed)
                yield Giver(node, self.logs), feed

    async def _go_on(self, loop: str, item: object) -> None:
        for giver, feed in self.loops():
            if giver.spring.name == loop:
                await giver.go_on(feed, item)

    def _end(self, end: End, joint: Joint[object]) -> None:
        if end.readers:
            self.queues[end.name] = joint.read(maxsize=end.maxsize)
        else:
            self.collectors[end.name] = joint.collect()


def keeps_no_log(node: NodeSpec) -> bool:
    """Whether it is a filter or a split of the library's own."""
    match node.part:
        case Keep(test=test):
            return not isinstance(test, Sifting)
        case Split(function=function):
            return not isinstance(function, Sorting)
        case _:
            return False
