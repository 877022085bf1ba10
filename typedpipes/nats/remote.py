"""Runs as seen from outside: which there are on a broker, and what can be done to each."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from time import time
from typing import Final
from uuid import uuid4

from attrs import field, frozen
from msgspec import msgpack

from typedpipes.errors import RunStateError, WiringError
from typedpipes.gauges.snapshot import RunState
from typedpipes.nats.broker import Broker
from typedpipes.nats.connection import Answer, ApiError, Connection, connected
from typedpipes.nats.errors import BrokerAway
from typedpipes.nats.naming import FAREWELLS, Names, run_named
from typedpipes.nats.permissions import Permissions, permissions_of
from typedpipes.nats.wire import NatsWire
from typedpipes.network.drawn import Drawing, drawing_in
from typedpipes.network.errors import NotDecoded, RunExists
from typedpipes.network.opening import Farewell, silent_orders
from typedpipes.network.orders import ORDERS, Change, Orders, Word, change_orders, orders_on
from typedpipes.network.record import decode
from typedpipes.network.wire import DRAWING, Away, Gone
from typedpipes.report import Counts
from typedpipes.shorten import shorten

_LOGGER: Final = logging.getLogger("typedpipes")


@frozen
class RunSummary:
    """A run on a broker, at a moment.

    Attributes:
        name: the name of the run.
        plumber: the name of its drawing.
        state: where it is; of one that is over, how it ended.
        silent: for how many seconds its caller has said nothing, by the clocks of the two
            machines; 0 for a run that is over.
        is_abandoned: whether it has been silent for so long that it counts as dead.
        ended: how many seconds ago it ended; `None` for one that goes on.
        paused: the names of the nodes that are paused.
        counts: what became of the items of each node up to now; empty for a run that is over.
    """

    name: str
    plumber: str
    state: RunState
    silent: float = 0.0
    is_abandoned: bool = False
    ended: float | None = None
    paused: Sequence[str] = ()
    counts: Sequence[Counts[object, object]] = field(default=(), repr=False)


async def runs(broker: Broker) -> Sequence[RunSummary]:
    """Return the runs on a broker: those that go on, and those that ended within a day.

    Runs of other versions of typedpipes that this one cannot read are named in the log.

    Raises:
        BrokerAway: there is no broker, or it does not answer.
        BrokerUnfit: it has no JetStream.
    """
    async with _connected(broker) as connection:
        names = await _names(connection)
        found = [await _readable(NatsWire(connection, broker, name), name) for name in names]
        return [each for each in found if each is not None]


@frozen
class RemoteRun:
    """A run that another process has submitted. Making this opens nothing.

    What is ordered reaches all processes of the run, those that come later too, and also after
    a restart of the server. Each method connects to the broker for itself.

    Args:
        broker: where the run is.
        name: the name of the run.

    Raises:
        SettingError: no run has such a name.
    """

    broker: Broker
    name: str

    def __attrs_post_init__(self) -> None:
        run_named("", self.name)

    async def summary(self) -> RunSummary:
        """Return where the run is.

        Raises:
            RunStateError: there is no such run, nor was there one within a day.
            BrokerAway: there is no broker, or it does not answer.
            BrokerUnfit: it has no JetStream.
        """
        async with self._wire() as wire:
            summary = await _summary(wire, self.name)
            if summary is None:
                raise self._missing()
            return summary

    async def drain(self, reason: str = "") -> None:
        """End the run: its sources stop, and what is inside flows out.

        Args:
            reason: why, in words.

        Raises:
            RunStateError: there is no such run.
            BrokerAway: as for `summary`.
        """
        word = Word(reason or "no reason was given", "drain", uuid4().hex)
        await self._order(lambda orders: orders.told(word))

    async def abort(self, reason: str = "") -> None:
        """End the run at once: what is in hand is cancelled. As `drain` in all else.

        Of a run whose caller has died, everything stays on the broker until it is forgotten.
        """
        word = Word(reason or "no reason was given", "abort", uuid4().hex)
        await self._order(lambda orders: orders.told(word))

    async def pause(self, *nodes: str) -> None:
        """Let processors and sources take no more items; they finish those in hand.

        Args:
            nodes: their names; all of the drawing, if none is named.

        Raises:
            WiringError: there is no processor or source of one of the names.
            RunStateError: as for `drain`.
            BrokerAway: as for `summary`.
        """
        names = await self._chosen(nodes)
        await self._order(lambda orders: orders.pausing(names))

    async def resume(self, *nodes: str) -> None:
        """Let paused processors and sources go on. As `pause` in all else."""
        names = await self._chosen(nodes)
        await self._order(lambda orders: orders.resuming(names))

    async def forget(self) -> None:
        """Remove everything of a run whose caller has died: what is inside is lost.

        It waits for as long as a caller may be silent, to see that this one is dead.

        Raises:
            RunStateError: there is no such run, or it has a caller, which does this in the end.
            BrokerAway: as for `summary`.
        """
        async with self._wire() as wire:
            if not await wire.is_there():
                raise self._missing()
            plumber = ""
            with suppress(NotDecoded, RunStateError):  # not there yet, or of another version
                plumber = (await _drawing(wire, self.name)).plumber
            try:
                await silent_orders(wire, self.name)
            except RunExists:
                raise RunStateError(
                    f"the run {self.name!r} has a caller, which is alive. Abort it: then its "
                    "caller removes it."
                ) from None
            await wire.forget(msgpack.encode(Farewell(plumber, "aborted", time())))

    async def permissions(self) -> Permissions:
        """Return what the account of those who work for the run has to be allowed.

        Returns:
            It as a NATS server has it in its configuration, under `permissions` of a user: what
            may be published, and what subscribed to.

        Raises:
            RunStateError: as for `drain`.
            BrokerAway: as for `summary`.
        """
        return permissions_of(self.name, [*(await self._drawing()).stops, ORDERS.name])

    async def _drawing(self) -> Drawing:
        async with self._wire() as wire:
            return await _drawing(wire, self.name)

    async def _chosen(self, nodes: Sequence[str]) -> frozenset[str]:
        pausable = (await self._drawing()).pausable
        for name in nodes:
            if name not in pausable:
                raise WiringError(
                    f"the run {self.name!r} has no processor or source {shorten(name)}; it has "
                    f"{', '.join(map(repr, pausable))}"
                )
        return frozenset(nodes or pausable)

    async def _order(self, change: Change) -> None:
        async with self._wire() as wire:
            try:
                await change_orders(wire, change, patience=self.broker.patience)
            except Gone:
                raise self._missing() from None

    @asynccontextmanager
    async def _wire(self) -> AsyncGenerator[NatsWire]:
        async with _connected(self.broker) as connection:
            yield NatsWire(connection, self.broker, self.name)

    def _missing(self) -> RunStateError:
        return _missing(self.name)


@asynccontextmanager
async def _connected(broker: Broker) -> AsyncGenerator[Connection]:
    try:
        async with connected(broker) as connection:
            yield connection
    except Away as error:
        raise BrokerAway(broker, str(error)) from error


async def _names(connection: Connection) -> Sequence[str]:
    """Return the names of the runs that go on, and then of those that are over."""
    every = Names("*")
    streams: list[str] = []
    while True:
        page = {"subject": every.every_fact, "offset": len(streams)}
        answer = await _ask(connection, "STREAM.NAMES", page)
        more: Sequence[str] = answer.get("streams") or ()
        streams += more
        if not more or len(streams) >= int(answer.get("total", 0)):
            break
    prefix = Names("").facts
    going_on = [stream.removeprefix(prefix) for stream in streams]
    over = await _ask(connection, f"STREAM.INFO.{FAREWELLS}", {"subjects_filter": ">"})
    subjects: Mapping[str, int] = over.get("state", {}).get("subjects") or {}
    prefix = Names("").farewell
    ended = [subject.removeprefix(prefix) for subject in subjects]
    return [*dict.fromkeys([*sorted(going_on), *sorted(ended)])]


async def _ask(connection: Connection, what: str, payload: object) -> Answer:
    """Ask the server for something; where it is not there, the answer is empty."""
    answer = await connection.ask(f"$JS.API.{what}", payload)
    return {} if isinstance(answer, ApiError) else answer


async def _drawing(wire: NatsWire, name: str) -> Drawing:
    data = await wire.fact(DRAWING)
    if data is None:
        raise _missing(name)
    return drawing_in(data, name)


def _missing(name: str) -> RunStateError:
    return RunStateError(f"there is no run {name!r} on this broker")


async def _readable(wire: NatsWire, name: str) -> RunSummary | None:
    """Return where a run is, unless there is none, or another version of typedpipes has it."""
    try:
        return await _summary(wire, name)
    except NotDecoded as error:
        _LOGGER.warning("%s", error)
        return None


async def _summary(wire: NatsWire, name: str) -> RunSummary | None:
    """Return where a run is; `None` if there is none, nor was there one."""
    data = await wire.fact(DRAWING)
    try:
        if data is not None:
            return await _going_on(wire, name, drawing_in(data, name))
    except Gone:
        pass  # it has just ended
    said = await wire.farewell()
    if said is None:
        return None
    farewell = msgpack.decode(said, type=Farewell)
    return RunSummary(name, farewell.plumber, farewell.ending, ended=time() - farewell.ended)


async def _going_on(wire: NatsWire, name: str, drawing: Drawing) -> RunSummary:
    orders = await orders_on(wire)
    counts: list[Counts[object, object]] = []
    for node in drawing.nodes:
        tally = decode((await wire.last(node)).data, node).tally
        counts.append(
            Counts(
                node,
                received=tally.received,
                completed=tally.completed,
                failed=tally.failed,
                dropped=tally.dropped,
                emitted=tally.emitted,
            )
        )
    silent = max(time() - orders.beat, 0.0)
    return RunSummary(
        name,
        drawing.plumber,
        _state(orders),
        silent,
        silent > max(wire.keep_within, orders.silence),
        paused=orders.paused,
        counts=counts,
    )


def _state(orders: Orders) -> RunState:
    if orders.sentence is not None:
        return "aborting"
    return "draining" if orders.drains else "running"
