"""The connection to a server: the few calls of nats-py that are used, with types and our errors.

Nothing else here imports nats-py. Its JetStream client is left alone: its publishing hides which
condition was not met.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, Final, TypeAlias

import msgspec
from attrs import frozen

from typedpipes.nats.answers import Answers
from typedpipes.nats.broker import Broker
from typedpipes.nats.errors import BrokerAway, BrokerUnfit
from typedpipes.network.patience import insist
from typedpipes.network.wire import Away
from typedpipes.shorten import shorten_message

try:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.errors import Error, NoRespondersError
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "typedpipes.nats needs nats-py: pip install 'typedpipes[nats]'", name="nats"
    ) from None

ANSWER_WITHIN: Final = 5.0  # seconds
NO_RESPONDERS: Final = "503"
_MOST_DENIALS: Final = 100
_NO_LEADER: Final = 10008
_OLDEST: Final = (2, 14, 2)
"""Of all before it that were tried, each loses the last message of a subject when it refuses
another one because there are as many as may be."""

_PING: Final = 10  # seconds; two without an answer, and the connection is made anew
_PAUSE: Final = 0.1  # seconds between two attempts to connect

Answer: TypeAlias = Mapping[str, Any]
"""What the server says, as JSON. Any: each call knows what it asked for."""


@frozen
class ApiError:
    """What the server refused, by its numbers."""

    code: int
    err_code: int
    text: str


@frozen
class Message:
    """A message that came.

    Attributes:
        reply: where to answer; empty if no answer is awaited.
        data: what it says.
        status: a status of the server in place of a message; empty for a message.
    """

    reply: str
    data: bytes
    status: str


class Connection:
    """A connection that comes back by itself when it was cut.

    Where the server has closed it for good, such as for credentials that have expired, everything
    raises `BrokerAway`.
    """

    def __init__(self, client: Client, broker: Broker, denials: Sequence[str]) -> None:
        self._client = client
        self._broker = broker
        self._denials = denials  # as the server says them, apart from answers
        self._answers = Answers[Msg](client.new_inbox())

    async def hear_answers(self) -> None:
        """Hear the answers to requests, until the client is closed."""
        await self._client.subscribe(self._answers.subject, cb=self.came)  # pyright: ignore[reportUnknownMemberType]  # as below

    async def came(self, message: Msg) -> None:
        """Hear an answer."""
        self._answers.came(message.subject, message)

    @property
    def largest(self) -> int:
        """The most bytes of a message."""
        return self._client.max_payload

    async def ask(self, subject: str, payload: object = None) -> Answer | ApiError:
        """Ask the server for something, in JSON.

        Raises:
            Away: as for `request`.
        """
        data = b"" if payload is None else msgspec.json.encode(payload)
        return await self.request(subject, data)

    async def request(
        self, subject: str, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer | ApiError:
        """Send something that the server answers in JSON.

        Raises:
            Away: there was no answer, or the cluster can do nothing now.
            BrokerUnfit: there was none because this account may not ask for it.
        """
        denied = len(self._denials)
        reply, coming = self._answers.expect()
        try:
            sent = None if headers is None else {**headers}
            await self._client.publish(subject, data, reply, headers=sent)
            answer = await _in_time(coming)
            if (answer.headers or {}).get("Status") == NO_RESPONDERS:
                raise NoRespondersError  # as the client would
        except (Error, OSError) as error:
            for denial in self._denials[denied:]:
                raise BrokerUnfit(
                    f"this account may not do what a run needs: {denial}. See to its permissions."
                ) from error
            raise self._lost(subject, error) from error
        finally:
            self._answers.forget(reply)
        said = msgspec.json.decode(answer.data, type=dict[str, Any])
        wrong = said.get("error")
        if wrong is None:
            return said
        refusal = ApiError(
            int(wrong.get("code", 0)), int(wrong.get("err_code", 0)), str(wrong.get("description"))
        )
        if refusal.err_code == _NO_LEADER:
            raise Away(f"{subject}: the servers of the cluster have no leader now")
        return refusal

    async def publish(self, subject: str, data: bytes, reply: str = "") -> None:
        """Send something without an answer; it is lost where the connection is cut."""
        try:
            await self._client.publish(subject, data, reply)
        except (Error, OSError) as error:
            raise self._lost(subject, error) from error

    def inbox(self) -> str:
        """Return a subject that only this connection listens to."""
        return self._client.new_inbox()

    @asynccontextmanager
    async def listening(
        self, subject: str, listener: Callable[[Message], None], *, to_the_last: bool = False
    ) -> AsyncGenerator[None]:
        """Have the listener called with all messages on a subject.

        Args:
            subject: the subject.
            listener: what is called.
            to_the_last: whether it is also called with what is on its way at the end of the block.
        """

        async def called(message: Msg) -> None:
            headers = message.headers or {}
            listener(Message(message.reply, message.data, headers.get("Status", "")))

        try:
            subscription = await self._client.subscribe(subject, cb=called)  # pyright: ignore[reportUnknownMemberType]  # a parameter that is not used here has half a type
        except (Error, OSError) as error:
            raise self._lost(subject, error) from error
        try:
            yield
        finally:
            if to_the_last and self._client.is_connected:
                with suppress(TimeoutError):
                    async with asyncio.timeout(ANSWER_WITHIN):
                        await _anyway(subscription.drain())  # type: ignore[no-untyped-call]
            else:
                await _anyway(subscription.unsubscribe())

    def _lost(self, subject: str, error: Exception) -> Away | BrokerAway:
        """Return what an error means: that the connection is cut for now, or closed for good."""
        if not self._client.is_closed:
            return Away(f"{subject}: {shorten_message(error)}")
        # The server has said something that its client does not connect anew after.
        return BrokerAway(self._broker, shorten_message(self._client.last_error or error))


async def _in_time(coming: asyncio.Future[Msg]) -> Msg:
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return await coming
    except TimeoutError:
        raise TimeoutError(f"timeout: no answer within {ANSWER_WITHIN:g} s") from None


async def _anyway(call: Awaitable[object]) -> None:
    """Do what need not succeed: the connection may be gone."""
    try:
        await call
    except (Error, OSError):
        return


@asynccontextmanager
async def connected(broker: Broker) -> AsyncGenerator[Connection]:
    """Connect to a broker for as long as the block runs.

    Raises:
        BrokerAway: there is none at its address.
        BrokerUnfit: it has no JetStream, or is too old.
    """
    client = Client()
    denials: list[str] = []
    try:
        await _dial(client, broker, denials)
        connection = Connection(client, broker, denials)
        await connection.hear_answers()
        await _refuse_unfit(connection, client, broker)
        yield connection
    finally:
        # The last: since CPython 3.12, to write what was not sent to a transport that is lost.
        with suppress(Error, OSError, TypeError):
            await client.close()


async def _dial(client: Client, broker: Broker, denials: list[str]) -> None:
    end = monotonic() + broker.patience
    tries = True

    async def note(error: Exception) -> None:
        # Called after each attempt. Raised here, it comes out of `connect`, which tries for ever.
        if tries and monotonic() >= end:
            raise BrokerAway(broker, shorten_message(error))
        said = shorten_message(error).removeprefix("nats: ").strip("'")
        if said.startswith("permissions violation") and len(denials) < _MOST_DENIALS:
            denials.append(said)

    settings: dict[str, Any] = {  # Any: nats-py says int where it takes any number
        "reconnect_time_wait": _PAUSE,
        "tls": broker.tls,
        "user_credentials": None if broker.credentials is None else str(broker.credentials),
    }
    try:
        await client.connect(
            [*broker.urls],
            error_cb=note,
            name="typedpipes",
            connect_timeout=2,
            ping_interval=_PING,
            max_reconnect_attempts=-1,
            no_echo=True,  # what a process tells itself it hears without the server
            **{key: value for key, value in settings.items() if value is not None},
        )
    except (Error, OSError) as error:  # such as a URL that is none
        raise BrokerAway(broker, shorten_message(error)) from error
    finally:
        tries = False


async def _refuse_unfit(connection: Connection, client: Client, broker: Broker) -> None:
    version = client.connected_server_version
    found = (version.major, version.minor, version.patch)
    if found < _OLDEST:
        raise BrokerUnfit(
            f"the server has version {_dotted(found)}, and {_dotted(_OLDEST)} is the oldest that "
            "keeps the last record of a stream that is full. Upgrade it."
        )
    try:
        account = await insist(partial(_account, connection), broker.patience)
    except Away as error:  # it is up, and slow: its disk may be busy
        raise BrokerAway(broker, shorten_message(error)) from error
    if isinstance(account, ApiError):
        raise BrokerUnfit(f"the server does not let this account use JetStream: {account.text}")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


async def _account(connection: Connection) -> Answer | ApiError:
    try:
        return await connection.ask("$JS.API.INFO")
    except Away as error:
        if not isinstance(error.__cause__, NoRespondersError):
            raise
        raise BrokerUnfit(
            "the server has no JetStream, which keeps the records of a run. Start it with `-js`, "
            "or turn it on for this account."
        ) from error
