"""What holds a run up, and what would help: the numbers of a few seconds in one sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from typedpipes.gauges.rates import ProcessorRates, Rates
from typedpipes.gauges.snapshot import EdgeGauges, Gauges, ProcessorGauges

_FULL: Final = 0.9
"""The share of the time from which on the event loop has none left."""
_MOST: Final = 0.8
"""The share from which on a node does something nearly all the time."""
_HALF: Final = 0.5
"""The share from which on a node does something for the larger part."""


def find_verdict(later: Gauges, rates: Rates) -> str | None:
    """Return what holds a run up and what would help; nothing if nothing stands out.

    The first of the rules that knows something has the word: what is paused is not slow, and what
    waits for a full event loop is no bottleneck.

    Args:
        later: the last snapshot.
        rates: what changed since an earlier one.
    """
    flow = _Flow(later, rates)
    return next((found for rule in _RULES if (found := rule(flow))), None)


class _Flow:
    """A graph, and what each of its nodes did lately."""

    def __init__(self, later: Gauges, rates: Rates) -> None:
        self.later = later
        self.loop_busy = rates.loop_busy
        self.nodes: Sequence[tuple[ProcessorGauges, ProcessorRates]] = [
            *zip(later.processors, rates.processors, strict=True)
        ]
        self._rates = {each.name: each for each in rates.processors}
        self._before: dict[str, list[EdgeGauges]] = defaultdict(list)
        for edge in later.edges:
            self._before[edge.end].append(edge)

    def before(self, name: str) -> Sequence[EdgeGauges]:
        """Return the edges that lead to a node."""
        return self._before[name]

    def waits_before(self, name: str) -> bool:
        """Whether something that leads to a node waits for room most of the time."""
        return any(
            self._rates[edge.start].backpressured > _HALF
            if edge.start
            else edge.items == edge.limit  # a feed: what puts into it is outside
            for edge in self.before(name)
        )

    def behind_waits(self) -> Iterator[tuple[ProcessorGauges, ProcessorRates]]:
        """Yield the nodes some of whose items come from where something waits for room."""
        waits: set[str] = set()
        for node, rates in self.nodes:  # from upstream to downstream
            starts = [edge.start for edge in self.before(node.name)]
            if self.waits_before(node.name) or not waits.isdisjoint(starts):
                waits.add(node.name)
                yield node, rates

    def is_idle_behind(self, name: str) -> bool:
        """Whether all that a node leads to waits for items most of the time."""
        ends = [edge.end for edge in self.later.edges if edge.start == name]
        return bool(ends) and all(self._rates[end].idle > _HALF for end in ends)


def _wedge(flow: _Flow) -> str | None:
    return flow.later.wedge


def _opening(flow: _Flow) -> str | None:
    return "its resources are not open yet" if flow.later.state == "opening" else None


def _held_by_a_pause(flow: _Flow) -> str | None:
    paused = [
        node.name for node, rates in flow.nodes if node.state == "paused" and rates.paused > _HALF
    ]
    if not paused:
        return None
    alive = [node for node, _ in flow.nodes if node.state != "ended"]
    if len(paused) == len(alive):
        return "the run is paused: resume it"
    return f"{_names(paused)} {'is' if len(paused) == 1 else 'are'} paused: resume what is to go on"


def _full_event_loop(flow: _Flow) -> str | None:
    if flow.loop_busy <= _FULL:
        return None
    node, rates = max(flow.nodes, key=lambda each: each[1].computing)
    if rates.computing > _HALF * flow.loop_busy:
        return (
            f"the event loop is full: {node.name!r} computes {rates.computing:.0%} of the time. "
            "What it computes belongs in in_thread or in_process"
        )
    known = f", {node.name!r} the most ({rates.computing:.0%})" if rates.computing else ""
    return (
        f"the event loop is full, and no single processor fills it{known}. "
        "Larger items, or a share of the work in in_process, would help"
    )


def _unread_queue(flow: _Flow) -> str | None:
    for node, rates in reversed(flow.nodes):
        if node.kind != "reader" or not flow.waits_before(node.name):
            continue
        inside = sum(edge.items for edge in flow.before(node.name))
        if not rates.received:
            return f"nobody reads {node.name!r}: {inside:,} items wait there, and all before them"
        return (
            f"what reads {node.name!r} is the bottleneck: it takes {_rate(rates.received)}, and "
            f"{inside:,} items wait for it"
        )
    return None


def _bottleneck(flow: _Flow) -> str | None:
    for node, rates in reversed(flow.nodes):
        if rates.busy > _MOST and flow.waits_before(node.name):
            return _blame(node, rates, flow)
    return None


def _bottleneck_of_a_branch(flow: _Flow) -> str | None:
    """Find the node for which a zip waits.

    The fork waits for room in the other branch, whose items wait for their partners. So
    nothing waits for room in the slow one, and it holds as many items as the other.
    """
    busy = [each for each in flow.behind_waits() if each[1].busy > _MOST]
    if not busy:
        return None
    node, rates = max(busy, key=lambda each: sum(edge.items for edge in flow.before(each[0].name)))
    return _blame(node, rates, flow)


def _blame(node: ProcessorGauges, rates: ProcessorRates, flow: _Flow) -> str:
    workers = "its worker is" if node.workers == 1 else f"its {node.workers} workers are"
    return (
        f"{node.name!r} is the bottleneck: {workers} busy {rates.busy:.0%} of the time, "
        f"and what is before it waits. {_help_for(rates, flow.loop_busy)}"
    )


def _help_for(rates: ProcessorRates, loop_busy: float) -> str:
    if rates.computing > _HALF:
        return "It computes: in_process, with more workers, would help"
    return f"More workers would help: the event loop has {1 - loop_busy:.0%} of its time left"


def _slow_head(flow: _Flow) -> str | None:
    if flow.loop_busy > _MOST:
        return None  # its workers may well wait for a turn
    for node, rates in reversed(flow.nodes):
        if node.workers > 1 and rates.backpressured > _HALF and flow.is_idle_behind(node.name):
            return (
                f"{node.name!r} waits for its slowest items, because it keeps the order. "
                "A larger window, or ordered=False, would help"
            )
    return None


def _slow_source(flow: _Flow) -> str | None:
    sources = [
        (node, rates)
        for node, rates in flow.nodes
        if node.kind == "source" and node.state != "ended"
    ]
    fed = {edge.end for edge in flow.later.edges if not edge.start}
    slow = [
        node.name
        for node, rates in sources
        if (rates.idle if node.name in fed else rates.busy) > _MOST
    ]
    if not slow or len(slow) < len(sources):
        return None
    if all(name in fed for name in slow):
        return f"little is put into {_names(slow)}: everything else waits for that"
    are = "source {} is" if len(slow) == 1 else "sources {} are"
    return f"the {are.format(_names(slow))} slow: everything else waits for more items"


_RULES: Final[Sequence[Callable[[_Flow], str | None]]] = (
    _wedge,
    _opening,
    _held_by_a_pause,
    _full_event_loop,
    _unread_queue,
    _bottleneck,
    _slow_head,
    _bottleneck_of_a_branch,
    _slow_source,
)


def _names(names: Sequence[str]) -> str:
    *others, last = map(repr, names)
    return f"{', '.join(others)} and {last}" if others else last


def _rate(items: float) -> str:
    return f"{items:,.1f} items a second" if items < 100 else f"{items:,.0f} items a second"
