"""The checks of one client: one at a time, and the newest wins."""

from __future__ import annotations

from demos.web.drawing_process import DrawingProcess
from demos.web.protocol import Checked, Definition, Wrong
from demos.web.session import Session


class Checking:
    """Checks what a client types, for as long as there is something newer.

    What comes while a check goes on, or while the client has not read the last answers, takes
    the place of what came before it. So a client has one definition here, however fast it asks.

    Args:
        client: who gets the answers.
        definition: what to check first.
    """

    def __init__(self, client: Session, definition: Definition) -> None:
        self._client = client
        self._newest = definition

    def replace(self, definition: Definition) -> None:
        """Check this instead."""
        self._newest = definition

    async def answer(self, drawing: DrawingProcess) -> Checked | Wrong:
        """Check until there is nothing newer, and return what the client is to be told."""
        while True:
            await self._client.room()
            definition = self._newest
            answer = await drawing.check(definition)
            if definition is self._newest:
                return answer
