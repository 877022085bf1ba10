"""What a graph gives, by plain functions: without time, buffers and workers.

Every item has a place: its number at the node that its branch is in step with. A zip
of one fork joins by place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from attrs import evolve, frozen

from tests.properties.graphs import (
    Asking,
    End,
    Gather,
    Graph,
    Join,
    Node,
    Outlet,
    Parting,
    Sieve,
    Spring,
    Step,
)
from tests.properties.items import Made, number
from typedpipes import Failure

Placed: TypeAlias = Sequence[tuple[int, object]]


@frozen
class Stream:
    """What flows out of an outlet when the run ends by itself.

    Attributes:
        roots: the nodes by which the places are counted.
        length: how many places there are, the empty ones included.
        placed: the items, each with its place.
        ordered: whether they come in this order.
        known: whether it is certain which items come.
        early: whether the node may end before it gave all, because no more is taken.
        whole: whether the items stay the same if the sources end sooner.
    """

    roots: frozenset[str]
    length: int
    placed: Placed
    ordered: bool = True
    known: bool = True
    early: bool = False
    whole: bool = True

    @property
    def items(self) -> Sequence[object]:
        return [item for _, item in self.placed]

    @property
    def gappy(self) -> bool:
        """Whether some places are empty."""
        return self.length != len(self.placed)

    def then(self, placed: Placed) -> Stream:
        """Go on in step."""
        return evolve(self, placed=placed)

    def where(self, test: Callable[[object], bool]) -> Stream:
        """Go on in step with some of the items."""
        return self.then([(at, item) for at, item in self.placed if test(item)])

    def anew(self, name: str, items: Sequence[object]) -> Stream:
        """Go on with places of its own."""
        return evolve(
            self, roots=frozenset([name]), length=len(items), placed=list(enumerate(items))
        )


def results(step: Step, item: object) -> Sequence[object]:
    """Return what a processor makes of an item, also of one on which it raises in the end."""
    if step.kind == "generator":
        count = (number(item) + step.most) % (step.most + 1)
        return [Made(step.name, item, part) for part in range(count)]
    return [] if step.mishap(item) else [Made(step.name, item)]


def outcomes(step: Step, item: object) -> Sequence[object]:
    """Return the results of an item, and the failure if it raises in the end."""
    mishap = step.mishap(item)
    failed = [] if mishap is None else [Failure(item, mishap, step.name)]
    return [*results(step, item), *failed]


class Model:
    """The streams of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._used = graph.outlets()
        self.streams: dict[Outlet, Stream] = {}
        self.uneven: set[str] = set()
        self.strangers: set[str] = set()
        for node in graph.nodes:
            self._flow(node)
        self._end_early()

    @property
    def may_be_uneven(self) -> bool:
        """Whether a zip may end while an input of it has more, in some run."""
        return bool(self.uneven or self.strangers)

    def into(self, node: Node) -> Stream:
        """Return the stream that a node with one input gets."""
        return self.streams[node.inputs[0]]

    def _flow(self, node: Node) -> None:
        inputs = [self.streams[outlet] for outlet in node.inputs]
        outlet = Outlet(node.name)
        match node:
            case Spring() | Asking():
                placed, roots = list(enumerate(node.items)), frozenset([node.name])
                stream = Stream(roots, node.count, placed, ordered=isinstance(node, Spring))
                self.streams[outlet] = stream
            case Step():
                self._step(node, inputs[0])
            case Sieve():
                self.streams[outlet] = inputs[0].where(lambda item: not node.drops.befalls(item))
            case Gather():
                gathered = _gathered(node, inputs[0])
                # Before a loop ends, it has batches put what they have gathered.
                cut = not node.folds and self._graph.loops
                self.streams[outlet] = evolve(gathered, known=gathered.known and not cut)
            case Parting():
                first, second = Outlet(node.name, way=0), Outlet(node.name, way=1)
                self.streams[first] = inputs[0].where(lambda item: node.way(item) == 0)
                self.streams[second] = inputs[0].where(lambda item: node.way(item) == 1)
            case Join(how="zip"):
                self._zip(node, inputs)
            case Join():
                self.streams[outlet] = _together(node, inputs)
            case _:
                pass

    def _step(self, step: Step, stream: Stream) -> None:
        made: Placed = [
            (at, outcome) for at, item in stream.placed for outcome in outcomes(step, item)
        ]
        if Outlet(step.name, outcomes=True) not in self._used:
            made = _results(made)
        after = stream.then(made)
        if not step.in_step:
            after = stream.anew(step.name, after.items)
        if step.workers > 1 and not step.ordered:
            after = evolve(after, ordered=False)
        self.streams[Outlet(step.name, outcomes=True)] = after
        self.streams[Outlet(step.name)] = after.then(_results(after.placed))
        failures: Sequence[object] = [
            Failure(item, mishap, step.name)
            for item in stream.items
            if (mishap := step.mishap(item)) is not None
        ]
        self.streams[Outlet(step.name, failures=True)] = evolve(
            stream.anew(step.name, failures), ordered=stream.ordered and step.workers == 1
        )

    def _zip(self, node: Join, inputs: Sequence[Stream]) -> None:
        joined = _joined(inputs)
        roots = frozenset[str]().union(*(stream.roots for stream in inputs))
        if frozenset[str].intersection(*(stream.roots for stream in inputs)):
            columns = [dict(stream.placed) for stream in inputs]
            length = min(stream.length for stream in inputs)
            placed = [
                (at, tuple(column[at] for column in columns))
                for at in sorted(columns[0])
                if all(at in column for column in columns)
            ]
            zipped = evolve(joined, roots=roots, length=length, placed=placed)
            even = len({stream.length for stream in inputs}) == 1
        else:
            tuples = list(zip(*(stream.items for stream in inputs), strict=False))
            # Which items meet is certain only where all the orders are.
            zipped = evolve(joined.anew(node.name, tuples), known=joined.known and joined.ordered)
            if not any(stream.gappy for stream in inputs):
                zipped = evolve(zipped, roots=roots | zipped.roots)
            even = len({len(stream.placed) for stream in inputs}) == 1
            self.strangers.add(node.name)
            # A queue of tuples is over with the first of its inputs, seen or unseen.
            even &= not any(isinstance(user, End) for user in self._used[Outlet(node.name)])
        self.streams[Outlet(node.name)] = zipped
        if not even or not joined.known:
            self.uneven.add(node.name)

    def _end_early(self) -> None:
        """Find who has no takers left once a zip has ended, and what is lost with them."""
        self.ending_early: set[str] = set()
        starved: set[str] = set()
        for node in reversed(self._graph.nodes):
            if self._deserted(node.name, failures=True):
                starved.add(node.name)
            if node.name in starved or self._deserted(node.name):
                self.ending_early.add(node.name)
        for node in self._graph.nodes:
            cut = node.name in starved or any(self.streams[outlet].early for outlet in node.inputs)
            for outlet, stream in self.streams.items():
                if outlet.node == node.name and (
                    cut or (outlet.failures and node.name in self.ending_early)
                ):
                    self.streams[outlet] = evolve(stream, early=True)

    def _deserted(self, name: str, *, failures: bool = False) -> bool:
        """Whether all who take the results, or the failures, of a node hang up.

        Beside outcomes, the failures are sieved out of these, and count as results.
        """
        apart = Outlet(name, outcomes=True) not in self._used
        users = [
            user
            for outlet, several in self._used.items()
            if outlet.node == name and (outlet.failures and apart) == failures
            for user in several
        ]
        return bool(users) and all(self.hangs_up(user) for user in users)

    def hangs_up(self, node: Node) -> bool:
        """Whether a node may end before its input does."""
        return node.name in self.uneven or node.name in self.ending_early


def _together(node: Join, streams: Sequence[Stream]) -> Stream:
    """Return what comes of streams in a merge, or in a rejoin."""
    placed = [each for stream in streams for each in stream.placed]
    if node.how == "merge":
        merged = _joined(streams).anew(node.name, [item for _, item in placed])
        return evolve(merged, ordered=False)
    return _joined(streams).then(sorted(placed, key=lambda each: each[0]))


def _results(outcomes: Placed) -> Placed:
    return [(at, outcome) for at, outcome in outcomes if not isinstance(outcome, Failure)]


def _gathered(node: Gather, stream: Stream) -> Stream:
    items = stream.items
    lists = [list(items[at : at + node.size]) for at in range(0, len(items), node.size)]
    known = stream.known and stream.ordered and node.within is None and node.every is None
    return evolve(stream.anew(node.name, lists), known=known, whole=False)


def _joined(streams: Sequence[Stream]) -> Stream:
    return evolve(
        streams[0],
        ordered=all(stream.ordered for stream in streams),
        known=all(stream.known for stream in streams),
        whole=all(stream.whole for stream in streams),
    )
