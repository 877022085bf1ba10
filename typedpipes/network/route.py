"""The route of a drawing: what it is as stops in many processes with legs between them.

A *stop* is a node; a *leg* is an edge that crosses the wire. Making the route finds all that cannot
be kept over a network, and says so before anything runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, get_args, get_origin

from attrs import frozen

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec
from typedpipes.errors import WiringError, WiringErrors
from typedpipes.fittings import Collector, Keep
from typedpipes.network.form import Codecs, Form, NoForm
from typedpipes.network.record import Record
from typedpipes.network.refusals import refusals
from typedpipes.network.wire import Reach, Stream
from typedpipes.processor import Failure, Processor, Sink
from typedpipes.show.items import Items
from typedpipes.source import Source

LONGEST_SLICE: Final = 100  # items

Part: TypeAlias = Source[Any] | Processor[Any, Any] | Keep[Any] | Collector[Any]
"""What a stop holds. Any: as in a blueprint."""


@frozen
class Leg:
    """An edge that crosses the wire.

    Attributes:
        name: unique in the run.
        start: the name of the node that gives.
        end: the name of the node that takes.
        failures: whether it takes the failures of `start` rather than its results.
        form: how its items travel; of failures, those that failed.
        in_hand: the most slices that all processes together have taken and not done.
    """

    name: str
    start: str
    end: str
    failures: bool
    form: Form
    in_hand: int

    @property
    def reach(self) -> Reach:
        """The leg, as the wire sees it."""
        return Reach(self.name, self.start, self.in_hand)

    def items(self, record: Record) -> Mapping[int, object]:
        """Return what this leg takes from a record, by places.

        Raises:
            ValueError: it cannot be decoded.
        """
        if not self.failures:
            return {place: self.form.decode(raw) for place, raw in record.items.items()}
        return {
            place: Failure(self.form.decode(lost.item), lost.error, self.start)
            for place, lost in record.failures.items()
        }

    def __str__(self) -> str:
        """Return the edge and what it carries, as messages name it."""
        carried = f"Failure[{self.form.type}]" if self.failures else self.form.type
        return f"{self.name}: {carried}"


@frozen
class Stop:
    """A node, in whatever processes work for it.

    Attributes:
        name: the name of the node.
        part: what it holds.
        leg: what it takes; `None` for a source.
        cap: the most slices before each node that follows; `None` if none does.
        forms: how its results travel, a form for each type that those who take them see.
        in_order: whether its results keep the order of its items.
        abreast: how many items of one slice are worked on at once.
        failures_lead_on: whether a leg takes its failures.
    """

    name: str
    part: Part
    leg: Leg | None
    cap: int | None
    forms: Sequence[Form]
    in_order: bool
    abreast: int
    failures_lead_on: bool

    @property
    def is_at_caller(self) -> bool:
        """Whether it belongs to the process that asked for the run."""
        return isinstance(self.part, Source | Collector)


@frozen
class Route:
    """The stops of a drawing, from upstream to downstream.

    Attributes:
        plumber: the name of the drawing.
        slice: the most items that travel together.
        stops: the stops.
    """

    plumber: str
    slice: int
    stops: Sequence[Stop]

    def streams(self) -> Sequence[Stream]:
        """Return what the wire has to know."""
        reaches: dict[str, list[Reach]] = defaultdict(list)
        for stop in self.stops:
            if stop.leg is not None:
                reaches[stop.leg.start].append(stop.leg.reach)
        return [Stream(stop.name, stop.cap, tuple(reaches[stop.name])) for stop in self.stops]

    def description(self) -> Sequence[str]:
        """Return what all processes of a run have to agree on, a line for each fact."""
        lines = [f"slices of {self.slice}"]
        for stop in self.stops:
            settings = f"{type(stop.part).__name__} {stop.name!r}"
            if stop.leg is not None:
                lines.append(str(stop.leg))
                settings += f", {stop.leg.in_hand} slices in hand, {stop.abreast} items of each"
            if not stop.in_order:
                settings += ", in any order"
            if stop.cap is not None:
                settings += f", then room for {stop.cap} slices"
            lines.append(settings)
        return lines


def route_of(
    blueprint: Blueprint, codecs: Codecs | None = None, *, longest: int | None = None
) -> Route:
    """Return the route of a drawing.

    Args:
        blueprint: the drawing.
        codecs: for items of classes that msgspec does not know.
        longest: the most items that travel together, 1 or more; by default a quarter of the
            smallest buffer, an eighth of the workers of any processor that has several, and 100
            at most.

    Raises:
        WiringErrors: everything in it that cannot be kept over a network.
    """
    errors = [*refusals(blueprint)]
    items = Items(blueprint)
    legs: dict[EdgeSpec, Form] = {}
    for node in blueprint.nodes:
        for edge in node.inputs:
            try:
                legs[edge] = _form(items, edge, node, codecs or {})
            except NoForm as error:
                errors.append(_no_form(edge, node, items, error))
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
    return Route(
        blueprint.name,
        size,
        [_stop(node, blueprint, legs, size) for node in blueprint.nodes],
    )


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


def _form(items: Items, edge: EdgeSpec, node: NodeSpec, codecs: Codecs) -> Form:
    hint = items.hint_along(edge, node)
    if edge.failures and get_origin(hint) is Failure:
        hint = get_args(hint)[0]
    return Form(hint, codecs)


def _no_form(edge: EdgeSpec, node: NodeSpec, items: Items, error: NoForm) -> WiringError:
    carried = items.along(edge, node)
    return WiringError(
        f"the edge {_edge_name(edge)} cannot go over a network: "
        f"{f'it carries {carried}, and ' if carried else ''}{error}. Annotate it with a type that "
        "can travel (numbers, text, bytes, times, containers and dataclasses of them), or pass a "
        "codec for the class.",
        nodes=[edge.start, node.name],
    )


def _edge_name(edge: EdgeSpec) -> str:
    start = f"failures of {edge.start!r}" if edge.failures else repr(edge.start)
    return f"{start} -> {edge.end!r}"


def _stop(node: NodeSpec, blueprint: Blueprint, legs: Mapping[EdgeSpec, Form], size: int) -> Stop:
    part = node.part
    if not isinstance(part, Source | Processor | Keep | Collector):
        raise TypeError(f"{part!r} should have been refused")
    workers = _workers(node)
    leg = None
    for edge in node.inputs:
        in_hand = max(workers // size, 1)
        leg = Leg(_edge_name(edge), edge.start, edge.end, edge.failures, legs[edge], in_hand)
    leading = [edge for edge in blueprint.edges if edge.start == node.name]
    return Stop(
        node.name,
        part,
        leg,
        min((edge.maxsize // size for edge in leading), default=None),
        tuple(_distinct(legs[edge] for edge in leading if not edge.failures)),
        in_order=not isinstance(part, Processor) or part.ordered or workers == 1,
        abreast=min(workers, size),
        failures_lead_on=any(edge.failures for edge in leading),
    )


def _distinct(forms: Iterator[Form]) -> Iterator[Form]:
    seen: set[str] = set()
    for form in forms:
        if form.type not in seen:
            seen.add(form.type)
            yield form
