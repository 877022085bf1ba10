"""The names of the parts of a drawing: as the user named them, or else made unique.

A part that was drawn in a segment with a name has that before its own: `billing/lookup`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import TypeAlias

from typedpipes.blueprint import Part
from typedpipes.connection import Input
from typedpipes.fittings import Collector, Relay
from typedpipes.processor import Processor
from typedpipes.source import Source

Names: TypeAlias = Mapping[Part, str]


def is_named(part: Part) -> bool:
    """Whether a user gave it its name."""
    return isinstance(part, Source | Processor | Collector) and part.named


def within(segment: str, name: str) -> str:
    """Return the full name of what has a name in a segment; `""` is no segment."""
    return f"{segment}/{name}" if segment else name


def is_within(segment: str, outer: str) -> bool:
    """Whether a segment is another one, or was drawn in it."""
    return segment == outer or segment.startswith(f"{outer}/")


def outer_names(name: str) -> Iterator[str]:
    """Yield the names of the segments that something may be in by its name, the innermost first."""
    parts = name.split("/")
    for end in range(len(parts) - 1, 0, -1):
        if all(parts[: end + 1]):
            yield "/".join(parts[:end])


def names_of(
    inputs: Mapping[Part, Sequence[Input]], segments: Mapping[Part, str], called: Names
) -> tuple[Names, Names]:
    """Return a name for every part, and the key of each collector in `Report.collected`.

    Args:
        inputs: what each part takes. Names given by users are already unique.
        segments: the segment of each part that was drawn in one.
        called: the full names of parts that do not have their own; unique as well.

    Returns:
        The names of all parts, and the keys of collectors. A collector without a name is named
        after what it follows.
    """

    def full(part: Part, name: str) -> str:
        return within(segments.get(part, ""), name)

    names = {part: full(part, part.name) for part in inputs if is_named(part)}
    names |= {part: name for part, name in called.items() if part in inputs}
    others = [part for part in inputs if part not in names and not isinstance(part, Collector)]
    names |= _distinct({part: full(part, part.name) for part in others}, names)
    keys: dict[Part, str] = {part: names[part] for part in names if isinstance(part, Collector)}
    nameless = [part for part in inputs if part not in names]
    wishes = {part: _followed(inputs[part], names, segments.get(part, "")) for part in nameless}
    keys |= _distinct(wishes, keys)
    here = {part: keys[part].removeprefix(full(part, "")) for part in nameless}
    names |= _distinct({part: full(part, f"collect {here[part]}") for part in nameless}, names)
    return names, keys


def _distinct(wishes: Names, given: Names) -> dict[Part, str]:
    """Assign each part its preferred name, with a number appended if the name is taken."""
    taken = set(given.values())
    names: dict[Part, str] = {}
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(2))
    for part, wish in wishes.items():
        name = wish
        while name in taken:
            name = f"{wish}-{next(numbers[wish])}"
        taken.add(name)
        names[part] = name
    return names


def _followed(several: Sequence[Input], names: Names, segment: str) -> str:
    """Return what a collector follows: a node, the failures of one, or several at once."""
    how, tap = several[0].how, several[0].taps[0]
    if how != "one":
        return within(segment, how)
    if isinstance(tap.part, Relay):
        return within(segment, tap.part.name)  # as if the relay were not there
    if tap.failures:
        return f"failures of {names[tap.part]}"
    return f"outcomes of {names[tap.part]}" if tap.outcomes else names[tap.part]
