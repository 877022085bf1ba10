"""A run that is wedged: nothing in it can move any more, and it is not over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from typedpipes.blueprint import Blueprint
from typedpipes.engine.life import ENDED, PAUSED
from typedpipes.engine.lulls import FOR_ROOM
from typedpipes.engine.node import Node
from typedpipes.engine.ports import Item
from typedpipes.engine.read import ReadNode
from typedpipes.engine.sources import FeedSource
from typedpipes.engine.stage import StageNode
from typedpipes.flow.edge import Edge

Putting: TypeAlias = Mapping[asyncio.Task[Any] | None, FeedSource]  # Any: tasks of the user
"""Which tasks wait to put into a feed of the run, which is full."""

_MOST = 8
"""So many nodes are named at most."""


def find_wedge(
    blueprint: Blueprint, nodes: Sequence[Node], feeds: Sequence[FeedSource]
) -> str | None:
    """Return who waits for whom in a run in which nothing can move; nothing if something can.

    Something can move where a coroutine waits for anything but this run, a source may come with an
    item, a feed is open and not full, something is paused, or a timer goes: such a run is idle.

    Between two steps of the event loop, as `active` of quiet.py, whose question this goes beyond.

    Args:
        blueprint: what is run.
        nodes: its nodes, in the same order.
        feeds: those of them that are feeds.
    """
    putting = {task: feed for feed in feeds if feed.life is not ENDED for task in feed.putting()}
    if any(node.life is not ENDED and _can_move(node, putting) for node in reversed(nodes)):
        return None
    live = [node for node in nodes if node.life is not ENDED]
    if not any(node.wait is FOR_ROOM or _fills(node, putting) for node in live):
        return None  # nothing is stuck: what waits for items only is about to end
    graph = _Graph(blueprint, nodes)
    waits = [wait for node in live for wait in graph.waits_of(node, putting)]
    more = "; and so on" if len(waits) > _MOST else ""
    return f"nothing can move any more: {'; '.join(waits[:_MOST])}{more}"


def _can_move(node: Node, putting: Putting) -> bool:
    """Whether a node can do something before another one has items for it, or room."""
    if node.life is PAUSED or node.has_timer():
        return True
    if isinstance(node, ReadNode) and node.inputs.available():
        reader = node.reader()  # which works on what it has taken
        return reader is not None and reader not in putting
    if _fills(node, putting) is not None:
        return False
    # What was woken asks no edge any more, and is about to go on.
    return not node.rests() or not any(_asked(node))


def _fills(node: Node, putting: Putting) -> FeedSource | None:
    """Return the feed of the run that all coroutines of a node wait to put into."""
    into = [putting[task] for task in node.tasks if task in putting] if putting else []
    if into and isinstance(node, StageNode) and len(into) == node.in_flight:
        return into[0]
    return None


def _asked(node: Node) -> Iterator[bool]:
    """Tell for each edge of a node whether the node waits to be woken there."""
    yield from (edge.writer_waits for edge in node.written())
    if isinstance(node, StageNode):
        yield from (edge.reader_waits for edge in node.inputs.edges)


class _Graph:
    """Who is at the ends of each edge, as it is drawn."""

    def __init__(self, blueprint: Blueprint, nodes: Sequence[Node]) -> None:
        self._writers: dict[int, str] = {}
        self._readers: dict[int, str] = {}
        self._places: dict[str, str] = {}
        for node, drawn in zip(nodes, blueprint.nodes, strict=True):
            place = repr(node.name)
            if drawn.how in ("zip", "merge", "rejoin"):
                place = f"the {drawn.how} before {place}"
            self._places[node.name] = place
            for edge, spec in zip(_inputs(node, len(drawn.inputs)), drawn.inputs, strict=True):
                self._writers[id(edge)] = repr(spec.start)
                self._readers[id(edge)] = place

    def waits_of(self, node: Node, putting: Putting) -> Iterator[str]:
        """Tell what a node waits for, and for whom."""
        feed = _fills(node, putting)
        if feed is not None:
            yield f"{node.name!r} waits to put into the feed {feed.name!r}, which is full"
        elif isinstance(node, ReadNode) and node.inputs.available():
            yield f"nobody reads {node.name!r}"
        elif node.wait is FOR_ROOM:
            asked = [edge for edge in node.written() if edge.writer_waits]
            for edge in [edge for edge in asked if edge.room() <= 0] or asked:
                yield f"{node.name!r} waits for room before {self._readers[id(edge)]}"
        elif isinstance(node, StageNode):
            for edge in node.inputs.edges:
                if edge.reader_waits and id(edge) in self._writers:
                    place, writer = self._places[node.name], self._writers[id(edge)]
                    yield f"{place} waits for items of {writer}"


def _inputs(node: Node, drawn: int) -> Sequence[Edge[Item]]:
    """Return the edges that lead to a node; none for the one of a feed, which is not drawn."""
    return node.inputs.edges if isinstance(node, StageNode) and drawn else ()
