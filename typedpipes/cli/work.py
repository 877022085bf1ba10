"""`typedpipes work`: work for a run that another process has submitted."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from typedpipes.cli.address import Address, news, refusing
from typedpipes.cli.refusal import OK, Refusal
from typedpipes.cli.target import Names, load_plumber
from typedpipes.outlet import Pausable
from typedpipes.plumber import Plumber
from typedpipes.plumber.synchronous import loop_factory

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def work_command(
    target: str,
    /,
    *,
    run: str = "",
    only: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None,
    wait: bool = False,
    grace: Annotated[float, Parameter(validator=Number(gt=0))] = 10.0,
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

    Args:
        target: the graph, as for `run`, made by the same code as that of the caller.
        run: the name of the run; by default made of the name of the graph.
        only: a processor to work for, by its name; may be repeated. By default, all.
        wait: work for one run after the other, until a signal. Without it, work for one: wait for
            the first, and end at once if that is over.
        grace: how many seconds what is in hand may take after the first signal.
        address: where the broker is.
        names: how a definition names its coroutines.
    """
    plumber = load_plumber(target, names)
    parts = _parts(plumber, only or ())
    broker = address.find()
    from typedpipes.nats import work  # noqa: PLC0415  # an extra

    with refusing(), news(), asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(
            work(plumber, broker, run=run, only=parts, wait=wait, signals=_SIGNALS, grace=grace)
        )
    return OK


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
