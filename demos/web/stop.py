"""The doom that ends a run early, and who wanted it."""

from __future__ import annotations

from attrs import frozen

from demos.web.protocol import By
from typedpipes import Doom


@frozen
class Stop(Doom):
    """Ends a run.

    Attributes:
        by: what ended it.
    """

    by: By
