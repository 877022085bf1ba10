"""Running a plumber from code that is not asynchronous."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Collection
from typing import Literal

from typedpipes.errors import RunStateError
from typedpipes.grace import Grace
from typedpipes.plumber.plumber import Plumber
from typedpipes.report import Report


def run(
    plumber: Plumber,
    *,
    signals: Collection[signal.Signals] | None = None,
    grace: float | Grace = 10.0,
    on_failure: Literal["abort", "drain"] = "abort",
    wedged_after: float | None = None,
) -> Report:
    """Run a graph to its end in an event loop of its own, on uvloop where it is installed.

    Args:
        plumber: what is run.
        signals: which signals end the run: the first drains it, the second aborts it; see
            `Plumber.run` for later ones. By default SIGINT and SIGTERM in the main thread, and
            none in another, where Python cannot handle them.
        grace: see `Plumber.run`.
        on_failure: see `Plumber.run`.
        wedged_after: see `Plumber.run`.

    Raises:
        WiringErrors: see `Plumber.run`.
        PipelineFailed: see `Plumber.run`.
        RunStateError: an event loop runs in this thread already; there, await `Plumber.run`. Or
            signals were asked for in another thread than the main one.
    """
    if _loop_runs():
        raise RunStateError("an event loop runs in this thread already: await Plumber.run in it")
    if signals is None:
        in_main = threading.current_thread() is threading.main_thread()
        signals = (signal.SIGINT, signal.SIGTERM) if in_main else ()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(
            plumber.run(
                signals=signals, grace=grace, on_failure=on_failure, wedged_after=wedged_after
            )
        )


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes an event loop of uvloop; none where it is not installed."""
    try:
        import uvloop  # noqa: PLC0415  # not one of our dependencies: used where it is
    except ImportError:
        return None
    return uvloop.new_event_loop
