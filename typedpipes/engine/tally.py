"""What has become of the items of a node, in numbers."""

from __future__ import annotations

from typing import NamedTuple


class Tally(NamedTuple):
    """What has become of the items of a node: `Counts` without the items, in its order."""

    received: int
    completed: int
    failed: int = 0
    dropped: int = 0
    interrupted: int = 0
    in_flight: int = 0
    waiting_for_key: int = 0
    emitted: int = 0
    cut_short: bool = False
