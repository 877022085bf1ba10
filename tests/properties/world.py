"""A random graph come to life: drawn by a plumber, with logs of all that its coroutines see."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.properties.graphs import End, Gather, Graph, Join, Node, Outlet, Sieve, Spring, Step
from tests.properties.logs import Log, Logs, Sifting
from tests.properties.springs import source
from tests.properties.steps import processor, sink
from tests.support.clock import Clock
from typedpipes import (
    Blueprint,
    Collector,
    InputQueue,
    Joint,
    Plumber,
    Processor,
    Sink,
    Source,
    drawing,
)
from typedpipes.blueprint import NodeSpec
from typedpipes.fittings import Keep, Reader


class World:
    """A drawn graph.

    Attributes:
        clock: what a run of it goes by.
        parts: its sources and processors.
        collectors: by the name of their end.
        queues: those to be read, by the name of their end.
        delivered: what came out of these.
        reasons: why they had no more, where that was because the run failed.
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
        self._joints: dict[Outlet, Joint[object]] = {}
        self.blueprint = self._blueprint()

    def log(self, node: NodeSpec) -> Log:
        """Return the log of a node of the blueprint."""
        match node.part:
            case Keep(test=test) if isinstance(test, Sifting):
                return self.logs.of(test.sieve.name)
            case _:
                return self.logs.of(node.name)

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
        self.reasons.clear()

    def _blueprint(self) -> Blueprint:
        # Edges of no bound of their own hold 100 items, and would never be full.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(drawing, "DEFAULT_BOUND", self.graph.bound)
            for node in self.graph.nodes:
                joint = self._draw(node)
                if joint is not None:
                    self._joints[Outlet(node.name)] = joint
            return self.plumber.blueprint()

    def _draw(self, node: Node) -> Joint[object] | None:
        joints = [self._joints[outlet] for outlet in node.inputs]
        match node:
            case Spring():
                made = self.parts[node.name] = source(node, self.logs)
                return self.plumber.connect(made)
            case Step():
                return self._step(node, joints[0])
            case Sieve():
                return joints[0].keep(Sifting(node, self.logs))
            case Gather():
                return joints[0].batch(node.size, within=node.within)
            case Join():
                return self.plumber.zip(*joints) if node.zips else self.plumber.merge(*joints)
            case End():
                self._end(node, joints[0])
                return None

    def _step(self, step: Step, joint: Joint[object]) -> Joint[object]:
        failures = Outlet(step.name, failures=True)
        fails = failures in self.graph.outlets()
        if step.kind == "sink":
            end = self.parts[step.name] = sink(step, self.logs)
            if fails:
                self._joints[failures] = self.plumber.failures(end)
            return joint.to(end)
        made = self.parts[step.name] = processor(step, self.logs)
        if fails:
            self._joints[failures] = self.plumber.failures(made)
        return joint.to(made)

    def _end(self, end: End, joint: Joint[object]) -> None:
        if end.readers:
            self.queues[end.name] = joint.read(maxsize=end.maxsize)
        else:
            self.collectors[end.name] = joint.collect()
