"""The route of a drawing: what it is as stops in many processes with legs between them.

A *stop* is a node, or what joins several inputs before one; a *leg* is an edge that crosses the
wire. Making the route finds all that cannot be kept over a network, and says so before anything
runs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from attrs import evolve, frozen

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec
from typedpipes.blueprint.finish import ready_for_failures
from typedpipes.errors import WiringError, WiringErrors
from typedpipes.exchange import Replies
from typedpipes.fittings import Relay
from typedpipes.network.form import Codecs
from typedpipes.network.forming import Forms, name_of
from typedpipes.network.leg import Leg
from typedpipes.network.refusals import refusals
from typedpipes.network.stop import OnFailure, Part, Stop
from typedpipes.network.wire import Reach, Stream
from typedpipes.processor import Processor, Sink

LONGEST_SLICE: Final = 100  # items


@frozen
class Route:
    """The stops of a drawing, from upstream to downstream.

    Attributes:
        plumber: the name of the drawing.
        slice: the most items that travel together.
        stops: the stops.
        on_failure: what the run does when an item fails whose failure leads nowhere.
    """

    plumber: str
    slice: int
    stops: Sequence[Stop]
    on_failure: Literal["abort", "drain"] = "abort"

    def streams(self) -> Sequence[Stream]:
        """Return what the wire has to know."""
        reaches: dict[str, list[Reach]] = defaultdict(list)
        for stop in self.stops:
            for leg in stop.legs:
                reaches[leg.start].append(leg.reach)
        return [Stream(stop.name, stop.cap, tuple(reaches[stop.name])) for stop in self.stops]

    def description(self) -> Sequence[str]:
        """Return what all processes of a run have to agree on, a line for each fact."""
        lines = [f"slices of {self.slice}", f"on_failure={self.on_failure!r}"]
        for stop in self.stops:
            settings = f"{type(stop.part).__name__} {stop.name!r}"
            for leg in stop.legs:
                lines.append(str(leg))
                settings += f", {leg.in_hand} slices in hand, {stop.abreast} items of each"
            if not stop.in_order:
                settings += ", in any order"
            if stop.cap is not None:
                settings += f", then room for {stop.cap} slices"
            lines.append(settings)
        return lines


def route_of(
    blueprint: Blueprint,
    codecs: Codecs | None = None,
    *,
    longest: int | None = None,
    on_failure: Literal["abort", "drain"] = "abort",
) -> Route:
    """Return the route of a drawing.

    Args:
        blueprint: the drawing.
        codecs: for items of classes that msgspec does not know.
        longest: the most items that travel together, 1 or more; by default a quarter of the
            smallest buffer, an eighth of the workers of any processor that has several, and 100
            at most.
        on_failure: what the run does when an item fails whose failure leads nowhere.

    Raises:
        WiringErrors: everything in it that cannot be kept over a network.
    """
    if on_failure == "drain":
        blueprint = ready_for_failures(blueprint)
    forms = Forms(blueprint, codecs or {})
    errors = [*refusals(blueprint), *forms.errors]
    size = _slice(blueprint)
    if longest is not None:
        smallest = min((edge.maxsize for edge in blueprint.edges), default=1)
        if longest > smallest:
            errors.append(
                WiringError(
                    f"slice={longest} is more than the buffer of {smallest} that an edge of "
                    f"{blueprint.name!r} has. Make the slice shorter, or the buffer longer."
                )
            )
        size = longest
    if errors:
        raise WiringErrors(blueprint.name, errors)
    laying = _Laying(blueprint, forms, size, "drains" if on_failure == "drain" else "aborts")
    stops = [stop for node in blueprint.nodes for stop in laying.stops(node)]
    return Route(blueprint.name, size, _with_deserters(stops), on_failure)


def _with_deserters(stops: Sequence[Stop]) -> Sequence[Stop]:
    """Note for each stop whether all that take its results may end before it does."""
    found: dict[str, Stop] = {}  # from downstream to upstream
    for stop in reversed(stops):
        takers = [
            each
            for each in found.values()
            if any(leg.start == stop.name and leg.takes != "failures" for leg in each.legs)
        ]
        if all(each.may_end_early for each in takers):
            stop = evolve(stop, deserted_by=tuple(each.name for each in takers))  # noqa: PLW2901
        found[stop.name] = stop
    return [*reversed(found.values())]


def _slice(blueprint: Blueprint) -> int:
    shares = [edge.maxsize // 4 for edge in blueprint.edges]
    shares += [workers // 8 for node in blueprint.nodes if (workers := _workers(node)) > 1]
    return max(min(*shares, LONGEST_SLICE), 1) if shares else 1


def _workers(node: NodeSpec) -> int:
    """Return how many calls may overlap, in all processes together."""
    part = node.part
    if not isinstance(part, Processor):
        return 1
    return part.workers if isinstance(part, Sink) else min(part.workers, part.window)


class _Laying:
    """Lays out the nodes of a drawing as stops.

    A node that takes several inputs becomes two: one that joins them, and the node itself, which
    takes what comes out of that. So whatever makes calls has one input, whose slices in hand are
    what bounds them.
    """

    def __init__(
        self, blueprint: Blueprint, forms: Forms, size: int, on_failure: OnFailure
    ) -> None:
        self._blueprint = blueprint
        self._forms = forms
        self._size = size
        self._on_failure: OnFailure = on_failure
        self._names: Counter[str] = Counter()  # of legs

    def stops(self, node: NodeSpec) -> Iterator[Stop]:
        """Yield the stops of a node, from upstream to downstream."""
        name = node.name
        legs = [self._leg(edge, number, node) for number, edge in enumerate(node.inputs)]
        if len(legs) > 1 and not isinstance(node.part, Relay):
            name = f"the {node.how} before {node.name!r}"
            cap = min(edge.maxsize for edge in node.inputs) // self._size
            yield self._stop(name, node, Relay(name), legs, cap)
            legs = [self._only_leg(name, node, cap)]
        if isinstance(node.part, Replies):
            raise TypeError(f"{node.part!r} should have been refused")
        yield self._stop(node.name, node, node.part, legs, self._cap(node.name))

    def _cap(self, name: str) -> int | None:
        """Return how many slices a leg behind a node may have before it."""
        leading = (edge for edge in self._blueprint.edges if edge.start == name)
        return min((edge.maxsize // self._size for edge in leading), default=None)

    def _stop(
        self, name: str, node: NodeSpec, part: Part, legs: Sequence[Leg], cap: int | None
    ) -> Stop:
        workers = _workers(node)
        joins = isinstance(part, Relay)
        return Stop(
            name,
            node.name,
            part,
            node.how if len(legs) > 1 else "one" if legs else "none",
            tuple(legs),
            cap,
            {} if joins else self._forms.given(node),
            in_order=not isinstance(part, Processor) or part.ordered or workers == 1,
            abreast=1 if joins or _is_generator(node) else min(workers, self._size),
            on_failure="leads on" if not joins and self._leads_on(node) else self._on_failure,
            leaves_gaps=node.leaves_gaps,
            outcomes=node.outcomes and not joins,
        )

    def _leads_on(self, node: NodeSpec) -> bool:
        """Whether an edge takes the failures of a node."""
        return any(
            edge.start == node.name and (edge.failures or node.outcomes)
            for edge in self._blueprint.edges
        )

    def _leg(self, edge: EdgeSpec, number: int, node: NodeSpec) -> Leg:
        start = next(each for each in self._blueprint.nodes if each.name == edge.start)
        name = name_of(edge)
        self._names[name] += 1
        if self._names[name] > 1:  # two ways of a split, or the same twice in a zip
            name += f" ({self._names[name]})"
        joins = len(node.inputs) > 1
        return Leg(
            name,
            edge.start,
            number,
            "failures" if edge.failures else "outcomes" if start.outcomes else "results",
            edge.way or 0,
            self._forms.along(edge, number),
            1 if joins else self._in_hand(node),
            skips_gaps=joins and edge.gaps == "skip",
            hint_every=_hint_every(self._cap(edge.start)),
        )

    def _only_leg(self, joint: str, node: NodeSpec, cap: int) -> Leg:
        return Leg(
            f"{joint} -> {node.name!r}",
            joint,
            0,
            "results",
            0,
            self._forms.taken(node),
            self._in_hand(node),
            hint_every=_hint_every(cap),
        )

    def _in_hand(self, node: NodeSpec) -> int:
        workers = _workers(node)
        return workers if _is_generator(node) else max(workers // self._size, 1)


def _hint_every(cap: int | None) -> int:
    """Return how many slices are done between two hints that there is room.

    As many are given then at once; three times as many are still before those who take them.
    """
    return max((cap or 0) // 4, 1)


def _is_generator(node: NodeSpec) -> bool:
    """Whether the items of a slice are worked on one by one, with any number of results."""
    return isinstance(node.part, Processor) and node.part.kind == "generator"
