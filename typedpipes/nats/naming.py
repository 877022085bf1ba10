"""The names of a run's streams, subjects and consumers on the server."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from attrs import frozen

from typedpipes.errors import SettingError
from typedpipes.network.wire import ABOUT_FACTS, DRAWING
from typedpipes.shorten import shorten

FAREWELLS: Final = "tp_FAREWELL"
"""The stream of what is said of runs that are over. No run has a name with capitals."""

OPENED: Final = "opened"
"""The key of the fact that comes first."""

_RUN = re.compile(r"[a-z0-9-]{1,40}")


def run_named(plumber: str, run: str) -> str:
    """Return the name of a run: as given, or else after the plumber.

    Raises:
        SettingError: it has other characters than the server takes.
    """
    name = run or re.sub(r"[^a-z0-9]+", "-", plumber.lower()).strip("-")[:40]
    if not _RUN.fullmatch(name):
        raise SettingError(
            f"run must be 1 to 40 lower-case letters, digits and hyphens, not {shorten(name)}"
        )
    return name


@frozen
class Names:
    """The names of what belongs to one run. Those of nodes are hashed: a drawing may have any.

    Attributes:
        run: the name of the run.
        id: which run of that name it is, if that is known. What its processes give, take and tell
            has names of its own, so that none of it gets into the next run.
    """

    run: str
    id: str = ""

    def stream(self, node: str) -> str:
        """Return the name of the stream of a node."""
        return f"tp_{self.run}_{_hashed(node)}"

    def subject(self, node: str) -> str:
        """Return the subject of the records of a node."""
        return f"tp.{self.run}.record.{_hashed(node + self.id)}"

    def consumer(self, leg: str) -> str:
        """Return the name of the consumer of a leg."""
        return _hashed(leg + self.id)

    def hints(self, topic: str) -> str:
        """Return the subject of the hints on a topic; those of facts are of any run of the name."""
        own = "" if topic.startswith(ABOUT_FACTS) else self.id
        return f"tp.{self.run}.hint.{_hashed(topic + own)}"

    @property
    def every_hint(self) -> str:
        """The subjects of all hints."""
        return f"tp.{self.run}.hint.*"

    @property
    def facts(self) -> str:
        """The name of the stream of the facts."""
        return f"tp_{self.run}"

    def fact(self, key: str) -> str:
        """Return the subject of a fact."""
        own = "" if key in (OPENED, DRAWING) else f"-{self.id}"
        return f"tp.{self.run}.fact.{key}{own}"

    @property
    def every_fact(self) -> str:
        """The subjects of all facts."""
        return f"tp.{self.run}.fact.*"

    @property
    def farewell(self) -> str:
        """The subject of what is said of the run once it is over."""
        return f"tp.FAREWELL.{self.run}"

    @property
    def everything(self) -> str:
        """The subjects of all streams."""
        return f"tp.{self.run}.>"


def _hashed(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:12]
