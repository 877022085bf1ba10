"""Items of random graphs on their way over a network: these have no annotations to go by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from msgspec import msgpack

from tests.properties.items import Made, Shy
from typedpipes import Failure
from typedpipes.definition.type_hints import Hint
from typedpipes.network.errors import RemoteError
from typedpipes.network.form import Codecs


class LooseForm:
    """Stands for a `Form`: carries whatever travels through a random graph."""

    type = "object"

    def __init__(self, hint: Hint, codecs: Codecs) -> None:
        """Take what a form takes."""

    def encode(self, item: object, node: str) -> bytes:
        del node
        return msgpack.encode(_packed(item))

    def decode(self, data: bytes) -> object:
        return _unpacked(msgpack.decode(data))


def _packed(item: object) -> object:
    match item:
        case Made(by, of, part):
            return ["made", by, _packed(of), part]
        case Shy(number):
            return ["shy", number]
        case Failure():
            failure = cast("Failure[object]", item)  # one that holds an item of ours
            error = failure.error
            what = [error.kind, error.message] if isinstance(error, RemoteError) else ["", ""]
            return ["failure", _packed(failure.item), *what, failure.processor]
        case tuple() | list():
            parts = cast("Sequence[object]", item)  # as above
            return [type(parts).__name__, *map(_packed, parts)]
        case _:
            return item


def _unpacked(data: object) -> object:
    if not isinstance(data, list):
        return data
    kind, *parts = cast("list[object]", data)  # as it was packed
    match kind, parts:
        case "made", [str(by), of, int(part)]:
            return Made(by, _unpacked(of), part)
        case "shy", [int(number)]:
            return Shy(number)
        case "failure", [item, str(error), str(message), str(processor)]:
            return Failure(_unpacked(item), RemoteError(error, message), processor)
        case "tuple", _:
            return tuple(map(_unpacked, parts))
        case _:
            return list(map(_unpacked, parts))


def looks(item: object) -> str:
    """Return what an item looks like, on whatever way it came: errors differ in that."""
    match item:
        case Made(by, of, part):
            return f"{by}{part or ''}({looks(of)})"
        case Failure():
            failure = cast("Failure[object]", item)  # one that holds an item of ours
            return f"{failure.processor} failed on {looks(failure.item)}"
        case tuple() | list():
            parts = cast("Sequence[object]", item)  # as above
            return f"{type(parts).__name__}({', '.join(map(looks, parts))})"
        case Shy(number):
            return f"shy {number}"
        case _:
            return str(item)
