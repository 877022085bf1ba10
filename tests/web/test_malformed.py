"""What is wrong is told to the client, in clear words, and the connection stays open."""

from __future__ import annotations

import json

import aiohttp
import pytest

from demos.web.client import definition
from demos.web.conversation import conversation
from demos.web.limits import Limits
from demos.web.protocol import Check, Checked, Example, Mistake, Refused, Run, Wrong
from demos.web.welcome import examples, offers
from tests.web.servers import Server, serving
from tests.web.visitors import Connect, Visitor, hear_until, run, websocket

LIMITS = Limits()
MANY = [f"n{number}" for number in range(21)]
NODE = '[nodes.{}]\ncoro = "strings"\nargs = {{strings = ["x"]}}\n'
OUT = '[nodes.out]\ncoro = "emit"\naggregate_inputs = false\n'
LINE = (
    '[nodes.a]\ncoro = "strings"\nargs = {strings = ["x"]}\n'
    '[nodes.b]\ncoro = "{coro}"\n{more}\n' + OUT + '[graph]\na = ["b"]\nb = ["out"]\n'
)

WRONG = {
    "no TOML": ("[nodes", "not valid TOML"),
    "no JSON": ('{"nodes"', "not valid JSON"),
    "nothing": ("", "there are no nodes"),
    "not offered": (LINE.replace("{coro}", "eval"), "'eval' is not offered"),
    "an import path": (LINE.replace("{coro}", "os:system"), "import paths are off"),
    "types that do not meet": (
        LINE.replace("{coro}", "square"),
        "a gives str, b takes int. Put a node between them",
    ),
    "a wrong argument": (LINE.replace('["x"]', '"x"'), "takes list[str] here, not 'x'"),
    "an argument that is too large": (
        LINE.replace('["x"]', '["x"], times = 2000000'),
        "not 2000000",
    ),
    "too many workers": (LINE.replace("{more}", "workers = 17"), "17 is too much here: 16 at most"),
    "too large a buffer": (LINE.replace("{more}", "buffer = 101"), "100 at most"),
    "too large a window": (LINE.replace("{more}", "window = 101"), "100 at most"),
    "a loose end": (
        LINE.replace('b = ["out"]', "b = []").replace(OUT, ""),
        "no node takes what b gives",
    ),
    "a circle": (LINE.replace('["out"]', '["b"]'), "the graph goes in a circle"),
    "too many nodes": (
        LINE + "".join(f'{node} = ["out"]\n' for node in MANY) + "".join(map(NODE.format, MANY)),
        "24 nodes, and 20 are allowed",
    ),
    "too long": ("#" * (LIMITS.definition + 1), "16385 bytes, and 16384 are allowed"),
}


def right(text: str) -> str:
    """Fill in what is not wrong on purpose."""
    return text.replace("{coro}", "reverse").replace("{more}", "")


async def still_works(visitor: Visitor) -> bool:
    """Tell whether the visitor can still run a pipeline."""
    values, _ = await run(visitor, definition(["x"]))
    return sorted(map(str, values)) == ["1", "X"]


@pytest.mark.parametrize("case", WRONG)
async def test_a_wrong_definition_is_refused_with_all_that_is_wrong(
    case: str, connect: Connect, server: Server
) -> None:
    text, reason = WRONG[case]

    async with connect(server.url) as visitor:
        await visitor.ask(Run(right(text)))
        wrong = await hear_until(visitor, Wrong)

        assert reason in " ".join(mistake.what for mistake in wrong.mistakes)
        assert await still_works(visitor)


async def test_a_mistake_names_its_place_and_its_line(connect: Connect, server: Server) -> None:
    async with connect(server.url) as visitor:
        await visitor.ask(Check(right(LINE.replace("{coro}", "revers"))))
        wrong = await hear_until(visitor, Wrong)

    what = "the coroutine 'revers' is not offered. Did you mean 'reverse'?"
    assert wrong.mistakes == [Mistake(what, "nodes.b.coro", 5)]


async def test_only_so_many_mistakes_are_told(connect: Connect, server: Server) -> None:
    text = "".join(f"[nodes.n{number}]\n" for number in range(60))

    async with connect(server.url) as visitor:
        await visitor.ask(Check(text))
        wrong = await hear_until(visitor, Wrong)

    assert len(wrong.mistakes) == 51
    assert wrong.mistakes[-1].what.startswith("and ")


HALF = "\ud800"  # of a surrogate pair: JSON can say it, UTF-8 cannot


async def test_half_a_surrogate_pair_goes_through_and_comes_back(
    connect: Connect, server: Server
) -> None:
    text = json.dumps(definition([HALF]))
    async with connect(server.url) as visitor:
        values, ended = await run(visitor, text)

    assert ended.by == "itself"
    assert HALF in values


async def test_half_a_surrogate_pair_in_a_mapping_is_refused(server: Server) -> None:
    async with conversation(server.url) as visitor:
        await visitor.send("run", {"definition": {"name": HALF}})
        wrong = await hear_until(visitor, Wrong)

    assert "cannot be written as JSON" in wrong.mistakes[0].what


PAYLOADS: dict[str, tuple[str, object, str]] = {
    "an event that there is not": ("jump", {}, "'jump'"),
    "no definition": ("run", {}, "missing required field `definition`"),
    "a definition that is a number": ("run", {"definition": 5}, "Expected"),
    "something more": ("run", {"definition": "", "fast": True}, "unknown field `fast`"),
    "a text instead of an object": ("run", "definition", "one object as its data"),
    "a list": ("run", [1, 2], "one object as its data"),
    "bytes": ("run", b"\x00", "nothing binary is spoken here"),
    "two payloads": ("run", ({}, {}), "one object as its data"),
    "a number below zero": ("taken", {"messages": -1}, ">= 0"),
    "more than there was": ("taken", {"messages": 10_000}, "cannot have taken 10000"),
    "nothing to cancel": ("cancel", None, "nothing of yours runs"),
}


@pytest.mark.parametrize("case", PAYLOADS)
async def test_a_malformed_payload_is_refused_in_clear_words(case: str, server: Server) -> None:
    event, data, reason = PAYLOADS[case]

    async with conversation(server.url) as visitor:
        await visitor.send(event, data)
        refused = await hear_until(visitor, Refused)

        assert reason in refused.what
        assert await still_works(visitor)


async def test_a_client_that_says_again_that_it_connects_is_counted_once() -> None:
    with serving() as server:
        async with conversation(server.url) as visitor:
            await visitor.send("connect", ("anywhere", None))
            assert await still_works(visitor)

            assert server.status().clients == 1


TEXTS = {
    "no JSON": ("run", "not valid JSON"),
    "no object": ("[1]", "Expected `object`"),
    "no event": ("{}", "missing required field `event`"),
    "an event that there is not": ('{"event": "jump"}', "'jump'"),
    "very deep": ('{"event": "run", "definition": ' + '{"a":' * 30_000, "nested too deeply"),
}


@pytest.mark.parametrize("case", TEXTS)
async def test_a_malformed_text_is_refused_in_clear_words(case: str, server: Server) -> None:
    text, reason = TEXTS[case]

    async with websocket(server.url) as visitor:
        await visitor.socket.send_str(text)
        refused = await hear_until(visitor, Refused)

        assert reason in refused.what
        assert await still_works(visitor)


async def test_bytes_over_a_websocket_are_refused_in_clear_words(server: Server) -> None:
    async with websocket(server.url) as visitor:
        await visitor.socket.send_bytes(b"{}")
        refused = await hear_until(visitor, Refused)

        assert refused.what == "a request is a text, not bytes"
        assert await still_works(visitor)


async def test_a_page_of_another_origin_may_not_talk_to_the_server(server: Server) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{server.url}/ws", origin="http://elsewhere.example")

    assert refused.value.status == 403


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
async def test_every_example_is_right_but_the_one_that_is_wrong_on_purpose(
    example: Example, server: Server
) -> None:
    async with websocket(server.url) as visitor:
        await visitor.ask(Check(example.definition))
        await visitor.hear()
        answer = await visitor.hear()

    if example.name == "wrong on purpose":
        assert isinstance(answer, Wrong)
        assert len(answer.mistakes) == 5
    else:
        assert isinstance(answer, Checked)
        assert answer.svg.startswith("<svg")


def test_limits_that_allow_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="runs must be above 0, not 0"):
        Limits(runs=0)


def test_every_offer_says_what_it_does() -> None:
    assert all(offer.about and " -> " in offer.signature for offer in offers())
