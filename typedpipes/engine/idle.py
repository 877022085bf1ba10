"""Feeds that end when their run is idle: when that is asked, and what is done then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from typedpipes.blueprint import Blueprint
from typedpipes.engine.batch import BatchNode
from typedpipes.engine.life import STOPS
from typedpipes.engine.node import Node
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.quiet import active
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.sources import FeedSource
from typedpipes.flow.edge import Edge
from typedpipes.flow.segment import WayOut
from typedpipes.source import Feed


class Idleness:
    """Closes the feeds that end when idle, once nothing in their run moves any more.

    Nodes are asked only when one of them has come to rest, which its edges say: so it costs nothing
    for each item, and nothing at all in a run without such a feed.

    Args:
        blueprint: what is run.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._any = any(
            isinstance(drawn.part, Feed) and drawn.part.ends_when_idle for drawn in blueprint.nodes
        )
        self._nodes: Sequence[Node] = ()
        self._asked = False

    def edge(self, maxsize: int, low: int, *, leaves: bool) -> Edge[Item]:
        """Return an edge of the run: one that says when the nodes at its ends come to rest.

        Args:
            maxsize: its bound.
            low: as for an `Edge`.
            leaves: whether it is a `WayOut`.
        """
        if self._any:
            kind = RestingWayOut if leaves else RestingEdge
            return kind(maxsize, low, self.ask)
        return WayOut(maxsize, low) if leaves else Edge(maxsize, low)

    def watch(self, nodes: Sequence[Node]) -> None:
        """Watch the nodes of the run."""
        self._nodes = nodes if self._any else ()

    def forget(self) -> None:
        """Drop the nodes, which refer to this."""
        self._nodes = ()

    def ask(self) -> None:
        """Look at the nodes soon: one of them has come to rest, or has ended."""
        if self._nodes and not self._asked:  # else the run is over, and perhaps its loop
            self._asked = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        if active(self._nodes):
            self._asked = False
        else:
            asyncio.get_running_loop().call_soon(self._look_again)

    def _look_again(self) -> None:
        self._asked = False
        if not active(self._nodes) and not self._flush():
            for node in self._nodes:
                if isinstance(node, IdleFeedSource):
                    node.end_idle()

    def _flush(self) -> bool:
        """Have nodes put what they have gathered: it may lead to new items.

        Returns:
            Whether there was any.
        """
        batches = [node for node in self._nodes if isinstance(node, BatchNode)]
        return bool([node for node in batches if node.flush()])


class RestingEdge(Edge[Item]):
    """An edge that says when a node that reads from it or writes into it comes to rest, or ends."""

    __slots__ = ("_rested",)

    def __init__(self, maxsize: int, low: int, rested: Callable[[], None]) -> None:
        super().__init__(maxsize, low)
        self._rested = rested

    def want_items(self) -> None:
        super().want_items()
        self._rested()

    def want_room(self, *, soon: bool = True) -> None:
        super().want_room(soon=soon)
        self._rested()

    def leave(self) -> None:
        super().leave()
        self._rested()

    def close(self) -> None:
        super().close()
        self._rested()


class RestingWayOut(WayOut, RestingEdge):
    """The same for items that belong to no request any more."""

    __slots__ = ()


class IdleFeedSource(FeedSource):
    """A feed that ends when idle.

    A run that drains still has items in hand, and they may lead to more: the feed keeps these, so
    that nothing that is put into it is lost.
    """

    __slots__ = ("_idleness", "_keeps")

    def __init__(
        self, feed: Feed[Item], ports: Ports, runtime: Runtime, idleness: Idleness
    ) -> None:
        super().__init__(feed, ports, runtime)
        self._idleness = idleness
        self._keeps = False

    def rests(self) -> bool:
        return self.resting

    async def turn(self, began: float) -> float:
        ended = await super().turn(began)
        self._idleness.ask()
        return ended

    def rest(self) -> None:
        if self._keeps and self.life is STOPS:
            self.resting = True  # until all others rest
        else:
            super().rest()

    def drain(self) -> None:
        """Give no more. What is in the feed stays there, and so does what is still put."""
        if self.life < STOPS:
            self._keeps = True
            self.stop()
            for edge in self.written():
                edge.close()
            self._idleness.ask()

    def end_idle(self) -> None:
        """End, because no node of the run can do anything more.

        A feed that is not empty waits for room as others do, unless the run drains.
        """
        if self._keeps:
            self.end()
        elif not self.inputs.waiting():
            self._feed.close()

    def forget(self) -> None:
        super().forget()
        self._idleness.forget()
