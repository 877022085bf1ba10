"""`typedpipes work`: work for a run that another process has submitted."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from typedpipes.cli.address import VARIABLE, Address, news, refusing
from typedpipes.cli.parent import under
from typedpipes.cli.ready import SYSTEMD, readiness
from typedpipes.cli.refusal import OK, Refusal
from typedpipes.cli.stdin import STDIN
from typedpipes.cli.target import Names, load_plumber
from typedpipes.cli.workers import supervise
from typedpipes.engine.signals import listening
from typedpipes.network.shift import Shift
from typedpipes.outlet import Pausable
from typedpipes.plumber import Plumber
from typedpipes.plumber.synchronous import loop_factory

if TYPE_CHECKING:
    from typedpipes.nats import Broker

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def work_command(
    target: str,
    /,
    *,
    run: str = "",
    only: Annotated[list[str] | None, Parameter(consume_multiple=False, negative=())] = None,
    wait: bool = False,
    grace: Annotated[float, Parameter(validator=Number(gt=0))] = 10.0,
    processes: Annotated[int, Parameter(validator=Number(gte=1))] = 1,
    ready: Path | None = None,
    parent: Annotated[int | None, Parameter(show=False)] = None,
    address: Address = Address(),  # noqa: B008  # frozen
    names: Names = Names(),  # noqa: B008  # frozen
) -> int:
    """Work for a run over a broker, until it is over.

    Start as many as you like, on as many machines as you like, before the run or while it goes
    on. Ctrl-C (or SIGTERM) lets this worker leave: it takes nothing more, finishes what it has in
    hand within the grace, gives the rest to others, and ends with exit code 0. At a second one
    it gives everything to others at once.

        typedpipes work package.module:plumber --broker nats://127.0.0.1:4222
        typedpipes work package.module:plumber --wait --only fetch --only parse
        typedpipes work package.module:plumber --wait --processes 4 --ready /run/crawl/ready

    Args:
        target: the graph, as for `run`, made by the same code as that of the caller.
        run: the name of the run; by default made of the name of the graph.
        only: a processor to work for, by its name; may be repeated. By default, all.
        wait: work for one run after the other, until a signal. Without it, work for one: wait for
            the first, and end at once if that is over.
        grace: how many seconds what is in hand may take after the first signal.
        processes: how many processes work. One that dies is restarted, after a pause that grows
            from 1 to 30 seconds while they die soon.
        ready: a file that is there while this worker waits for a run or takes items; with several
            processes, from when all do. systemd is told as well, in a unit with `Type=notify`.
        parent: the parent of this process, which it hears over this file descriptor.
        address: where the broker is.
        names: how a definition names its coroutines.
    """
    with readiness(ready) as tell_ready:
        if processes > 1:
            command = _command(target, run, only or (), address, names, wait=wait, grace=grace)
            return _supervise(command, processes, address, tell_ready)
        plumber = load_plumber(target, names)
        parts = _parts(plumber, only or ())
        broker = address.find()
        with refusing(), news(), asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_work(plumber, broker, run, parts, grace, tell_ready, parent, wait=wait))
    return OK


async def _work(
    plumber: Plumber,
    broker: Broker,
    run: str,
    only: Sequence[Pausable],
    grace: float,
    ready: Callable[[], None],
    parent: int | None,
    *,
    wait: bool,
) -> None:
    from typedpipes.nats.running import work_shift  # noqa: PLC0415  # an extra

    shift = Shift(grace)
    with listening(_SIGNALS) as listener:
        listener.handler = shift.signalled
        if parent is None:
            await work_shift(plumber, broker, shift, run=run, only=only, wait=wait, ready=ready)
            return
        async with under(parent, shift) as tell:
            await work_shift(plumber, broker, shift, run=run, only=only, wait=wait, ready=tell)


def _supervise(
    command: Sequence[str], processes: int, address: Address, ready: Callable[[], None]
) -> int:
    address.find()  # what is wrong with it is said once
    environment = {**os.environ, VARIABLE: address.url}
    environment.pop(SYSTEMD, None)  # it hears of this process
    return asyncio.run(
        supervise(command, processes, environment=environment, signals=_SIGNALS, ready=ready)
    )


def _command(
    target: str,
    run: str,
    only: Sequence[str],
    address: Address,
    names: Names,
    *,
    wait: bool,
    grace: float,
) -> Sequence[str]:
    """Return the command line of one of several processes; the broker is in its environment."""
    if target == STDIN:
        raise Refusal("several processes cannot all read the standard input: name a file")
    command = [sys.executable, "-m", "typedpipes", "work", target]
    settings: dict[str, object] = {
        "--run": run or None,
        "--grace": grace,
        "--keep-within": address.keep_within,
        "--credentials": address.credentials,
        "--coroutines": names.coroutines,
    }
    for name, value in settings.items():
        if value is not None:
            command += [name, str(value)]
    for name in only:
        command += ["--only", name]
    command += ["--wait"] if wait else []
    command += ["--strict"] if names.strict else []
    return command


def _parts(plumber: Plumber, only: Sequence[str]) -> Sequence[Pausable]:
    """Return the parts of these names."""
    parts = {
        node.name: node.part
        for node in plumber.blueprint().nodes
        if isinstance(node.part, Pausable)
    }
    for name in only:
        if name not in parts:
            raise Refusal(f"{plumber.name!r} has no processor {name!r}; it has {', '.join(parts)}")
    return [parts[name] for name in only]
