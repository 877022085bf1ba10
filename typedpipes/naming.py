"""What the parts of a drawing are called: as the user named them, or else by names that differ."""

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


def names_of(inputs: Mapping[Part, Sequence[Input]]) -> tuple[Names, Names]:
    """Name every part, and say what the items of each collector are told by: its key.

    Args:
        inputs: what each part takes. The names that users gave differ.

    Returns:
        The names of all parts, and the keys of collectors. One without a name of its own is called
        after what it follows.
    """
    names = {part: part.name for part in inputs if is_named(part)}
    others = [part for part in inputs if part not in names and not isinstance(part, Collector)]
    names |= _distinct({part: part.name for part in others}, names)
    keys: dict[Part, str] = {part: names[part] for part in names if isinstance(part, Collector)}
    nameless = [part for part in inputs if part not in names]
    keys |= _distinct({part: _followed(inputs[part], names) for part in nameless}, keys)
    names |= _distinct({part: f"collect {keys[part]}" for part in nameless}, names)
    return names, keys


def _distinct(wishes: Names, given: Names) -> dict[Part, str]:
    """Name each part as it wishes, with a number where that name is given already."""
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


def _followed(several: Sequence[Input], names: Names) -> str:
    """Say what a collector follows: a node, the failures of one, or several at once."""
    how, tap = several[0].how, several[0].taps[0]
    if how != "one":
        return how
    if isinstance(tap.part, Relay):
        return tap.part.name  # as if nothing else took what comes together there
    return f"failures of {names[tap.part]}" if tap.failures else names[tap.part]
