"""A process that checks and draws definitions, so that the server's event loop goes on.

A thread would not do: it takes the interpreter from the loop at every read of a socket. The
process speaks the protocol of the server, a line for each message, and ends with its input.

python -m demos.web.drawing_process    reads `check` requests, writes `checked` or `wrong`
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from pathlib import Path

import msgspec

from demos.web.drawing import check
from demos.web.limits import Limits
from demos.web.protocol import Check, Checked, Definition, Mistake, Wrong
from demos.web.wire import text_of

PATIENCE = 10.0  # seconds for one definition: far more than the largest takes
LONGEST = 4_000_000  # bytes of an answer
ROOT = Path(__file__).resolve().parents[2]
AnyAnswer = Checked | Wrong

log = logging.getLogger(__name__)


class DrawingProcess:
    """Checks and draws definitions elsewhere, one after the other in the order of asking.

    The process is started when it is needed, and again if it dies or takes too long.

    Args:
        limits: of the definitions.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._turn = asyncio.Lock()
        self._owed = 0  # answers that are still to come
        self._process: asyncio.subprocess.Process | None = None

    async def check(self, definition: Definition) -> Checked | Wrong:
        """Say whether a definition is right, with its graph or with its mistakes."""
        async with self._turn:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await self._asked(text_of(Check(definition)))
            except TimeoutError:
                what = "it takes too long to draw. Leave something out."
            except OSError as error:
                log.warning("a definition could not be drawn: %s", error)
                what = "it could not be drawn: the process for that has ended. Try again."
            await self.stop()
        return Wrong([Mistake(what, "", None)])

    async def start(self) -> asyncio.subprocess.Process:
        """Start the process, unless it is there. Then the first to ask need not wait for that."""
        if self._process is None or self._process.returncode is not None:
            self._process = await _started(self._limits)
            self._owed = 0
        return self._process

    async def _asked(self, question: str) -> Checked | Wrong:
        process = await self.start()
        asking, answers = process.stdin, process.stdout
        assert asking is not None  # noqa: S101  # for type checkers: it is a pipe
        assert answers is not None  # noqa: S101  # as above
        asking.write(f"{question}\n".encode())
        self._owed += 1
        await asking.drain()
        while True:
            answer = await answers.readline()
            if not answer:
                raise ChildProcessError("the process that draws has ended")
            self._owed -= 1
            if not self._owed:  # those before it were asked by clients that did not wait
                said: Checked | Wrong = msgspec.convert(json.loads(answer), AnyAnswer)
                return said

    async def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _started(limits: Limits) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demos.web.drawing_process"),
        msgspec.json.encode(limits).decode(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        start_new_session=True,  # Ctrl-C is for the server, which needs it to the end
    )


def main() -> None:
    """Answer requests until there are no more."""
    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    for line in sys.stdin:
        # Not by msgspec, which reads no half of a surrogate pair: see `text_of`.
        asked = msgspec.convert(json.loads(line), Check)
        try:
            print(text_of(check(asked.definition, limits)), flush=True)
        except BrokenPipeError:
            os._exit(0)  # the server is gone, and there is nothing to flush


if __name__ == "__main__":
    main()
