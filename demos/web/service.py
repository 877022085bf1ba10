"""The service: all clients of a server, their runs, and the end of both."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from demos.web.budget import Budget
from demos.web.checking import Checking
from demos.web.drawing import draw, mistakes_of, refuse_length
from demos.web.drawing_process import DrawingProcess
from demos.web.limits import Limits
from demos.web.protocol import (
    AnyRequest,
    Cancel,
    Check,
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
from typedpipes import DefinitionErrors
from typedpipes.show.live import draw_live

REMEMBERED = 20  # runs that have ended
MISTAKE = "the server made a mistake, which is in its log"

log = logging.getLogger(__name__)


class Service:
    """Serves the clients of one server.

    Enter `alive` first: all runs and checks are tasks of the group in there.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._drawing = DrawingProcess(limits)
        self._welcome = welcome(limits)
        self._clients: set[Session] = set()
        self._checks: dict[Session, tuple[Checking, asyncio.Task[None]]] = {}
        self._running: dict[Session, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = deque[RunOver](maxlen=REMEMBERED)
        self._runs = 0
        self._stopping = False
        self._group: asyncio.TaskGroup

    @asynccontextmanager
    async def alive(self) -> AsyncGenerator[None]:
        """Hold the tasks of all runs and checks; leaving it waits for them."""
        await self._drawing.start()
        try:
            async with asyncio.TaskGroup() as self._group:
                yield
        finally:
            await self._drawing.stop()

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
        """See a client off: what is checked or still runs for it is aborted."""
        self._clients.discard(client)
        log.info("a client went: %d", len(self._clients))
        self._stop_checking(client)
        if client in self._running:
            self._running[client].stop("its client went away", "client", "abort")

    def _stop_checking(self, client: Session) -> None:
        if client in self._checks:
            _, task = self._checks[client]
            task.cancel()

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
        if self._stopping or await self._too_long(client, definition):
            return
        if client in self._checks:
            checking, _ = self._checks[client]
            checking.replace(definition)
        else:
            checking = Checking(client, definition)
            task = self._group.create_task(self._answer(client, checking))
            self._checks[client] = checking, task

    async def _answer(self, client: Session, checking: Checking) -> None:
        try:
            answer = await checking.answer(self._drawing)
        except Exception:  # all checks are in one group, and one must not end the others
            log.exception("a check broke")
            await client.hang_up(MISTAKE)
            return
        finally:
            del self._checks[client]
        await client.tell(answer)

    async def _too_long(self, client: Session, definition: Definition) -> bool:
        try:
            refuse_length(definition, self._limits)
        except DefinitionErrors as wrong:
            await client.tell(Wrong(mistakes_of(wrong)))
            return True
        return False

    async def _run(self, client: Session, definition: Definition) -> None:
        if await self._refused(client) or await self._too_long(client, definition):
            return
        answer = await self._drawing.check(definition)
        if isinstance(answer, Wrong):
            await client.tell(answer)
            return
        # Quick, as it is right: what takes long is done.
        drawn = draw(definition, self._limits)
        if client not in self._clients or await self._refused(client, drawn.budget):
            return
        self._runs += 1
        running = self._running[client] = Running(self._runs, drawn, client, self._limits)
        live = draw_live(drawn.plumber.blueprint())
        await client.tell(Started(running.number, answer.svg, live, drawn.room))
        task = self._group.create_task(self._see_through(client, running))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _refused(self, client: Session, budget: Budget | None = None) -> bool:
        refusal = self._refusal(client, budget)
        if refusal is not None:
            await client.tell(Refused(refusal))
        return refusal is not None

    def _refusal(self, client: Session, budget: Budget | None) -> str | None:
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
        taken = sum(running.budget.total for running in self._running.values())
        if budget is not None and taken + budget.total > self._limits.all_bytes:
            return (
                f"the server is busy: its pipelines may hold {taken:,} bytes, and with yours more "
                f"than the {self._limits.all_bytes:,} that are allowed. Try again in a moment, or "
                "set a smaller 'buffer'."
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
            await client.hang_up(MISTAKE)
            return
        finally:
            del self._running[client]
        self._ended.append(over(running, ended))
        await client.tell(ended)
        log.info("run %d ended by %s", running.number, ended.by)

    # The end

    async def stop(self) -> None:
        """Let no more clients in, drain what runs, and say goodbye to all."""
        self._stopping = True
        log.info("stopping: draining %d", len(self._running))
        for running in self._running.values():
            running.stop("the server is stopping", "server")
        for client in self._checks:
            self._stop_checking(client)
        if self._tasks:
            await asyncio.wait(self._tasks)
        async with asyncio.TaskGroup() as group:
            for client in self._clients:
                group.create_task(client.hang_up("the server is stopping"))

    def abort(self) -> None:
        """Abort what runs."""
        log.info("stopping at once: aborting %d", len(self._running))
        for running in self._running.values():
            running.stop("the server is stopping at once", "server", "abort")

    def status(self) -> Status:
        """Tell what the server does and did."""
        running = [going(each) for each in self._running.values()]
        held = sum(each.budget.total for each in self._running.values())
        return Status(len(self._clients), held, running, tuple(self._ended))
