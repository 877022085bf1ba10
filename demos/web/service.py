"""The service: all clients of a server, their runs, and the end of both."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from demos.web.drawing import draw, mistakes_of
from demos.web.limits import Limits
from demos.web.offered import offers
from demos.web.protocol import (
    AnyRequest,
    Cancel,
    Check,
    Checked,
    Definition,
    Ended,
    Example,
    Goodbye,
    Refused,
    Run,
    RunReport,
    Started,
    Taken,
    Welcome,
    Wrong,
)
from demos.web.running import Running
from demos.web.session import Line, Session
from demos.web.wire import Malformed
from typedpipes import DefinitionErrors, Plumber
from typedpipes.show import show

EXAMPLES = Path(__file__).parent / "examples"
REMEMBERED = 20  # runs that have ended, for `/status`

log = logging.getLogger(__name__)


class RunGoing(Struct, frozen=True):
    """A run that goes on, as `/status` tells of it."""

    run: int
    results: int
    report: RunReport


class RunOver(Struct, frozen=True):
    """A run that has ended, as `/status` tells of it.

    Attributes:
        cleaned_up: how many items the cleanup coroutines found, by node.
    """

    run: int
    results: int
    by: str
    what: str
    cleaned_up: dict[str, int]
    report: RunReport


class Status(Struct, frozen=True):
    """What the server does now, and what it did lately."""

    clients: int
    running: Sequence[RunGoing]
    ended: Sequence[RunOver]


class Service:
    """Serves the clients of one server.

    Enter `alive` first. All runs are tasks of the group in there.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._clients: set[Session] = set()
        self._running: dict[Session, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = deque[RunOver](maxlen=REMEMBERED)
        self._runs = 0
        self._stopping = False
        self._group: asyncio.TaskGroup
        self._welcome = Welcome(offers(), examples(), limits.unread, limits.seconds, limits.items)

    @asynccontextmanager
    async def alive(self) -> AsyncGenerator[None]:
        """Hold the tasks of all runs; leaving it waits for them."""
        async with asyncio.TaskGroup() as self._group:
            yield

    # Clients come and go

    async def join(self, line: Line) -> Session | None:
        """Let a client in; none if there is no room for one more."""
        if self._stopping or len(self._clients) >= self.limits.clients:
            await line.send(Goodbye("the server is full. Try again in a moment."))
            await line.close()
            return None
        client = Session(line, self.limits)
        self._clients.add(client)
        log.info("a client came: %d", len(self._clients))
        await client.tell(self._welcome)
        return client

    def leave(self, client: Session) -> None:
        """See a client off: what still runs for it is aborted."""
        self._clients.discard(client)
        log.info("a client went: %d", len(self._clients))
        if client in self._running:
            self._running[client].stop("its client went away", "client", "abort")

    async def refuse(self, client: Session, what: str) -> None:
        """Tell a client that it cannot have what it asked for."""
        await client.tell(Refused(what))

    # What clients ask for

    async def ask(self, client: Session, request: AnyRequest) -> None:
        """Do what a client asks for, and answer it."""
        match request:
            case Taken(messages):
                try:
                    client.taken(messages)
                except Malformed as error:
                    await client.tell(Refused(str(error)))
            case Check(definition):
                await self._check(client, definition)
            case Run(definition):
                await self._run(client, definition)
            case Cancel():
                if client in self._running:
                    self._running[client].cancel()
                else:
                    await client.tell(
                        Refused("nothing of yours runs, so there is nothing to cancel")
                    )

    async def _check(self, client: Session, definition: Definition) -> None:
        plumber = await self._drawn(client, definition)
        if plumber is not None:
            await client.tell(Checked(show(plumber.blueprint(), "svg")))

    async def _drawn(self, client: Session, definition: Definition) -> Plumber | None:
        try:
            return draw(definition, self.limits)
        except DefinitionErrors as wrong:
            await client.tell(Wrong(mistakes_of(wrong)))
            return None

    async def _run(self, client: Session, definition: Definition) -> None:
        refusal = self._refusal(client)
        if refusal is not None:
            await client.tell(Refused(refusal))
            return
        plumber = await self._drawn(client, definition)
        if plumber is None:
            return
        self._runs += 1
        running = self._running[client] = Running(self._runs, plumber, client, self.limits)
        await client.tell(Started(running.number, show(plumber.blueprint(), "svg")))
        task = self._group.create_task(self._see_through(client, running))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _refusal(self, client: Session) -> str | None:
        if client in self._running:
            return (
                "a pipeline of yours runs already. Wait for 'ended', or send 'cancel' to drain "
                "it and once more to abort it."
            )
        if self._stopping:
            return "the server is stopping"
        if len(self._running) >= self.limits.runs:
            return (
                f"the server is busy: it runs {len(self._running)} pipelines, as many as it may. "
                "Try again in a moment."
            )
        return None

    async def _see_through(self, client: Session, running: Running) -> None:
        log.info("run %d began", running.number)
        try:
            ended = await running.run()
        except Exception:  # one run must not end all others, which are in the same group
            log.exception("run %d broke", running.number)
            await client.tell(Refused("the server made a mistake with it. It is in its log."))
            return
        finally:
            del self._running[client]
        self._ended.append(_over(running, ended))
        await client.tell(ended)
        log.info("run %d ended by %s: %s", running.number, ended.by, ended.what)

    # The end

    async def stop(self) -> None:
        """Let in nobody, drain what runs, and say goodbye to everybody."""
        self._stopping = True
        log.info("stopping: draining %d", len(self._running))
        for running in self._running.values():
            running.stop("the server is stopping", "server")
        if self._tasks:
            await asyncio.wait(self._tasks)
        for client in [*self._clients]:
            await client.hang_up("the server is stopping")

    def abort(self) -> None:
        """Abort what runs."""
        for running in self._running.values():
            running.stop("the server is stopping at once", "server", "abort")

    def status(self) -> Status:
        """Tell what the server does and did."""
        going = [
            RunGoing(each.number, each.client.given, each.report())
            for each in self._running.values()
        ]
        return Status(len(self._clients), going, tuple(self._ended))


def _over(running: Running, ended: Ended) -> RunOver:
    return RunOver(
        ended.run,
        running.client.given,
        ended.by,
        ended.what,
        running.cleaned_up,
        ended.report,
    )


def examples() -> list[Example]:
    """Read the definitions to begin with."""
    return [
        Example(file.stem.partition("_")[2].replace("_", " "), file.read_text())
        for file in sorted(EXAMPLES.glob("*.toml"))
    ]
