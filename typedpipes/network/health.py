"""The health of a wire: since when it has not done what it was asked for."""

from __future__ import annotations

from time import monotonic

from attrs import frozen


@frozen
class Trouble:
    """What a wire does not do.

    Attributes:
        since: from when on, by the monotonic clock of this process.
        why: what it said, or why it could not be asked.
    """

    since: float
    why: str

    @property
    def lasts(self) -> float:
        """For how many seconds."""
        return monotonic() - self.since

    def __str__(self) -> str:
        """Return for how long, and why."""
        return f"the broker has not done what it was asked for {self.lasts:.0f} s: {self.why}"


class Health:
    """What one process knows of its wire. It may answer, and still store nothing."""

    def __init__(self) -> None:
        self._troubles: dict[str, Trouble] = {}

    @property
    def trouble(self) -> Trouble | None:
        """What has been wrong for longest; `None` if all is well, as far as it was tried."""
        return min(self._troubles.values(), key=lambda each: each.since, default=None)

    def worked(self, what: str) -> None:
        """Note that the wire did something of this kind."""
        self._troubles.pop(what, None)

    def failed(self, what: str, why: str) -> None:
        """Note that it did not."""
        self._troubles.setdefault(what, Trouble(monotonic(), why))
