"""Messages between parent and child over a socket: a pickle, and big buffers beside it."""

from __future__ import annotations

import pickle
import socket
import struct
from collections import deque
from collections.abc import Generator, Sequence
from itertools import islice
from typing import Any

from attrs import frozen

_HEAD = struct.Struct("<qqqdQQ")
"""First, count, failed, seconds, bytes of the pickle, and how many buffers follow it."""

BIG = 65536
"""Bytes from which on a buffer is sent beside the pickle, so that it is never copied into one."""

_AT_ONCE = 64  # parts that are written with one call to the system, which allows for 1,024


@frozen
class Message:
    """What was sent at once.

    Attributes:
        first: the number of the first item that it is about; an answer goes on from the last one.
        count: how many items it is about; below 0 if the message with them could not be unpickled.
        failed: how many of them failed.
        seconds: how long they took.
    """

    first: int
    count: int
    failed: int
    seconds: float
    _body: bytearray
    _buffers: Sequence[bytearray]

    def content(self) -> Any:  # noqa: ANN401  # whatever was packed
        """Unpickle what was packed.

        Raises:
            Exception: whatever the classes of what is inside raise.
        """
        return pickle.loads(self._body, buffers=self._buffers)  # noqa: S301  # from our own


def pack(
    first: int, count: int, content: object, *, failed: int = 0, seconds: float = 0.0
) -> list[memoryview]:
    """Make the parts of a message; see `Message`.

    Raises:
        Exception: whatever the classes of what is inside raise when they are pickled.
    """
    beside: list[memoryview] = []

    def keep_inside(buffer: pickle.PickleBuffer) -> bool:
        view = buffer.raw()
        if view.nbytes < BIG:
            return True
        beside.append(view)
        return False

    body = pickle.dumps(content, 5, buffer_callback=keep_inside)
    head = _HEAD.pack(first, count, failed, seconds, len(body), len(beside))
    sizes = struct.pack(f"<{len(beside)}Q", *(view.nbytes for view in beside))
    return [memoryview(head + sizes), memoryview(body), *beside]


class Outbox:
    """What is to be written to a socket."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: deque[memoryview] = deque()

    def put(self, parts: Sequence[memoryview]) -> None:
        """Add a message."""
        self._parts.extend(parts)

    def write(self, sock: socket.socket) -> bool:
        """Write as much as the socket takes now; a blocking one takes all.

        Returns:
            Whether nothing is left.

        Raises:
            OSError: the reader is gone.
        """
        parts = self._parts
        while parts:
            try:
                sent = sock.sendmsg([*islice(parts, _AT_ONCE)])
            except BlockingIOError:
                return False
            while sent:
                part = parts.popleft()
                if sent < len(part):
                    parts.appendleft(part[sent:])
                sent = max(sent - len(part), 0)
        return True


class Inbox:
    """Reads messages from a socket, each in as many pieces as come."""

    __slots__ = ("_hole", "_parts")

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._parts = _assemble()
        self._hole = next(self._parts)

    def read(self, sock: socket.socket) -> Message:
        """Read the next message.

        Raises:
            BlockingIOError: it is not all there yet; what is there is kept for the next time.
            EOFError: nothing more comes.
        """
        while True:
            try:
                size = sock.recv_into(self._hole)
            except ConnectionError:  # the other end was killed before it had read everything
                size = 0
            if not size:
                raise EOFError
            self._hole = self._hole[size:]
            if not self._hole:
                try:
                    self._hole = next(self._parts)
                except StopIteration as end:
                    message: Message = end.value
                    self._begin()
                    return message


def _assemble() -> Generator[memoryview, None, Message]:
    """Yield what is to be filled with bytes, one after the other, and then the message."""
    head = bytearray(_HEAD.size)
    yield memoryview(head)
    first, count, failed, seconds, size, beside = _HEAD.unpack(head)
    sizes = bytearray(8 * beside)
    if sizes:
        yield memoryview(sizes)
    body = bytearray(size)
    yield memoryview(body)  # no pickle is empty
    buffers = [bytearray(each) for (each,) in struct.iter_unpack("<Q", sizes)]
    for buffer in buffers:
        yield memoryview(buffer)
    return Message(first, count, failed, seconds, body, buffers)
