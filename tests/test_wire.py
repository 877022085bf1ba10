# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Messages between parent and child come out as they went in, in whatever pieces they travel."""

from __future__ import annotations

import pickle
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedpipes.offload.wire import BIG, Inbox, Outbox, pack


class Large:
    """What has a buffer of its own, as an array has."""

    def __init__(self, content: bytearray) -> None:
        self.content = content

    def __reduce_ex__(self, _: object) -> tuple[type[Large], tuple[pickle.PickleBuffer]]:
        return Large, (pickle.PickleBuffer(self.content),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Large) and bytes(self.content) == bytes(other.content)

    def __hash__(self) -> int:
        return 0


SIZES = st.sampled_from([0, 1, BIG - 1, BIG, BIG + 1, 3_000_000])
CONTENTS = st.lists(st.integers() | st.text() | st.binary() | SIZES.map(bytearray).map(Large))


@settings(deadline=None)
@given(st.lists(CONTENTS, min_size=1, max_size=4))
def test_what_is_packed_comes_out_of_the_other_end(contents: list[list[object]]) -> None:
    here, there = socket.socketpair()
    outbox, inbox = Outbox(), Inbox()
    for number, content in enumerate(contents):
        outbox.put(pack(number, -number, content, failed=3, seconds=0.5))
    writing = threading.Thread(target=outbox.write, args=[here])

    with here, there:
        writing.start()
        messages = [inbox.read(there) for _ in contents]
        writing.join()

    assert [message.content() for message in messages] == contents
    assert [message.first for message in messages] == [*range(len(contents))]
    assert [message.count for message in messages] == [-number for number in range(len(contents))]
    assert {(message.failed, message.seconds) for message in messages} == {(3, 0.5)}


def test_a_part_of_a_message_is_kept_until_the_rest_comes() -> None:
    here, there = socket.socketpair()
    inbox = Inbox()
    whole = b"".join(pack(1, 2, ["content"]))

    with here, there:
        there.setblocking(False)
        for place in range(len(whole)):
            with pytest.raises(BlockingIOError):
                inbox.read(there)
            here.send(whole[place : place + 1])
        message = inbox.read(there)

    assert message.content() == ["content"]


def test_a_writer_that_would_block_goes_on_later() -> None:
    here, there = socket.socketpair()
    outbox, inbox = Outbox(), Inbox()
    content = [Large(bytearray(5_000_000)), "the rest"]
    outbox.put(pack(0, 1, content))

    with here, there:
        here.setblocking(False)
        there.setblocking(False)
        blocked = not outbox.write(here)
        contents: list[object] = []
        while not contents:
            try:
                contents.append(inbox.read(there).content())
            except BlockingIOError:
                outbox.write(here)

    assert blocked
    assert contents == [content]


def test_a_large_buffer_is_sent_as_it_is_and_a_small_one_in_the_pickle() -> None:
    large, small = bytearray(BIG), bytearray(BIG - 1)

    _, body, beside = pack(0, 1, [Large(large), Large(small)])

    assert beside.obj is large
    assert len(body) < BIG + 1000


def test_the_end_of_the_other_side_is_told() -> None:
    here, there = socket.socketpair()
    here.close()

    with there, pytest.raises(EOFError):
        Inbox().read(there)
