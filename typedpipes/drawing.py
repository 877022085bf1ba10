"""A drawing in progress: which part takes from which others."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

from attrs import evolve

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec, Part
from typedpipes.blueprint.balance import unbalanced
from typedpipes.blueprint.finish import finish
from typedpipes.connection import Input, Tap
from typedpipes.coroutines import name_of
from typedpipes.errors import WiringError, WiringWarning
from typedpipes.fittings import DEFAULT_BOUND, Keep, Relay
from typedpipes.naming import is_named, is_within, names_of, outer_names, within
from typedpipes.offload.children import MOST
from typedpipes.offload.job import job_of
from typedpipes.processor import is_failure_of, is_processor
from typedpipes.shorten import shorten
from typedpipes.source import Source, is_source


class Drawing:
    """Collects connections. When it is finished, it raises everything that is wrong with them.

    Attributes:
        name: the name of the plumber.
    """

    def __init__(self, name: str) -> None:
        self.name: str = name
        self._inputs: dict[Part, list[Input]] = {}
        self._named: dict[str, Part] = {}
        self._apart: list[Tap] = []  # of failures and outcomes, which have to lead somewhere
        self._blueprint: Blueprint | None = None
        self._segment = ""  # that is being drawn now
        self._segments: dict[str, None] = {}  # all of them, by their full names
        self._places: dict[Part, str] = {}  # the segment of each part that was drawn in one
        self._called: dict[Part, str] = {}  # the full names of parts that do not have their own

    @contextmanager
    def segment(self, name: str) -> Generator[None]:
        """Have what is drawn meanwhile belong to a segment of this name.

        Raises:
            WiringError: it has that name already, or the name cannot be one.
        """
        outer, full = self._segment, within(self._segment, name)
        if not name or "/" in name:
            raise WiringError(
                f"the name of a segment cannot be {shorten(name)}: it needs a letter, and has no "
                "'/', which stands between its name and the names inside."
            )
        if full in self._segments:
            raise WiringError(
                f"{self.name!r} has a segment {full!r} already. Give each a name of its own."
            )
        self._segment = full
        self._segments[full] = None
        try:
            yield
        finally:
            self._segment = outer

    def place(self, part: Part, name: str, segment: str) -> None:
        """Have a part be called by a full name, and belong to a segment, before it is drawn.

        Args:
            part: the part.
            name: unique in the drawing, whatever the name of the part is.
            segment: the full name of the segment; `""` for none.
        """
        self._called[part] = name
        if segment:
            self._places[part] = segment
            self._segments[segment] = None
            self._segments.update(dict.fromkeys(outer_names(segment)))

    def parts_of(self, segment: str) -> Sequence[Part]:
        """Return the parts of a segment, those of segments inside it included.

        Raises:
            WiringError: it has no such segment.
        """
        if segment not in self._segments:
            known = ", ".join(map(repr, self._segments)) or "none"
            raise WiringError(
                f"{shorten(segment)} is no segment of {self.name!r}; its segments are: {known}. "
                "Name one that via has drawn; pass a processor or a source itself."
            )
        return [part for part, place in self._places.items() if is_within(place, segment)]

    def name_of(self, part: Part) -> str:
        """Return the full name of a part, as far as it is known before the drawing is finished."""
        return self._called.get(part) or within(self._places.get(part, ""), part.name)

    def tap(self, outlet: object) -> Tap:
        """Add a source or a processor, to connect from it.

        Raises:
            WiringError: it is neither.
        """
        if not (is_source(outlet) or is_processor(outlet)):
            raise WiringError(
                f"{shorten(outlet)} gives no items. Connect a source, a processor or a joint."
            )
        self._add(outlet)
        return Tap(outlet)

    def failures(self, processor: object) -> Tap:
        """Connect from the failures of a processor.

        Raises:
            WiringError: it is not a processor.
        """
        if not is_processor(processor):
            raise WiringError(
                f"{shorten(processor)} has no failures edge. Only a processor has one."
            )
        return self._tap_apart(Tap(processor, failures=True))

    def outcomes(self, processor: object) -> Tap:
        """Connect from the results and the failures of a processor, in the order of its items.

        Raises:
            WiringError: it is not a processor.
        """
        if not is_processor(processor):
            raise WiringError(f"{shorten(processor)} has no outcomes. Only a processor has them.")
        return self._tap_apart(Tap(processor, outcomes=True))

    def _tap_apart(self, tap: Tap) -> Tap:
        self._add(tap.part)
        self._apart.append(tap)
        return tap

    def combine(
        self,
        how: Literal["zip", "merge", "rejoin"],
        taps: Sequence[Tap],
        buffer: int | None = None,
        prefer: int | None = None,
    ) -> Tap:
        """Connect from several taps at once.

        `buffer` is the bound of each edge, if set, and `prefer` the number of the tap that a merge
        takes from first.
        """
        relay = Relay(how)
        self._add(relay)
        self._inputs[relay].append(Input(how, taps, buffer, prefer))
        return Tap(relay)

    def link(self, tap: Tap, part: Part) -> None:
        """Let a part take from a tap."""
        self._add(part)
        self._inputs[part].append(Input("one", (tap,)))

    def _add(self, part: Part) -> None:
        """Add a part to the drawing, unless another part was given the same name.

        Raises:
            WiringError: another part has its name.
        """
        if part not in self._inputs and self._segment:
            self._places[part] = self._segment
        name = self.name_of(part)
        has_own = is_named(part) or part in self._called
        if has_own and (other := self._named.setdefault(name, part)) is not part:
            raise WiringError(
                f"cannot connect {_describe(part)}: {_describe(other)} has that name in "
                f"{self._segment or self.name!r} already. Give each a name of its own, or connect "
                "the one that is there.",
                nodes=[name],
            )
        self._inputs.setdefault(part, [])
        self._blueprint = None

    def parts(self) -> Sequence[Part]:
        """Return all parts that are connected so far."""
        return list(self._inputs)

    def blueprint(self) -> Blueprint:
        """Finish the drawing.

        Raises:
            WiringErrors: it is wrong.
        """
        if self._blueprint is None:
            self._blueprint = self._finish()
            for warning in unbalanced(self._blueprint.nodes):
                warnings.warn(warning, WiringWarning, stacklevel=3)
        return self._blueprint

    def _finish(self) -> Blueprint:
        inputs = _without_needless_relays(self._inputs)
        errors = [*self._lost(inputs)]
        have_outcomes = {tap.part for tap in _taps(inputs) if tap.outcomes}
        inputs, sieves = _with_outcomes_sieved(inputs, have_outcomes)
        places = dict(self._places)
        for sieve, (part, _) in sieves.items():
            if part in places:
                places[sieve] = places[part]
        names, keys = names_of(inputs, places, self._called)
        for part, test in sieves.values():
            test.processor = names[part]
        nodes: list[NodeSpec] = []
        for part, several in inputs.items():
            name = names[part]
            if len(several) > 1:
                errors.append(_doubled_input(name, several, names))
            edges = [
                EdgeSpec(
                    names[tap.part],
                    name,
                    asked or max(_usual_bound(tap.part), _usual_bound(part)),
                    tap.failures,
                    way=tap.way,
                    asked=bool(asked),
                )
                for each in several
                for asked in [each.buffer or _buffer(part)]
                for tap in each.taps
            ]
            how = several[0].how if several else "none"
            nodes.append(
                NodeSpec(
                    name,
                    part,
                    how,
                    edges,
                    prefer=several[0].prefer if several else None,
                    outcomes=part in have_outcomes,
                    key=keys.get(part, ""),
                    segment=places.get(part, ""),
                )
            )
        return finish(self.name, nodes, errors)

    def _lost(self, inputs: dict[Part, list[Input]]) -> Iterator[WiringError]:
        used = set(_taps(inputs))
        for tap in self._apart:
            if tap not in used:
                what = "failures" if tap.failures else "outcomes"
                name = self.name_of(tap.part)
                yield WiringError(
                    f"the {what} of {name!r} go nowhere. "
                    "Connect them to a processor, or collect or read them.",
                    nodes=[name],
                )


def _taps(inputs: Mapping[Part, Sequence[Input]]) -> Iterator[Tap]:
    """Yield where the connections come from."""
    for several in inputs.values():
        for each in several:
            yield from each.taps


class IsOutcome:
    """Tests whether an outcome of a processor is of one kind: a result, or a failure.

    Attributes:
        failures: whether failures pass, rather than results.
        processor: the name of the processor whose failures are meant.
    """

    def __init__(self, *, failures: bool) -> None:
        self.failures: bool = failures
        self.processor: str = ""

    def __call__(self, outcome: object) -> bool:
        """Whether it is of that kind."""
        return is_failure_of(self.processor, outcome) is self.failures


def _with_outcomes_sieved(
    inputs: dict[Part, list[Input]], have_outcomes: Collection[Part]
) -> tuple[dict[Part, list[Input]], Mapping[Part, tuple[Part, IsOutcome]]]:
    """Sieve results and failures out of outcomes, where a processor has these connected as well.

    Returns:
        What each part takes then; and for each fitting that sieves, the processor and the test.
    """
    apart = [tap for tap in _taps(inputs) if tap.part in have_outcomes and not tap.outcomes]
    tests = {tap: IsOutcome(failures=tap.failures) for tap in apart}
    if not tests:
        return inputs, {}
    sieves = {tap: Tap(Keep(_sieved(tap), test)) for tap, test in tests.items()}
    changed: dict[Part, list[Input]] = {
        part: [evolve(each, taps=[sieves.get(tap, tap) for tap in each.taps]) for each in several]
        for part, several in inputs.items()
    }
    for tap, sieve in sieves.items():
        changed[sieve.part] = [Input("one", [Tap(tap.part, outcomes=True)])]
    return changed, {sieve.part: (tap.part, tests[tap]) for tap, sieve in sieves.items()}


def _sieved(tap: Tap) -> str:
    return f"{'failures' if tap.failures else 'results'} of {tap.part.name}"


def _without_needless_relays(inputs: dict[Part, list[Input]]) -> dict[Part, list[Input]]:
    """Let a part take a zip or a merge directly where nothing else takes it."""
    uses = Counter(tap.part for tap in _taps(inputs))

    def direct(each: Input) -> Input:
        relay = each.taps[0].part
        return (
            inputs[relay][0]
            if each.how == "one" and isinstance(relay, Relay) and uses[relay] == 1
            else each
        )

    kept = {part: [direct(each) for each in several] for part, several in inputs.items()}
    needed = {tap.part for tap in _taps(kept)}
    return {
        part: several
        for part, several in kept.items()
        if not isinstance(part, Relay) or part in needed or uses[part] == 0
    }


def _doubled_input(name: str, several: Sequence[Input], names: Mapping[Part, str]) -> WiringError:
    givers = " and to ".join(
        " with ".join(repr(names[tap.part]) for tap in each.taps) for each in several
    )
    return WiringError(
        f"the input of {name!r} is connected {len(several)} times: to {givers}. "
        "Join them first, with zip (as tuples) or merge (as they come).",
        nodes=[name, *(names[tap.part] for each in several for tap in each.taps)],
    )


def _describe(part: Part) -> str:
    coro = getattr(part, "coro", None)
    return shorten(part) if coro is None else f"{shorten(part)} of {name_of(coro)!r}"


def _usual_bound(part: Part) -> int:
    """Return the bound of the edges beside a part if the user did not set it.

    Beside child processes it is what one of them is handed at once.
    """
    is_in_children = is_processor(part) and job_of(part.coro) is not None
    return MOST if is_in_children else DEFAULT_BOUND


def _buffer(part: Part) -> int | None:
    """Return the bound that the user set for the edges that lead to a part."""
    return None if isinstance(part, Source | Relay) else part.buffer
