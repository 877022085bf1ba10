"""What every format draws: boxes, and arrows between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import evolve, frozen

from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.coroutines import name_of
from typedpipes.exchange import Replies, Requests
from typedpipes.fittings import Collector, Reader, Relay
from typedpipes.processor import Processor, Sink
from typedpipes.show.items import Items
from typedpipes.source import InputRig, Source

Kind: TypeAlias = Literal["source", "processor", "sink", "fitting", "join"]

_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Persian and Hindi words, and many emoji, have these in them."""


@frozen
class Box:
    """A node, or the place where inputs come together.

    Attributes:
        key: unique in the picture.
        title: the text in it.
        note: its settings, in smaller letters.
        kind: what it stands for; a `"join"` is a zip, a merge or a rejoin.
        node: the node that it stands for; `""` for a zip or a merge before a node.
        segment: the full name of the segment that it is in; `""` if none. Its frame has the name,
            so `title` is without it.
    """

    key: str
    title: str
    note: str
    kind: Kind
    node: str = ""
    segment: str = ""


@frozen
class Arrow:
    """A edge, or the way from a zip or a merge into its node.

    Attributes:
        start: the key of the box that gives.
        end: the key of the box that takes.
        items: the type of the items; `""` where it is not known.
        failures: whether it takes the failures of `start`.
        place: its place in the tuples of a zip, from 1; 0 where there is no order.
        edge: which edge it is, such as `a -> b` or, for failures, `a -!> b`; `""` if none.
    """

    start: str
    end: str
    items: str
    failures: bool = False
    place: int = 0
    edge: str = ""

    @property
    def numbered(self) -> str:
        """The items, after their place in the tuples of a zip."""
        return ": ".join(filter(None, [str(self.place or ""), self.items]))


@frozen
class Picture:
    """A blueprint as it is shown, with all names and types in printable characters.

    Attributes:
        name: the name of the plumber.
        boxes: from upstream to downstream.
        arrows: by the order of the boxes they lead to.
    """

    name: str
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


def picture(blueprint: Blueprint) -> Picture:
    """Make a picture of a blueprint, with a box for every zip, merge and rejoin."""
    items = Items(blueprint)
    names = {node.name: printable(node.name) for node in blueprint.nodes}
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    for node in blueprint.nodes:
        name = key = names[node.name]
        if node.how in ("zip", "merge", "rejoin") and not isinstance(node.part, Relay):
            key = f"{node.how} before {name}"
            boxes.append(
                Box(key, node.how, _preference(node), "join", segment=printable(node.segment))
            )
            arrows.append(Arrow(key, name, printable(items.of(node))))
        arrows += [
            Arrow(
                start=names[edge.start],
                end=key,
                items=printable(items.along(edge, node)),
                failures=edge.failures,
                place=place if node.how == "zip" else 0,
                edge=f"{names[edge.start]} {'-!>' if edge.failures else '->'} {name}",
            )
            for place, edge in enumerate(node.inputs, start=1)
        ]
        box = _box(node, name)
        segment = printable(node.segment)
        title = box.title.removeprefix(f"{segment}/") if segment else box.title
        boxes.append(evolve(box, title=title, segment=segment))
    return Picture(printable(blueprint.name), boxes, arrows)


def printable(text: str) -> str:
    """Escape a name so that it cannot control a terminal, break a line or break XML."""
    return "".join(
        each if each.isprintable() or each in _JOINERS else repr(each)[1:-1] for each in text
    )


def _box(node: NodeSpec, name: str) -> Box:
    match node.part:
        case Relay():
            return Box(name, node.how, _preference(node), "join", name)
        case Source():
            note = _origin(node.part)
            return Box(name, name, note, "source", name)
        case Processor():
            kind: Kind = "sink" if isinstance(node.part, Sink) else "processor"
            return Box(name, name, _settings(node.part), kind, name)
        case Collector() | Reader() | Replies():
            return Box(name, name, "", "sink", name)
        case _:
            return Box(name, name, "", "fitting", name)


def _preference(node: NodeSpec) -> str:
    """Return which input a merge prefers, if one."""
    return "" if node.prefer is None else f"{printable(node.inputs[node.prefer].start)} first"


def _origin(source: Source[object]) -> str:
    if isinstance(source, Requests):
        return "exchange"
    return "input rig" if isinstance(source, InputRig) else "source"


def _settings(processor: Processor[object, object]) -> str:
    settings: list[str] = []
    if processor.workers > 1:
        settings.append(f"{processor.workers} workers")
        if not processor.ordered and not isinstance(processor, Sink):
            settings.append("unordered")
    if processor.key is not None:
        settings.append(f"keyed by {name_of(processor.key)}")
    if processor.timeout is not None:
        settings.append(f"timeout {processor.timeout:g} s")
    return ", ".join(settings)
