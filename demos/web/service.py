"""The service: all clients of a server, their runs, and the end of both."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from demos.web.drawing import draw, mistakes_of
from demos.web.limits import Limits
from demos.web.protocol import (
    AnyRequest,
    Cancel,
    Check,
    Checked,
    Definition,
    Goodbye,
    Refused,
    Run,
    Started,
    Taken,
    Wrong,
)
from demos.web.running import Running
from demos.web.session import Line, Session
from demos.web.status import RunOver, Status, going, over
from demos.web.welcome import welcome
from typedpipes import DefinitionErrors, Plumber
from typedpipes.show import show

REMEMBERED = 20  # runs that have ended

log = logging.getLogger(__name__)


class Service:
    """Serves the clients of one server.

    Enter `alive` first: all runs are tasks of the group in there.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._welcome = welcome(limits)
        self._clients: set[Session] = set()
        self._running: dict[Session, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = deque[RunOver](maxlen=REMEMBERED)
        self._runs = 0
        self._stopping = False
        self._group: asyncio.TaskGroup

    @asynccontextmanager
    async def alive(self) -> AsyncGenerator[None]:
        """Hold the tasks of all runs; leaving it waits for them."""
        async with asyncio.TaskGroup() as self._group:
            yield

    # Clients come and go

    async def join(self, line: Line) -> Session | None:
        """Let a client in; none if there is no room for one more."""
        if self._stopping or len(self._clients) >= self._limits.clients:
            await line.send(Goodbye("the server is full. Try again in a moment."))
            await line.close()
            return None
        client = Session(line, self._limits)
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

    # What clients ask for

    async def ask(self, client: Session, request: AnyRequest) -> None:
        """Do what a client asks for, and answer it.

        Raises:
            Malformed: what it says cannot be.
        """
        match request:
            case Taken(messages):
                client.taken(messages)
            case Check(definition):
                await self._check(client, definition)
            case Run(definition):
                await self._run(client, definition)
            case Cancel():
                await self._cancel(client)

    async def _check(self, client: Session, definition: Definition) -> None:
        plumber = await self._drawn(client, definition)
        if plumber is not None:
            await client.tell(Checked(show(plumber.blueprint(), "svg")))

    async def _drawn(self, client: Session, definition: Definition) -> Plumber | None:
        try:
            return draw(definition, self._limits)
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
        running = self._running[client] = Running(self._runs, plumber, client, self._limits)
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
        if len(self._running) >= self._limits.runs:
            return (
                f"the server is busy: it runs {len(self._running)} pipelines, as many as it may. "
                "Try again in a moment."
            )
        return None

    async def _cancel(self, client: Session) -> None:
        if client in self._running:
            self._running[client].cancel()
        else:
            await client.tell(Refused("nothing of yours runs, so there is nothing to cancel"))

    async def _see_through(self, client: Session, running: Running) -> None:
        log.info("run %d began", running.number)
        try:
            ended = await running.run()
        except Exception:  # all runs are in one group, and one must not end the others
            log.exception("run %d broke", running.number)
            await client.hang_up("the server made a mistake, which is in its log")
            return
        finally:
            del self._running[client]
        self._ended.append(over(running, ended))
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
        async with asyncio.TaskGroup() as group:
            for client in self._clients:
                group.create_task(client.hang_up("the server is stopping"))

    def abort(self) -> None:
        """Abort what runs."""
        for running in self._running.values():
            running.stop("the server is stopping at once", "server", "abort")

    def status(self) -> Status:
        """Tell what the server does and did."""
        running = [going(each) for each in self._running.values()]
        return Status(len(self._clients), running, tuple(self._ended))
