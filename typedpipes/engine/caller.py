"""The task that asked for a run: it waits for the end, and may go on with a block until then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from typedpipes.engine.outcome import Outcome
from typedpipes.engine.running import Running
from typedpipes.errors import QueueClosed, RunStateError, consists_of


class Caller:
    """The task that asked for a run.

    While it goes on with a block, the run may cancel that, as a task group cancels its own.

    Args:
        run: what it asked for.
        end: gets what the run came to.
    """

    def __init__(self, run: Running, end: asyncio.Future[Outcome]) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RunStateError("a run needs a task: await it in a coroutine")
        self.run: Running = run
        self.end = end
        self._task = task
        self._before = task.cancelling()
        self._in_block = True
        self._cancelled = False

    async def begun(self) -> None:
        """Wait until the resources of the run are open, so that the block may begin.

        Cancelled, it aborts the run, and waits for its end. If the run is aborted meanwhile, the
        block is cancelled as it begins.

        Raises:
            PipelineFailed: a resource could not be opened.
        """
        if self.run.opening is not None:
            try:
                await asyncio.wait((self.run.opening,))
            except asyncio.CancelledError as error:
                self.run.abort("the run was cancelled")
                raise error from (await self.outcome()).failure()
            if self.run.failures:
                (await self.outcome()).result()
        self.run.cancel_block = self.cancel_block
        if self.run.is_aborted:
            self.cancel_block()

    def cancel_block(self) -> None:
        """Cancel the block, unless it is over."""
        if self._in_block and not self._cancelled:
            self._cancelled = True
            self._task.cancel()

    def leave_block(self) -> None:
        """Take back the cancellation of the block: it has come, or it is too late for it."""
        self._in_block = False
        if self._cancelled:
            self._task.uncancel()

    def explains(self, error: BaseException) -> bool:
        """Whether what the block raised is nothing but a consequence of the end of the run."""
        return consists_of(error, self._is_consequence)

    def _is_consequence(self, error: BaseException) -> bool:
        if isinstance(error, asyncio.CancelledError):
            return self._cancelled and not self._cancelled_by_others()
        return isinstance(error, QueueClosed) and any(
            error.__cause__ is failure for failure in self.run.failures
        )

    @staticmethod
    def carried_by(error: BaseException) -> BaseException | None:
        """Return the failure that the cancellation of the block carries from a block inside."""
        return error.__cause__ if isinstance(error, asyncio.CancelledError) else None

    async def outcome(self) -> Outcome:
        """Wait until nothing of the run is left.

        Cancelled, it aborts the run, and goes on waiting; `CancelledError` comes at the end.
        """
        cancellation: Sequence[object] | None = None
        while not self.end.done():
            try:
                await asyncio.wait((self.end,))
            except asyncio.CancelledError as error:
                if self._cancelled_by_others():  # else it is what was meant for the block
                    cancellation = error.args
                    self.run.abort("the run was cancelled")
        del self._task  # which would hold itself, by what it raises now
        if cancellation is not None:
            raise asyncio.CancelledError(*cancellation) from (
                self.end.exception() or self.end.result().failure()
            )
        return self.end.result()

    def _cancelled_by_others(self) -> bool:
        return self._task.cancelling() > self._before


@asynccontextmanager
async def beside(caller: Caller) -> AsyncGenerator[None]:
    """Have a block of code go on beside a run, which ends with it: see `Plumber.running`."""
    run = caller.run
    await caller.begun()
    try:
        yield
    except BaseException as error:
        caller.leave_block()
        if not caller.explains(error):
            run.abort(f"the block beside the run raised {type(error).__name__}")
            raise error from (await caller.outcome()).failure()
        (await caller.outcome()).result(because=caller.carried_by(error))
    else:
        caller.leave_block()
        run.drain()
        run.leave(asyncio.current_task())
        (await caller.outcome()).result()
