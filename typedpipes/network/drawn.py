"""What a run is of, for all of its processes to compare with what they have drawn."""

from __future__ import annotations

from itertools import zip_longest
from typing import Literal
from uuid import uuid4

from attrs import frozen
from msgspec import MsgspecError, msgpack

from typedpipes.network.errors import NotDecoded, OtherDrawing
from typedpipes.network.route import Route
from typedpipes.outlet import Pausable
from typedpipes.shorten import shorten_message


@frozen
class Drawing:
    """What a run is of.

    Attributes:
        slice: the most items that travel together.
        lines: all that its processes have to agree on.
        id: the run: another one of the same name has another.
        plumber: the name of the drawing.
        stops: the names of its stops, from upstream to downstream.
        nodes: the names of the nodes of the drawing, in the same order.
        pausable: the names of those that can be paused.
        on_failure: what the run does when an item fails whose failure leads nowhere.
    """

    slice: int
    lines: list[str]
    id: str
    plumber: str
    stops: list[str]
    nodes: list[str]
    pausable: list[str]
    on_failure: Literal["abort", "drain"] = "abort"


def drawing_of(route: Route) -> bytes:
    """Return what a new run is of, for its workers to compare."""
    drawing = Drawing(
        route.slice,
        [*route.description()],
        uuid4().hex,
        route.plumber,
        [stop.name for stop in route.stops],
        [*dict.fromkeys(stop.node for stop in route.stops)],
        [stop.node for stop in route.stops if isinstance(stop.part, Pausable)],
        route.on_failure,
    )
    return msgpack.encode(drawing)


def drawing_in(data: bytes, run: str) -> Drawing:
    """Return what a run is of.

    Raises:
        NotDecoded: another version of typedpipes has written that, or something else has.
    """
    try:
        return msgpack.decode(data, type=Drawing)
    except MsgspecError as error:
        raise NotDecoded(run, shorten_message(error)) from error


def refuse_other_drawing(run: str, theirs: Drawing, route: Route) -> None:
    """Refuse to work for a run of another drawing.

    Raises:
        OtherDrawing: the route is another one; the message says where.
    """
    for their, my in zip_longest(theirs.lines, route.description(), fillvalue="nothing"):
        if their != my:
            raise OtherDrawing(
                f"the run {run!r} is of another drawing: there it has {their}; here, {my}. "
                "Use the same code in all processes, or another name for the run."
            )
