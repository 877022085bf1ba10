"""What a client is told first: what it can name in definitions, examples, and the limits."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

from demos.web.limits import Limits
from demos.web.offered import OFFERED
from demos.web.protocol import Example, Offer, Welcome

EXAMPLES = Path(__file__).parent / "examples"


def welcome(limits: Limits) -> Welcome:
    """Make the first message for every client."""
    return Welcome(offers(), examples(), limits.unread, limits.seconds, limits.items)


def offers() -> list[Offer]:
    """Describe what is offered."""
    return [
        Offer(name, _signature(coroutine), inspect.getdoc(coroutine) or "")
        for name, coroutine in OFFERED.items()
    ]


def _signature(coroutine: Callable[..., object]) -> str:
    hints = get_type_hints(coroutine)
    parameters = [
        each.replace(annotation=hints[each.name])
        for each in inspect.signature(coroutine).parameters.values()
    ]
    written = str(inspect.Signature(parameters, return_annotation=hints["return"]))
    return re.sub(r"(?:[a-z_]+\.)+(?=[A-Z])", "", written).replace("NoneType", "None")


def examples() -> list[Example]:
    """Read the definitions to begin with; the numbers of their files give the order."""
    return [
        Example(file.stem.partition("_")[2].replace("_", " "), file.read_text())
        for file in sorted(EXAMPLES.glob("*.toml"))
    ]
