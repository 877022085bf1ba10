"""Graphs for the tests of this folder: a small one, one with everything, one with 40 boxes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from attrs import frozen

from demos.census import pipeline
from demos.census.tally import Tally
from typedpipes import Joint, Plumber, Processor, Sink, Source


@frozen
class Page:
    text: str


async def pages() -> AsyncIterator[Page]:
    yield Page("one")


async def words(page: Page) -> AsyncIterator[str]:
    yield page.text


async def length(word: str) -> int:
    return len(word)


async def store(item: object) -> None: ...


def small() -> Plumber:
    """Three boxes in a row."""
    plumber = Plumber("small")
    plumber.connect(Source(pages)).to(Processor(words, workers=4)).to(Sink(store))
    return plumber


def census() -> Plumber:
    """A fork, a zip, a merge and failures."""
    return pipeline.draw([], Tally())


def large() -> Plumber:
    """Forty boxes: six stretches that merge and fail into one."""
    plumber = Plumber("large")
    failing: list[Processor[str, int]] = []
    ends = [plumber.connect(Source(["one"], name=f"source {n}")) for n in range(6)]
    for number, joint in enumerate(ends):
        counted = Processor(length, name=f"length {number}")
        failing.append(counted)
        lengths = joint.to(Processor(same, name=f"same {number}")).to(counted)
        pair = plumber.zip(joint, lengths).to(Processor(first, name=f"first {number}"))
        ends[number] = pair.to(Processor(same, name=f"again {number}", workers=2))
    plumber.merge(*ends).to(Sink(store, name="words"))
    plumber.merge(*map(plumber.failures, failing)).to(Sink(store, name="failures"))
    return plumber


def strange() -> Plumber:
    """Names that mean something in one of the formats."""
    plumber = Plumber('</title> "q" & \\ %')
    names = [
        '"',
        "end",
        "a\nb",
        "\\",
        "\\N",
        "<b>&amp;",
        "#35;",
        "]] --> {{x}}",
        "%%",
        "`*_`",
        "語",
        "\x1b[31m\x00\ud800",
    ]
    joint = plumber.connect(Source(["one"], name="-- ; --"))
    for name in names:
        joint = joint.to(Processor(same, name=name))
    joint.collect()
    return plumber


def segmented() -> Plumber:
    """A segment in another, which is drawn twice, beside what is in none."""
    plumber = Plumber("segmented")
    words = plumber.connect(Source(["one"]))
    left = words.via(_measured, name="left").to(Processor(once, name="between"))
    plumber.merge(left, words.via(_measured, name="]] & <b>")).to(Sink(count, name="store"))
    return plumber


def _measured(words: Joint[str]) -> Joint[int]:
    processor = Processor(length)
    words.plumber.failures(processor).collect()
    return words.via(_sifted, name="sifted").zip(words.to(processor)).to(Processor(second))


def _sifted(words: Joint[str]) -> Joint[str]:
    return words.keep(str.islower).to(Processor(same))


async def once(number: int) -> int:
    return number


async def count(number: int) -> None: ...


async def second(pair: tuple[str, int]) -> int:
    return pair[1]


async def same(word: str) -> str:
    return word


async def first(pair: tuple[str, int]) -> str:
    return pair[0]
