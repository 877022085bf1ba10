"""How random graphs are drawn: step by step, each on top of what there is."""

from __future__ import annotations

from attrs import evolve, frozen
from hypothesis import strategies as st

from tests.properties import parts
from tests.properties.graphs import (
    End,
    Gather,
    Graph,
    Join,
    Kind,
    Node,
    Outlet,
    Parting,
    Reply,
    Sieve,
)
from tests.properties.habits import Habit
from tests.properties.parts import Traits


@frozen
class Branch:
    """What the generator has to know of an outlet to draw on from it.

    Attributes:
        sources: the sources whose pace it depends on.
        roots: the nodes that it is in step with.
        failing: whether failures flow here.
        gappy: whether some items of the roots may be missing.
    """

    outlet: Outlet
    sources: frozenset[str]
    roots: frozenset[str]
    failing: bool = False
    gappy: bool = False


class _Sketch:
    """A graph in the making.

    Attributes:
        taken: what of a step leads somewhere.
    """

    taken = parts.TAKEN

    def __init__(self, draw: st.DrawFn, traits: Traits) -> None:
        self.draw = draw
        self.traits = traits
        self.nodes: list[Node] = []
        self.branches: list[Branch] = []

    def name(self, kind: str) -> str:
        return f"{kind}{len(self.nodes)}"

    def add(self, node: Node, branch: Branch) -> None:
        self.nodes.append(node)
        self.branches.append(evolve(branch, outlet=Outlet(node.name)))

    def pick(self) -> Branch:
        """Take any outlet: one that is used already forks. The newest are the most likely."""
        return self.branches[-1 - min(self.draw(st.integers(0, 5)), len(self.branches) - 1)]

    def spring(self, number: int) -> None:
        name = self.name("source")
        node = parts.spring(self.draw, name, number, self.traits)
        branch = Branch(Outlet(name), frozenset([name]), frozenset([name]))
        self.add(node, branch)
        if node.origin == "loop":
            name = self.name("again")
            again = parts.step(
                self.draw, name, branch.outlet, "sink", catches=False, traits=self.traits
            )
            self.nodes.append(evolve(again, feeds=node.name))

    def step(self) -> None:
        self._step(self.pick())

    def _step(self, branch: Branch, *kinds: Kind, is_case: bool = False) -> None:
        """Draw a step; as a case of a switch it has results, and stays in step."""
        name = self.name("step")
        kind = self.draw(st.sampled_from(kinds or parts.KINDS))
        taken = self.draw(self.taken)
        if kind == "sink":
            taken = taken & {"failures"}
        elif is_case:
            taken = taken | {"results"}
        catches = bool(taken & {"failures", "outcomes"})
        node = parts.step(self.draw, name, branch.outlet, kind, catches=catches, traits=self.traits)
        node = evolve(node, ordered=node.ordered or is_case)
        self.nodes.append(node)
        gappy = node.in_step and branch.gappy
        outcomes = evolve(
            branch,
            outlet=Outlet(name, outcomes=True),
            roots=branch.roots if node.in_step else frozenset([name]),
            gappy=gappy,
            failing=True,
        )
        if "outcomes" in taken:
            self.branches.append(outcomes)
        if "results" in taken:
            lossy = catches if node.in_step else "outcomes" in taken
            self.branches.append(
                evolve(outcomes, outlet=Outlet(name), gappy=gappy or lossy, failing=branch.failing)
            )
        if "failures" in taken:
            failures = Outlet(name, failures=True)
            self.branches.append(Branch(failures, branch.sources, frozenset(), failing=True))

    def sieve(self) -> None:
        self._sieve(self.pick())

    def _sieve(self, branch: Branch) -> None:
        drops = Habit(self.draw(st.sampled_from([1, 2, 3, 5])), self.draw(st.integers(0, 4)))
        self.add(Sieve(self.name("keep"), branch.outlet, drops), evolve(branch, gappy=True))

    def gather(self) -> None:
        branch = self.pick()
        name = self.name("batch")
        size = self.draw(st.integers(1, 5))
        if self.draw(st.booleans()):
            every = self.draw(st.sampled_from([None, None, 0.02]))
            node = Gather(name, branch.outlet, size, folds=True, every=every)
        else:
            within = self.draw(st.sampled_from([None, None, 0.0005]))
            node = Gather(name, branch.outlet, size, within)
        self.add(node, evolve(branch, roots=frozenset([name]), gappy=False))

    def part(self) -> None:
        """Part a branch, and leave it to others what comes of its ways."""
        self._part(self.pick())

    def _part(self, branch: Branch) -> list[Branch]:
        name = self.name("split")
        first = Habit(self.draw(st.sampled_from([2, 1, 3, 0])), self.draw(st.integers(0, 4)))
        self.nodes.append(Parting(name, branch.outlet, first))
        ways = [evolve(branch, outlet=Outlet(name, way=way), gappy=True) for way in range(2)]
        self.branches += ways
        return ways

    def part_and_rejoin(self) -> None:
        """Part a branch, do something on each way, and take both as one again."""
        branch = self.pick()
        ends: list[Branch] = []
        for way in self._part(branch):
            match self.draw(st.sampled_from(["step", "keep", "nothing"])):
                case "step":
                    self._step(way, "coroutine")
                    ends.append(self._newest())
                case "keep":
                    self._sieve(way)
                    ends.append(self._newest())
                case _:
                    ends.append(way)
        if branch.roots.intersection(*(end.roots for end in ends)):
            node = Join(self.name("rejoin"), "rejoin", _outlets(ends))
            self._join(node, ends, branch.roots, gappy=True)

    def switch(self) -> None:
        """Send what steps made through a step of its own, and all else through another."""
        branch = self.pick()
        name = self.name("switch")
        self.nodes.append(Parting(name, branch.outlet))
        cases: list[Branch] = []
        for way in range(2):
            case = evolve(branch, outlet=Outlet(name, way=way), gappy=True)
            self._step(case, "coroutine", is_case=True)
            cases.append(self._newest())
        node = Join(self.name("rejoin"), "switch", _outlets(cases))
        self._join(node, cases, branch.roots, gappy=True)

    def merge(self) -> None:
        several: list[Branch] = []
        for _ in range(self.draw(st.integers(2, 3))):
            branch = self.pick()
            if any(branch.sources & other.sources for other in several):
                # Let a step mark its items: no item is to come twice.
                self._step(branch, "coroutine")
                branch = self._newest()
            several.append(branch)
        name = self.name("merge")
        prefer = self.draw(st.sampled_from([None, *range(len(several))]))
        self._join(Join(name, "merge", _outlets(several), prefer), several, frozenset([name]))

    def zip_fork(self) -> None:
        """Zip branches of one fork."""
        fork = self.pick()
        mates = [branch for branch in self.branches if branch.roots & fork.roots]
        if not mates:
            return
        root = self.draw(st.sampled_from(sorted(fork.roots)))
        mates = [branch for branch in mates if root in branch.roots]
        others = self.draw(st.lists(st.sampled_from(mates), min_size=1, max_size=2))
        several = [fork, *others]
        roots = frozenset[str]().union(*(branch.roots for branch in several))
        self._join(Join(self.name("zip"), "zip", _outlets(several)), several, roots)

    def diamond(self) -> None:
        """Fork, do something on each branch, and zip."""
        fork = self.pick()
        several: list[Branch] = []
        for _ in range(self.draw(st.integers(1, 2))):
            if self.draw(st.booleans()):
                self._sieve(fork)
            else:
                self._step(fork, "coroutine")
            several.append(self._newest())
        several.append(fork)
        if fork.roots.intersection(*(branch.roots for branch in several)):
            self._join(Join(self.name("zip"), "zip", _outlets(several)), several, fork.roots)

    def _newest(self) -> Branch:
        """Return the branch of results that was drawn last."""
        return next(each for each in reversed(self.branches) if not each.outlet.failures)

    def zip_strangers(self) -> None:
        """Zip branches that have nothing to do with each other."""
        several: list[Branch] = []
        for branch in reversed(self.branches):
            met = frozenset[str]().union(*(each.sources for each in several))
            if not branch.failing and not branch.sources & met and len(several) < 3:
                several.append(branch)
        if len(several) > 1:
            name = self.name("zip")
            roots = frozenset([name])
            if not any(branch.gappy for branch in several):
                roots = roots.union(*(branch.roots for branch in several))
            self._join(Join(name, "zip", _outlets(several)), several, roots)

    def _join(
        self, node: Join, several: list[Branch], roots: frozenset[str], *, gappy: bool = False
    ) -> None:
        sources = frozenset[str]().union(*(branch.sources for branch in several))
        failing = any(branch.failing for branch in several)
        # Two zips of sources at different paces can wait for each other for ever: so these
        # count as one source from here on, wherever they flow.
        self.branches = [
            evolve(each, sources=each.sources | sources) if each.sources & sources else each
            for each in self.branches
        ]
        if node.how == "zip" and node.name not in roots:
            gappy = any(branch.gappy for branch in several)
        self.add(node, Branch(Outlet(node.name), sources, roots, failing, gappy))

    def ends(self) -> None:
        """Let every outlet lead somewhere; some that do already fork to a collector as well."""
        used = {outlet for node in self.nodes for outlet in node.inputs}
        for branch in self.branches:
            if branch.outlet not in used or self.draw(st.integers(0, 4)) == 0:
                readers = self.draw(st.sampled_from([0, 0, 1, 1, 2]))
                self.nodes.append(
                    End(
                        self.name("end"),
                        branch.outlet,
                        readers,
                        self.draw(parts.NAPS),
                        self.draw(parts.SMALL),
                        self.draw(parts.RARE),
                    )
                )


class _Segment(_Sketch):
    """The segment of an exchange in the making: what fails there fails for the asker."""

    taken = st.just({"results"})

    def asking(self) -> None:
        node = parts.asking(self.draw, self.name("exchange"))
        self.add(node, Branch(Outlet(node.name), frozenset([node.name]), frozenset([node.name])))

    def reply(self) -> None:
        """Let what comes of one branch be the replies."""
        self.nodes.append(Reply(self.name("reply"), self.pick().outlet))


def _outlets(several: list[Branch]) -> tuple[Outlet, ...]:
    return tuple(branch.outlet for branch in several)


@st.composite
def graphs(draw: st.DrawFn, traits: Traits = Traits()) -> Graph:  # noqa: B008  # it is frozen
    """Draw a graph of one to three sources and up to eight more nodes, and ends."""
    sketch = _Sketch(draw, traits)
    for number in range(draw(st.sampled_from([1, 1, 2, 3]))):
        sketch.spring(number)
    actions = [
        sketch.step,
        sketch.step,
        sketch.step,
        sketch.sieve,
        sketch.part,
        sketch.part_and_rejoin,
        sketch.switch,
        sketch.diamond,
        sketch.diamond,
        sketch.zip_fork,
        sketch.zip_strangers,
        sketch.merge,
        sketch.gather,
    ]
    for _ in range(draw(st.integers(1, 8))):
        draw(st.sampled_from(actions))()
    sketch.ends()
    return Graph(tuple(sketch.nodes), draw(parts.SMALL), draw(parts.LOOKS))


@st.composite
def exchanges(draw: st.DrawFn) -> Graph:
    """Draw an exchange of up to six nodes, some of which do not lead to its replies."""
    segment = _Segment(draw, Traits(deadly=True))
    segment.asking()
    actions = [
        segment.step,
        segment.step,
        segment.sieve,
        segment.part,
        segment.part_and_rejoin,
        segment.switch,
        segment.diamond,
        segment.zip_fork,
        segment.merge,
    ]
    for _ in range(draw(st.integers(0, 6))):
        draw(st.sampled_from(actions))()
    segment.reply()
    segment.ends()
    return Graph(tuple(segment.nodes), draw(parts.SMALL), draw(parts.LOOKS))
