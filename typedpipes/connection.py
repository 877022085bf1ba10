"""What a part takes in a drawing: from where, and how."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from typedpipes.blueprint import How, Part


@frozen
class Tap:
    """Where a connection comes from: the results of a part, its failures, or both in order.

    Of a split, `way` says which way, by number.
    """

    part: Part
    failures: bool = False
    outcomes: bool = False
    way: int | None = None


@frozen
class Input:
    """What a part takes: from one tap, or from several in one of two ways.

    Attributes:
        how: as tuples, as they come, rejoined, or from one tap.
        taps: where the items come from.
        buffer: the bound of each edge, if the user set one for a zip or a merge.
        prefer: which tap a merge takes from first, by number.
    """

    how: How
    taps: Sequence[Tap]
    buffer: int | None = None
    prefer: int | None = None
