"""A drawing in progress: which part takes from which others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from attrs import evolve

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec, Part
from typedpipes.blueprint.finish import finish
from typedpipes.connection import Input, Tap
from typedpipes.coroutines import name_of
from typedpipes.errors import WiringError
from typedpipes.fittings import DEFAULT_BOUND, Keep, Relay
from typedpipes.naming import is_named, names_of
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
        self, how: Literal["zip", "merge", "rejoin"], taps: Sequence[Tap], buffer: int | None = None
    ) -> Tap:
        """Connect from several taps at once; `buffer` is the bound of each edge, if set."""
        relay = Relay(how)
        self._add(relay)
        self._inputs[relay].append(Input(how, taps, buffer))
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
        if is_named(part) and (other := self._named.setdefault(part.name, part)) is not part:
            raise WiringError(
                f"cannot connect {_describe(part)}: {_describe(other)} has that name in "
                f"{self.name!r} already. Give each a name of its own, or connect the one that is "
                "there.",
                nodes=[part.name],
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
        return self._blueprint

    def _finish(self) -> Blueprint:
        inputs = _without_needless_relays(self._inputs)
        errors = [*self._lost(inputs)]
        have_outcomes = {tap.part for tap in _taps(inputs) if tap.outcomes}
        inputs, tests = _with_outcomes_sieved(inputs, have_outcomes)
        names, keys = names_of(inputs)
        for tap, test in tests.items():
            test.processor = names[tap.part]
        nodes: list[NodeSpec] = []
        for part, several in inputs.items():
            name = names[part]
            if len(several) > 1:
                errors.append(_doubled_input(name, several, names))
            edges = [
                EdgeSpec(
                    names[tap.part],
                    name,
                    asked or DEFAULT_BOUND,
                    tap.failures,
                    way=tap.way,
                    asked=bool(asked),
                )
                for each in several
                for asked in [each.buffer or _buffer(part)]
                for tap in each.taps
            ]
            how = several[0].how if several else "none"
            outcomes = part in have_outcomes
            nodes.append(
                NodeSpec(name, part, how, edges, key=keys.get(part, ""), outcomes=outcomes)
            )
        return finish(self.name, nodes, errors)

    def _lost(self, inputs: dict[Part, list[Input]]) -> Iterator[WiringError]:
        used = set(_taps(inputs))
        for tap in self._apart:
            if tap not in used:
                what = "failures" if tap.failures else "outcomes"
                yield WiringError(
                    f"the {what} of {tap.part.name!r} go nowhere. "
                    "Connect them to a processor, or collect or read them.",
                    nodes=[tap.part.name],
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
        self.failures = failures
        self.processor = ""

    def __call__(self, outcome: object) -> bool:
        """Whether it is of that kind."""
        return is_failure_of(self.processor, outcome) is self.failures


def _with_outcomes_sieved(
    inputs: dict[Part, list[Input]], have_outcomes: Collection[Part]
) -> tuple[dict[Part, list[Input]], Mapping[Tap, IsOutcome]]:
    """Sieve results and failures out of outcomes, where a processor has these connected as well.

    Returns:
        What each part takes then, and the tests, by what is sieved out.
    """
    apart = [tap for tap in _taps(inputs) if tap.part in have_outcomes and not tap.outcomes]
    tests = {tap: IsOutcome(failures=tap.failures) for tap in apart}
    if not tests:
        return inputs, tests
    sieves = {tap: Tap(Keep(_sieved(tap), test)) for tap, test in tests.items()}
    changed: dict[Part, list[Input]] = {
        part: [evolve(each, taps=[sieves.get(tap, tap) for tap in each.taps]) for each in several]
        for part, several in inputs.items()
    }
    for tap, sieve in sieves.items():
        changed[sieve.part] = [Input("one", [Tap(tap.part, outcomes=True)])]
    return changed, tests


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


def _buffer(part: Part) -> int | None:
    """Return the bound that the user set for the edges that lead to a part."""
    return None if isinstance(part, Source | Relay) else part.buffer
