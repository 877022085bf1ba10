"""A drawing that is run over a wire, as its plumber and the task that asked for it see it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Literal

from typedpipes.engine.caller import Caller
from typedpipes.grace import Grace
from typedpipes.network.caller import Explained, NetworkRun, as_it_is
from typedpipes.network.form import Codecs
from typedpipes.network.opening import opened
from typedpipes.network.route import route_of
from typedpipes.network.wire import Wire
from typedpipes.plumber import Plumber
from typedpipes.plumber.elsewhere import paused_in, refuse_to_start, start


@asynccontextmanager
async def begun(
    plumber: Plumber,
    connection: AbstractAsyncContextManager[Wire],
    run: str,
    *,
    codecs: Codecs | None = None,
    longest: int | None = None,
    resume: bool = False,
    grace: Grace | None = None,
    on_failure: Literal["abort", "drain"] = "abort",
    explained: Explained = as_it_is,
) -> AsyncGenerator[Caller]:
    """Have a run of a plumber begin, and be over at the end of the block, which waits for it.

    Args:
        plumber: the drawing.
        connection: connects to the wire, once the drawing was found right.
        run: the name of the run.
        codecs: as for `route_of`.
        longest: as for `route_of`.
        resume: whether to go on with a run of that name whose caller is gone.
        grace: how long its end may take.
        on_failure: as for `route_of`.
        explained: as for `NetworkRun`.

    Raises:
        WiringErrors: the drawing cannot be run over a network.
        RunStateError: the plumber runs already, or as for `opened`.
    """
    blueprint = plumber.blueprint()
    route = route_of(blueprint, codecs, longest=longest, on_failure=on_failure)
    refuse_to_start(plumber)
    parts = paused_in(plumber)
    paused = [node.name for node in blueprint.nodes if node.part in parts]
    async with (
        connection as wire,
        opened(wire, route, run, paused=paused, resume=resume) as (lease, close),
    ):
        make = partial(NetworkRun, wire, route, blueprint, lease, close, grace or Grace())
        yield start(plumber, partial(make, explained=explained))
