"""How many random examples are tried: few by default, more with `--hypothesis-profile=long`."""

from __future__ import annotations

from hypothesis import Phase, settings

# Explaining a failure runs it many times more, and one that hangs takes its time.
_PHASES = [phase for phase in Phase if phase is not Phase.explain]

settings.register_profile("suite", max_examples=70, deadline=None, phases=_PHASES)
settings.load_profile("suite")
