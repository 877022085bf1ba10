# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Random graphs against a plain functional model, left alone and interrupted at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from hypothesis import example, given, note
from hypothesis import strategies as st

from tests.properties.flows import tally
from tests.properties.graphs import End, Gather, Graph, Join, Port, Sieve, Spring, Step
from tests.properties.items import Boom, Habit, Naps
from tests.properties.ledger import Ledger
from tests.properties.model import Model, Stream
from tests.properties.script import Ending, Script, endings, pauses
from tests.properties.strategies import graphs
from tests.properties.trial import Outcome, trial
from tests.properties.world import World
from typedpipes import PipelineFailed, ProcessorFailed


def got(outcome: Outcome) -> Iterator[tuple[End, Sequence[object]]]:
    """Give what came out at each end."""
    for end in outcome.world.ends():
        if end.readers:
            yield end, outcome.delivered[end.name]
        else:
            yield end, outcome.world.collectors[end.name].items


def check_accounts(outcome: Outcome, model: Model) -> None:
    """See that nothing is lost, nothing is there twice, and nobody is left alive."""
    complaints = list(Ledger(outcome, uneven=model.may_be_uneven).complaints())
    assert not complaints, "\n".join(complaints)


def check_whole(outcome: Outcome, model: Model) -> None:
    """See that all that should come out came out."""
    assert outcome.error is None
    assert outcome.report.ending == "finished"
    for end, items in got(outcome):
        stream = model.into(end)
        if stream.known and not stream.early:
            assert tally(items) == tally(stream.items), end
            if stream.ordered:
                assert list(map(repr, items)) == list(map(repr, stream.items)), end
    for node in outcome.world.graph.nodes:
        if isinstance(node, Step) and node.name not in model.ending_early:
            stream, log = model.into(node), outcome.world.logs.of(node.name)
            if stream.known and not stream.early:
                assert tally([*log.returned, *log.raised]) == tally(stream.items), node


def check_part(outcome: Outcome, model: Model) -> None:
    """See that nothing came out that should not, nothing twice, and nothing out of order."""
    for end, items in got(outcome):
        stream = model.into(end)
        if stream.known and stream.whole:
            assert not tally(items) - tally(stream.items), end
            if stream.ordered:
                assert in_order(items, stream), end


def in_order(items: Sequence[object], stream: Stream) -> bool:
    rest = iter(map(repr, stream.items))
    return all(repr(item) in rest for item in items)


def play(world: World, script: Script = (), *, watched: bool = True) -> Outcome:
    outcome = asyncio.run(trial(world, script, watched=watched))
    note(str(outcome.report))
    note(f"raised: {outcome.error!r}")
    return outcome


def check_ending(outcome: Outcome, script: Script) -> None:
    """See that the run ended as the script says, or by itself before that."""
    report, hows = outcome.report, {each.how for each in script if isinstance(each, Ending)}
    if outcome.error is not None:
        assert isinstance(outcome.error, asyncio.CancelledError)
        assert "cancel" in hows
    modes = {doom.mode for doom in report.dooms}
    match report.ending:
        case "finished":
            pass  # a doom may still come while the cleanup coroutines run
        case "drained":
            assert "drain" in modes
        case "aborted":
            assert modes & {"abort"} or outcome.error is not None
        case _:
            raise AssertionError(report.ending)


def check_failures(outcome: Outcome, failed: PipelineFailed) -> None:
    """See that the run names what raised, and no item that did not."""
    for error in failed.exceptions:
        assert isinstance(error, ProcessorFailed)
        assert isinstance(error.__cause__, Boom)
        raised = outcome.world.logs.of(error.processor).raised
        assert repr(error.item) in tally(raised)


RESTING_POOL = Graph(
    (
        Spring("source", "list", 0, 14),
        Gather("batch", Port("source"), 2, None),
        Step("step", Port("source"), workers=2, buffer=1, naps=Naps(1, 0)),
        End("pairs", Port("batch"), readers=1, maxsize=2),
        End("items", Port("step")),
    ),
    bound=3,
)
"""Its workers rest while the last results are held, and have to be called once these are given."""


STOPPED_IN_TURN = Graph(
    (
        Spring("numbers", "list", 0, 5, maxsize=1),
        Spring("few", "list", 1000, 5, naps=Naps(5, 5), maxsize=1),
        Step("step", Port("numbers"), buffer=100, naps=Naps(5, 6)),
        Sieve("keep", Port("step"), Habit(every=3, shift=4)),
        Join("zip", "zip", (Port("keep"), Port("few"))),
        End("read", Port("few"), readers=1, naps=Naps(5, 6), maxsize=100),
        End("pairs", Port("zip"), naps=Naps(5, 3)),
    ),
    bound=1,
)
"""Nobody wants the results of the step any more while it has an item in hand."""


@example(RESTING_POOL, False)
@given(graphs(), st.booleans())
def test_a_run_gives_what_plain_functions_give(graph: Graph, watched: bool) -> None:
    model = Model(graph)
    outcome = play(World(graph), watched=watched)
    check_accounts(outcome, model)
    check_whole(outcome, model)


@given(graphs(), pauses)
def test_pauses_change_nothing_in_what_comes_out(graph: Graph, script: Script) -> None:
    model = Model(graph)
    outcome = play(World(graph), script)
    check_accounts(outcome, model)
    check_whole(outcome, model)


@example(STOPPED_IN_TURN, (Ending("drain", 0, inside=False),), False)
@given(graphs(), endings, st.booleans())
def test_every_item_is_accounted_for_whenever_and_however_a_run_ends(
    graph: Graph, script: Script, watched: bool
) -> None:
    model = Model(graph)
    outcome = play(World(graph), script, watched=watched)
    check_accounts(outcome, model)
    check_part(outcome, model)
    check_ending(outcome, script)


@given(graphs(deadly=True), st.one_of(pauses, endings))
def test_every_item_is_accounted_for_when_a_failure_ends_a_run(
    graph: Graph, script: Script
) -> None:
    model = Model(graph)
    outcome = play(World(graph), script)
    check_accounts(outcome, model)
    check_part(outcome, model)
    if isinstance(outcome.error, PipelineFailed):
        assert outcome.report.ending in {"failed", "aborted"}
        assert outcome.error.report is outcome.report
        check_failures(outcome, outcome.error)


@given(graphs(), endings)
def test_a_drawing_runs_again_whatever_became_of_it(graph: Graph, script: Script) -> None:
    model, world = Model(graph), World(graph)
    play(world, script)
    world.plumber.doomsday.drain()  # a doom that came too late would end the next run
    outcome = play(world)
    check_accounts(outcome, model)
    check_whole(outcome, model)
