"""What the nodes of fittings share: nothing suspends in their turn."""

from __future__ import annotations

from typedpipes.engine.turns import TurnNode


class FittingNode(TurnNode):
    """A node without a coroutine: nothing suspends in its turn."""

    __slots__ = ()

    async def turn(self, began: float) -> float:
        count = self.begin_slice(began)
        if not count:
            return began
        self.move(count)
        return self.end_slice(began)

    def move(self, count: int) -> None:
        """Move that many items on."""
        raise NotImplementedError
