"""`typedpipes runs`: which runs there are on a broker, and what is done to one of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from attrs import frozen
from cyclopts import Parameter

from typedpipes.cli.address import Address, refusing
from typedpipes.cli.refusal import OK, Refusal
from typedpipes.report import Report

if TYPE_CHECKING:
    from typedpipes.nats import Broker, RemoteRun, RunSummary

_ALL = "*"


@Parameter(name="*")
@frozen
class Orders:
    """What is done to a run."""

    drain: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """End it: its sources stop, and what is inside flows out."""

    abort: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """End it at once: what is in hand is cancelled."""

    pause: Annotated[list[str] | None, Parameter(consume_multiple=False, negative=())] = None
    """Let a processor or source take no more items; may be repeated, and `*` is all."""

    resume: Annotated[list[str] | None, Parameter(consume_multiple=False, negative=())] = None
    """Let paused ones go on; may be repeated, and `*` is all."""

    forget: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """Remove what is left of a run whose caller has died."""

    permissions: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """Write what the account of its workers may do, as the server's configuration has it."""

    reason: str = ""
    """Why it is drained or aborted, in words."""

    def orders(self) -> Sequence[Callable[[RemoteRun], Awaitable[None]]]:
        """Return what is to be done, in order."""
        orders: list[Callable[[RemoteRun], Awaitable[None]]] = []
        if self.pause:
            paused = _names(self.pause)
            orders.append(lambda run: run.pause(*paused))
        if self.resume:
            resumed = _names(self.resume)
            orders.append(lambda run: run.resume(*resumed))
        if self.drain:
            orders.append(lambda run: run.drain(self.reason))
        if self.abort:
            orders.append(lambda run: run.abort(self.reason))
        if self.forget:
            orders.append(lambda run: run.forget())
        return orders


def runs_command(
    run: str | None = None,
    /,
    *,
    format: Annotated[Literal["text", "json"], Parameter(name=["--format", "-f"])] = "text",  # noqa: A002
    orders: Orders = Orders(),
    address: Address = Address(),  # noqa: B008  # frozen
) -> int:
    """List the runs on a broker, or do something to one of them.

    It takes effect in all processes of a run, and in those that start later. Without an option,
    show the run that is named, with the counts of its nodes.

        typedpipes runs
        typedpipes runs crawl-1
        typedpipes runs crawl-1 --pause fetch
        typedpipes runs crawl-1 --drain --reason 'the site asked for it'

    Args:
        run: the name of a run; all are listed by default.
        format: `text`, or `json` for other programs.
        orders: what is done.
        address: where the broker is.
    """
    asked = orders.orders()
    if run is None and (asked or orders.permissions):
        raise Refusal("which run? Name it: typedpipes runs NAME --drain")
    broker = address.find()
    with refusing():
        if run is not None and orders.permissions:
            sys.stdout.write(asyncio.run(_permissions(broker, run)))
        elif run is not None and asked:
            asyncio.run(_order(broker, run, asked))
        else:
            found = asyncio.run(_look(broker, run))
            sys.stdout.write(
                _json(found) if format == "json" else _text(found, whole=run is not None)
            )
    return OK


def _names(names: Sequence[str]) -> Sequence[str]:
    return () if _ALL in names else names


async def _order(
    broker: Broker, run: str, orders: Sequence[Callable[[RemoteRun], Awaitable[None]]]
) -> None:
    from typedpipes.nats import RemoteRun  # noqa: PLC0415  # an extra

    for order in orders:
        await order(RemoteRun(broker, run))


async def _look(broker: Broker, run: str | None) -> Sequence[RunSummary]:
    from typedpipes.nats import RemoteRun, runs  # noqa: PLC0415  # an extra

    return await runs(broker) if run is None else [await RemoteRun(broker, run).summary()]


async def _permissions(broker: Broker, run: str) -> str:
    from typedpipes.nats import RemoteRun  # noqa: PLC0415  # an extra

    permissions = await RemoteRun(broker, run).permissions()
    return msgspec.json.format(msgspec.json.encode(permissions)).decode() + "\n"


def _text(found: Sequence[RunSummary], *, whole: bool) -> str:
    if not found:
        return "There are no runs on this broker.\n"
    width = max(len(each.name) for each in found)
    lines: list[str] = []
    for each in found:
        lines.append(f"{each.name.ljust(width)}  {_describe(each)}")
        if whole and each.counts:
            lines += str(Report(each.plumber, each.counts)).splitlines()[1:]
    return "\n".join(lines) + "\n"


def _describe(run: RunSummary) -> str:
    if run.ended is not None:
        return f"{run.state} {run.ended:.0f} s ago"
    said: list[str] = [run.state]
    if run.paused:
        said.append(f"paused: {', '.join(run.paused)}")
    if run.is_abandoned:
        said.append(f"no caller for {run.silent:.0f} s")
    return ", ".join(said)


def _json(found: Sequence[RunSummary]) -> str:
    document = [
        {
            "name": each.name,
            "plumber": each.plumber,
            "state": each.state,
            "silent": each.silent,
            "ended": each.ended,
            "paused": each.paused,
            "processors": [
                {
                    "name": counts.name,
                    "received": counts.received,
                    "completed": counts.completed,
                    "failed": counts.failed,
                    "dropped": counts.dropped,
                    "emitted": counts.emitted,
                }
                for counts in each.counts
            ],
        }
        for each in found
    ]
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"
