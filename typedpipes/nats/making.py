"""Making the streams and consumers of a run on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from attrs import frozen

from typedpipes.nats.broker import Broker
from typedpipes.nats.connection import Answer, ApiError, Connection
from typedpipes.nats.errors import BrokerUnfit
from typedpipes.nats.naming import FAREWELLS, Names
from typedpipes.network.errors import RunExists
from typedpipes.network.patience import insist
from typedpipes.network.wire import Away, Gone, Reach, Stream

SECOND: Final = 1_000_000_000  # nanoseconds
_DAY: Final = 24 * 60 * 60  # seconds
_OTHERS_SETTINGS: Final = 10058  # a stream is there, made with other settings
_NAMES_KEPT: Final = 100_000_000  # nanoseconds, the least that there is: no name is used twice
_ID: Final = "run-id"
_NO_CLUSTER: Final = 10074
_TOO_FEW_SERVERS: Final = 10005
_NO_STORE: Final = 10049


@frozen
class Maker:
    """Makes what a run needs on the server.

    To make something once more changes nothing: so it asks again where an answer was lost, such as
    while a cluster elects a leader.

    Args:
        connection: to the server.
        broker: what is made is kept as it says, and waited for for as long as its patience.
        names: those of the run.
    """

    connection: Connection
    broker: Broker
    names: Names

    async def refuse_limits(self, streams: Sequence[Stream]) -> None:
        """Refuse an account that may have fewer streams than the run needs.

        Raises:
            BrokerUnfit: it is one.
        """
        info = await insist(partial(self.connection.ask, "$JS.API.INFO"), self.broker.patience)
        if isinstance(info, ApiError):
            raise Away(info.text)
        most = int(info["limits"]["max_streams"])
        needed = len(streams) + 2  # the facts, and the farewells
        if 0 <= most < int(info["streams"]) + needed:
            raise BrokerUnfit(
                f"the run {self.names.run!r} needs {needed} streams, and this account has "
                f"{info['streams']} of the {most} that it may have. Raise `max_streams`, or "
                "forget runs that are over."
            )

    async def make_facts(self) -> None:
        """Make the stream of the facts. It opens the run: one process alone can make it.

        Raises:
            RunExists: another one has made it.
            BrokerUnfit: the server does not make it.
        """
        config = {
            "name": self.names.facts,
            "subjects": [self.names.every_fact],
            "metadata": {_ID: self.names.id},  # for another process, other settings
            **self._kept(1, "old"),
        }
        await self._make_empty(config)

    async def id_of_run(self) -> str | None:
        """Return the id of the run of this name, if there is one."""
        answer = await self._ask_for(f"STREAM.INFO.{self.names.facts}")
        if isinstance(answer, ApiError):
            return None
        metadata: Mapping[str, str] = answer["config"].get("metadata") or {}
        return metadata.get(_ID, "unknown")

    async def make_stream(self, stream: Stream) -> None:
        """Make the stream of a node, without any record of an earlier run.

        Raises:
            Gone: another process has removed the run meanwhile.
            BrokerUnfit: as for `make_facts`.
        """
        kept = self._kept(1, "old") if stream.cap is None else self._kept(stream.cap + 1, "new")
        name, subjects = self.names.stream(stream.name), [self.names.subject(stream.name)]
        await self._make_empty({"name": name, "subjects": subjects, **kept})

    async def make_leg(self, leg: Reach, keep_within: float) -> None:
        """Make the consumer of a leg.

        Args:
            leg: the leg.
            keep_within: how many seconds a record stays in hand unless it is kept.

        Raises:
            BrokerUnfit: as for `make_facts`.
        """
        stream, name = self.names.stream(leg.stream), self.names.consumer(leg.name)
        config = {
            "durable_name": name,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": 2,  # the opening record is never taken
            "ack_policy": "explicit",
            "ack_wait": int(keep_within * SECOND),
            "max_ack_pending": leg.in_hand,
            "replay_policy": "instant",
        }
        await self._make(
            f"CONSUMER.DURABLE.CREATE.{stream}.{name}", {"stream_name": stream, "config": config}
        )

    async def make_farewells(self) -> None:
        """Make the stream of what is said of all runs, unless it is there, however it was made.

        Raises:
            BrokerUnfit: as for `make_facts`.
        """
        config = {
            "name": FAREWELLS,
            "subjects": [Names("*").farewell],
            "max_age": _DAY * SECOND,
            **self._kept(1, "old"),
        }
        answer = await self.connection.ask(f"$JS.API.STREAM.CREATE.{FAREWELLS}", config)
        if isinstance(answer, ApiError) and answer.err_code != _OTHERS_SETTINGS:
            raise Away(f"{FAREWELLS}: {answer.text}")

    async def _make_empty(self, config: Mapping[str, object]) -> None:
        """Make a stream whose first record is one of this run: the sequence counts, too."""
        await insist(partial(self._try_to_make_empty, config), self.broker.patience)

    async def _try_to_make_empty(self, config: Mapping[str, object]) -> None:
        name = config["name"]
        answer = await self._ask_for(f"STREAM.CREATE.{name}", config)
        if isinstance(answer, ApiError):
            if answer.err_code != _OTHERS_SETTINGS or name == self.names.facts:
                raise self._refusal(answer)
        elif not _has_old_records(answer):
            return
        # What is left of an earlier run. This one alone may remove it, as long as it is there.
        if await self.id_of_run() != self.names.id:
            raise Gone(self.names.run)
        await self._ask_for(f"STREAM.DELETE.{name}")
        raise Away(f"the server still keeps records of an earlier run {self.names.run!r}")

    async def _make(self, what: str, config: Mapping[str, object]) -> None:
        answer = await insist(partial(self._ask_for, what, config), self.broker.patience)
        if isinstance(answer, ApiError):
            raise self._refusal(answer)

    async def _ask_for(
        self, what: str, config: Mapping[str, object] | None = None
    ) -> Answer | ApiError:
        answer = await self.connection.ask(f"$JS.API.{what}", config)
        if isinstance(answer, ApiError) and _may_come_back(answer):
            raise Away(answer.text)
        return answer

    def _refusal(self, answer: ApiError) -> RunExists | BrokerUnfit:
        run, replicas = self.names.run, self.broker.replicas
        if answer.err_code == _OTHERS_SETTINGS:
            return RunExists(
                f"there is a run {run!r} on this broker already. Choose another name, or wait for "
                "its end; if its caller has died, resume it, or forget it."
            )
        if answer.err_code in (_NO_CLUSTER, _TOO_FEW_SERVERS):
            found = "is a single server" if answer.err_code == _NO_CLUSTER else "has fewer now"
            return BrokerUnfit(
                f"the run {run!r} needs {replicas} servers with JetStream for replicas={replicas}, "
                f"and the broker {found}: {answer.text}. Start more in its cluster, or ask for "
                "fewer replicas."
            )
        return BrokerUnfit(
            f"the server does not make a part of the run {run!r}: {answer.text}. "
            "See to the limits and the permissions of this account."
        )

    def _kept(self, most: int, discard: str) -> Mapping[str, object]:
        """Return the settings of a stream that keeps at most so many messages of each subject."""
        return {
            "retention": "limits",
            "storage": "file",
            "num_replicas": self.broker.replicas,
            "duplicate_window": _NAMES_KEPT,
            "max_msgs_per_subject": most,
            "discard": discard,
            "discard_new_per_subject": discard == "new",
        }


def _has_old_records(made: Answer) -> bool:
    """Whether a stream that was just made has stored something before.

    Then one of that name was removed, and the server still had the rest of another removal to do:
    it says that it succeeded, leaves the files, and makes the next stream of them (seen with
    nats-server 2.15.1; https://github.com/nats-io/nats-server/pull/8474).
    """
    return int(made["state"]["last_seq"]) > 0


def _may_come_back(error: ApiError) -> bool:
    """Whether it lacks what is there in a moment.

    Such as servers of which one is restarted, or a folder that is still being removed.
    """
    too_few = error.err_code == _TOO_FEW_SERVERS and "offline" in error.text
    return too_few or error.err_code == _NO_STORE
