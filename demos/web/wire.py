"""Requests and messages from and to plain data, checked where they come in."""

from __future__ import annotations

import json

import msgspec

from demos.web.protocol import AnyMessage, AnyRequest, Message, Request

LONGEST = 200_000  # bytes of a request: the longest definition, however it is escaped


class Malformed(Exception):
    """One side said what is not in the protocol."""


def request_of(*said: object) -> AnyRequest:
    """Make a request of what a client said: an event, and its data.

    Raises:
        Malformed: it says nothing that can be read, there is no such event, or its data is
            not as it should be.
    """
    if not said:
        raise Malformed("this is not an event with JSON as its data; nothing binary is spoken here")
    event, *data = said
    return _request({**_named(tuple(data)), "event": event})


def parsed_request(text: str) -> AnyRequest:
    """Make a request of a JSON text.

    Raises:
        Malformed: as for `request_of`, or it is no JSON.
    """
    try:
        return _request(msgspec.json.decode(text))
    except msgspec.DecodeError as error:
        raise Malformed(f"this is not valid JSON: {error}") from None
    except RecursionError:
        raise Malformed("this is nested too deeply to be read") from None


def _request(told: object) -> AnyRequest:
    try:
        request: AnyRequest = msgspec.convert(told, AnyRequest)
    except RecursionError:
        raise Malformed("this is nested too deeply to be read") from None
    except msgspec.ValidationError as error:
        raise Malformed(
            f"{error}. Say 'check' or 'run' with a `definition`, 'cancel' with nothing, or 'taken' "
            "with the number of `messages` you have read."
        ) from None
    return request


def _named(data: tuple[object, ...]) -> dict[str, object]:
    try:
        (named,) = msgspec.convert(data or ({},), tuple[dict[str, object]])
    except msgspec.ValidationError as error:
        raise Malformed(f"an event comes with one object as its data: {error}") from None
    return named


def message_of(event: str, *data: object) -> AnyMessage:
    """Make a message of an event and its data, at the client.

    Raises:
        Malformed: the server speaks another protocol.
    """
    try:
        message: AnyMessage = msgspec.convert({**_named(data), "event": event}, AnyMessage)
    except msgspec.ValidationError as error:
        raise Malformed(f"the server speaks another protocol: {error}") from None
    return message


def event_and_data(said: Message | Request) -> tuple[str, dict[str, object]]:
    """Take a message or a request apart, as Socket.IO sends it."""
    data = msgspec.convert(msgspec.to_builtins(said), dict[str, object])
    return str(data.pop("event")), data


def text_of(said: Message | Request) -> str:
    """Write a message or a request as one JSON text, as a WebSocket sends it."""
    # msgspec writes no half of a surrogate pair, and a client may have sent one.
    return json.dumps(msgspec.to_builtins(said))


def size_of(said: Message) -> int:
    """Count the bytes of a message on its way."""
    return len(text_of(said))
