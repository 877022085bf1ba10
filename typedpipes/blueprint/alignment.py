"""How a zip keeps its pairs: which inputs belong together, and where a gap replaces an item.

The *lineage* of a branch is what is in step with it: the nodes that lead to it by
steps of one item in, one item out, back to the last node that gives items at a
pace of its own. Two inputs of a zip that share a part of their lineage come from one fork,
and whatever drops an item between the fork and the zip must leave a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations

from attrs import evolve

from typedpipes.blueprint import EdgeSpec, Gaps, NodeSpec
from typedpipes.errors import WiringError
from typedpipes.fittings import Keep, Relay, Split
from typedpipes.offload.job import job_of
from typedpipes.processor import Processor


def align(
    nodes: Sequence[NodeSpec], *, all_may_fail: bool = False
) -> tuple[Sequence[NodeSpec], Sequence[WiringError]]:
    """Mark the inputs that zips keep aligned, the gaps this requires, and the room for items.

    Args:
        nodes: from upstream to downstream.
        all_may_fail: whether processors whose failures go nowhere leave gaps too.

    Returns:
        The marked nodes, and an error for each zip that cannot keep its pairs.
    """
    zips = [node for node in nodes if node.how in _IN_STEP]
    splits = any(isinstance(node.part, Split) for node in nodes)
    if not zips and not splits:
        return nodes, ()
    branches = _Branches(nodes)
    keepers = branches.between(zips)
    failing = {edge.start for node in nodes for edge in node.inputs if edge.failures}
    gappy: set[str] = set()
    marked: list[NodeSpec] = []
    for node in nodes:
        keeps = node.name in keepers
        paired = branches.paired(node)
        inputs = [
            evolve(edge, gaps=_gaps(node, keeps, number in paired))
            if edge.start in gappy and not edge.failures
            else evolve(edge, gaps="none")
            for number, edge in enumerate(node.inputs)
        ]
        if node.how in _IN_STEP:
            inputs = [*map(_with_room, inputs, branches.behind(node))]
        drops = bool(node.exchange) and isinstance(node.part, Processor)  # of a request withdrawn
        fails = node.name in failing or (all_may_fail and isinstance(node.part, Processor))
        makes = isinstance(node.part, Keep) or drops or (fails and not node.outcomes)
        if isinstance(node.part, Split) or (
            keeps and (makes or any(edge.gaps == "pass" for edge in inputs))
        ):
            gappy.add(node.name)
        marked.append(evolve(node, inputs=inputs, leaves_gaps=keeps))
    errors = [error for node in zips for error in branches.out_of_step(node)]
    return marked, [*errors, *_torn(marked), *_not_apart(nodes)]


_IN_STEP = ("zip", "rejoin")
"""How inputs are taken that have to stay in step."""


def _gaps(node: NodeSpec, keeps: bool, paired: bool) -> Gaps:
    """Return what becomes of the gaps that come along an input of a node."""
    together = node.how in _IN_STEP
    if together and not paired:
        return "skip"
    if keeps:
        return "pass"
    return "pair" if together else "skip"


def _with_room(edge: EdgeSpec, items: int) -> EdgeSpec:
    """Let an edge hold that many items, unless the user set its bound."""
    return edge if edge.asked or edge.maxsize >= items else evolve(edge, maxsize=items)


def _torn(nodes: Sequence[NodeSpec]) -> Iterator[WiringError]:
    """Find zips that would have to leave a gap for one input and not take from another."""
    for node in nodes:
        for edge in node.inputs:
            if node.leaves_gaps and node.how == "zip" and edge.gaps == "skip":
                others = ", ".join(repr(each.start) for each in node.inputs if each is not edge)
                yield WiringError(
                    f"the zip before {node.name!r} cannot stay in step with a zip further on: its "
                    f"input {edge.start!r} leaves items out, and {others} comes from elsewhere. "
                    "Zip all branches of the fork first, and this one with the result.",
                    nodes=[node.name, edge.start],
                )


def _not_apart(nodes: Sequence[NodeSpec]) -> Iterator[WiringError]:
    """Find rejoins whose inputs are not different ways of one split."""
    ways: dict[
        str, Mapping[str, AbstractSet[int]]
    ] = {}  # of a node: which ways of a split lead to it
    for node in nodes:
        before = [
            {**ways[edge.start], **({} if edge.way is None else {edge.start: {edge.way}})}
            for edge in node.inputs
        ]
        ways[node.name] = _all_ways(before) if _in_step(node) else {}
        if node.how != "rejoin":
            continue
        for (one, here), (other, there) in combinations(zip(node.inputs, before, strict=True), 2):
            if all(here[split] & there[split] for split in here.keys() & there.keys()):
                yield WiringError(
                    f"the rejoin before {node.name!r} takes {one.start!r} and {other.start!r}, "
                    "which are not different ways of one split. Merge them.",
                    nodes=[node.name, one.start, other.start],
                )


def _all_ways(several: Sequence[Mapping[str, AbstractSet[int]]]) -> Mapping[str, AbstractSet[int]]:
    """Return the ways of each split that lead to all of several inputs, taken together."""
    if not several:
        return {}
    splits = set[str].intersection(*[set(each) for each in several])
    return {split: set[int]().union(*[each[split] for each in several]) for split in splits}


class _Branches:
    """What leads to each node, and what of it is in step with the node's output.

    A set of nodes is an int with a bit for each: there are many, and they are used often.
    """

    def __init__(self, nodes: Sequence[NodeSpec]) -> None:
        self._nodes = nodes
        self._places = {node.name: place for place, node in enumerate(nodes)}
        self._leading: dict[str, int] = {}  # to a node, itself included
        self._lineages: dict[str, int] = {}
        self._windows = {
            place: window for place, node in enumerate(nodes) if (window := _window(node))
        }
        self._wide = sum(1 << place for place in self._windows)
        for place, node in enumerate(nodes):
            leading = lineage = 1 << place
            for edge in node.inputs:
                leading |= self._leading[edge.start]
                lineage |= self._lineage(edge) if _in_step(node) else 0
            self._leading[node.name] = leading
            self._lineages[node.name] = lineage

    def _lineage(self, edge: EdgeSpec) -> int:
        if edge.failures:  # in step with nothing but themselves
            return 1 << len(self._nodes) + self._places[edge.start]
        return self._lineages[edge.start]

    def paired(self, node: NodeSpec) -> Sequence[int]:
        """Return the inputs of a zip, by number, that are in step with another from their fork."""
        lineages = [self._lineage(edge) for edge in node.inputs] if node.how in _IN_STEP else []
        _, shared, _ = _overlap(lineages)
        return [number for number, lineage in enumerate(lineages) if lineage & shared]

    def behind(self, node: NodeSpec) -> Sequence[int]:
        """Return for each input of a zip how many items another branch of its fork may hold back.

        The fork gives all branches the same items, so while these are held back, their partners
        wait before the zip: with less room for those, fewer items could be in progress.
        """
        lineages = {number: self._lineage(node.inputs[number]) for number in self.paired(node)}
        _, _, every = _overlap(lineages.values())
        held = {number: self._held(lineage & ~every) for number, lineage in lineages.items()}
        most, next_most, *_ = sorted([*held.values(), 0, 0], reverse=True)
        others = {number: next_most if own == most else most for number, own in held.items()}
        return [others.get(number, 0) for number in range(len(node.inputs))]

    def _held(self, nodes: int) -> int:
        """Add up the windows of nodes."""
        held = 0
        wide = nodes & self._wide
        while wide:
            place = wide.bit_length() - 1
            wide ^= 1 << place
            held += self._windows[place]
        return held

    def between(self, zips: Sequence[NodeSpec]) -> set[str]:
        """Return the nodes between a fork and a zip."""
        found = 0
        for node in zips:
            lineages = [self._lineage(edge) for edge in node.inputs]
            some, shared, every = _overlap(lineages)
            own = some & ~every & ~found & (1 << len(self._nodes)) - 1
            while own:  # usually few of very many nodes
                place = own.bit_length() - 1
                own ^= 1 << place
                lineage = self._lineages[self._nodes[place].name]
                if lineage & shared and any(
                    lineage & other for other in lineages if not other >> place & 1
                ):
                    found |= 1 << place
        return {node.name for place, node in enumerate(self._nodes) if found >> place & 1}

    def out_of_step(self, node: NodeSpec) -> Iterator[WiringError]:
        """Yield an error for each input of a zip that is not in step with one from its fork."""
        _, _, every = _overlap(map(self._lineage, node.inputs))
        if every:
            return  # the usual case: all come from one fork, in step
        for number, left in enumerate(node.inputs):
            for right in node.inputs[number + 1 :]:
                shared = self._leading[left.start] & self._leading[right.start]
                if shared and not self._lineage(left) & self._lineage(right):
                    fork = self._nodes[shared.bit_length() - 1].name
                    yield self._misaligned(node, left, right, fork)
                    break

    def _misaligned(
        self, node: NodeSpec, left: EdgeSpec, right: EdgeSpec, fork: str
    ) -> WiringError:
        ways = [(self._path(fork, edge), edge) for edge in (left, right)]
        path, culprit, why = next(
            (path, *found) for path, edge in ways if (found := self._culprit(path, edge))
        )
        way_out = "leave it out of the branch, or set ordered=True"
        if not why.endswith(_UNORDERED):
            way_out = "or leave it out of the branch"
        way = " -> ".join(repr(name) for name in [*path, node.name])
        wrong = "pair wrong items" if node.how == "zip" else "mix up the order"
        return WiringError(
            f"the {node.how} before {node.name!r} would {wrong}: {left.start!r} and "
            f"{right.start!r} both come from {fork!r}, but on the way {way} {why}. "
            f"{node.how.capitalize()} before that, {way_out}.",
            nodes=[node.name, left.start, right.start, fork],
            culprit=culprit,
        )

    def _path(self, fork: str, edge: EdgeSpec) -> list[str]:
        """Return the nodes from a fork to the start of an edge, inclusive."""
        path = [edge.start]
        mark = 1 << self._places[fork]
        while path[0] != fork:
            node = self._nodes[self._places[path[0]]]
            path.insert(
                0, next(each.start for each in node.inputs if self._leading[each.start] & mark)
            )
        return path

    def _culprit(self, path: Sequence[str], last: EdgeSpec) -> tuple[str | None, str] | None:
        """Return which node gives its items at a pace of its own on the way from a fork, and why.

        Return no node if the way only leads through its failures, and nothing if all keep step.
        """
        nodes = [self._nodes[self._places[name]] for name in path[1:]]
        for edge in [*(edge for node in nodes for edge in node.inputs), last]:
            if edge.failures and edge.start in path:
                return None, f"only the failures of {edge.start!r} are taken"
        return next(
            ((node.name, f"{node.name!r} {_why(node)}") for node in nodes if not _in_step(node)),
            None,
        )


def _overlap(sets: Iterable[int]) -> tuple[int, int, int]:
    """Return what is in any of the sets, in several, and in all."""
    some = several = 0
    every = -1
    for each in sets:
        several |= some & each
        some |= each
        every &= each
    return some, several, every


def _window(node: NodeSpec) -> int:
    """Return how many items a node may have taken whose results it has not given."""
    part = node.part
    if not isinstance(part, Processor):
        return 0
    return part.window if part.workers > 1 or job_of(part.coro) is not None else 0


def _in_step(node: NodeSpec) -> bool:
    """Whether a node gives one item, or a gap, for each item it takes, in the same order."""
    part = node.part
    if node.how == "merge":
        return False
    if isinstance(part, Processor):
        return part.kind == "coroutine" and (part.ordered or part.workers == 1)
    return isinstance(part, Keep | Split | Relay)


_UNORDERED = "is not ordered"


def _why(node: NodeSpec) -> str:
    if node.how == "merge":
        return "takes a merge, which mixes its inputs"
    if isinstance(node.part, Processor):
        return "gives any number of items for one" if node.part.kind == "generator" else _UNORDERED
    return "gives lists"
