"""How many random examples are tried for each property."""

from __future__ import annotations

import os

from hypothesis import Phase, settings

# Explaining a failure runs it many times more, and one that hangs takes its time.
LEFT_OUT = {Phase.explain}
if os.environ.get("SHRINK") == "no":  # it is enough that there is a failure
    LEFT_OUT.add(Phase.shrink)
PHASES = [phase for phase in Phase if phase not in LEFT_OUT]

EXAMPLES = int(os.environ.get("EXAMPLES", "110"))

settings.register_profile(
    "properties",
    max_examples=EXAMPLES,
    deadline=None,
    phases=PHASES,
    derandomize=False,  # where CI is set, Hypothesis would try the same graphs whatever the seed
)
settings.load_profile("properties")
