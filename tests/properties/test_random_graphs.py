# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Random graphs against a plain functional model, left alone and interrupted at any moment."""

from __future__ import annotations

from hypothesis import example, given, note
from hypothesis import strategies as st

from tests.properties.checks import check_finished, check_none_hangs, check_whatever
from tests.properties.graphs import End, Gather, Graph, Join, Outlet, Sieve, Spring, Step
from tests.properties.habits import Habit, Naps
from tests.properties.model import Model
from tests.properties.parts import Traits
from tests.properties.script import Ending, OnFailure, Script, blocks, endings, pauses, ways
from tests.properties.strategies import graphs
from tests.properties.trial import Seen, trial
from tests.properties.world import World


def play(world: World, script: Script = (), *, on_failure: OnFailure = "abort") -> Seen:
    seen = world.clock.run(trial(world, script, on_failure=on_failure))
    note(str(seen.report))
    note(f"raised: {type(seen.error)}")
    return seen


RESTING_POOL = Graph(
    (
        Spring("source", "list", 0, 14),
        Gather("batch", Outlet("source"), 2, None),
        Step("step", Outlet("source"), workers=2, buffer=1, naps=Naps(1, 0)),
        End("pairs", Outlet("batch"), readers=1, maxsize=2),
        End("items", Outlet("step")),
    ),
    bound=3,
)
"""Its workers rest while the last results are held, and have to be called once these are given."""


STOPPED_IN_TURN = Graph(
    (
        Spring("numbers", "list", 0, 5, maxsize=1),
        Spring("few", "list", 1000, 5, naps=Naps(5, 5), maxsize=1),
        Step("step", Outlet("numbers"), buffer=100, naps=Naps(5, 6)),
        Sieve("keep", Outlet("step"), Habit(every=3, shift=4)),
        Join("zip", "zip", (Outlet("keep"), Outlet("few"))),
        End("read", Outlet("few"), readers=1, naps=Naps(5, 6), maxsize=100),
        End("pairs", Outlet("zip"), naps=Naps(5, 3)),
    ),
    bound=1,
)
"""The results of the step are not wanted any more while it has an item in hand."""


@example(RESTING_POOL)
@given(graphs())
def test_a_run_gives_what_plain_functions_give(graph: Graph) -> None:
    check_finished(play(World(graph)), Model(graph))


@given(graphs(), st.one_of(pauses, blocks))
def test_a_pause_or_a_loop_that_is_kept_changes_nothing_in_what_comes_out(
    graph: Graph, script: Script
) -> None:
    check_finished(play(World(graph), script), Model(graph), script)


@example(STOPPED_IN_TURN, (Ending("drain"),))
@given(graphs(), endings)
def test_every_item_is_accounted_for_whenever_and_however_a_run_ends(
    graph: Graph, script: Script
) -> None:
    seen = play(World(graph), script)
    check_whatever(seen, Model(graph), script)
    check_none_hangs(seen)


@given(graphs(Traits(stubborn=True)), endings)
def test_every_item_is_accounted_for_when_coroutines_do_not_return(
    graph: Graph, script: Script
) -> None:
    check_whatever(play(World(graph), script), Model(graph), script)


@given(graphs(Traits(deadly=True)), st.one_of(pauses, endings), ways)
def test_every_item_is_accounted_for_when_a_failure_ends_a_run(
    graph: Graph, script: Script, on_failure: OnFailure
) -> None:
    seen = play(World(graph), script, on_failure=on_failure)
    check_whatever(seen, Model(graph), script)


@given(graphs(Traits(breaking=True)), st.one_of(pauses, endings))
def test_what_a_source_gave_before_it_broke_flows_out(graph: Graph, script: Script) -> None:
    check_whatever(play(World(graph), script), Model(graph), script)


@given(graphs(Traits(deadly=True, breaking=True, stubborn=True)), st.one_of(pauses, endings), ways)
def test_every_item_is_accounted_for_if_all_of_that_comes_together(
    graph: Graph, script: Script, on_failure: OnFailure
) -> None:
    seen = play(World(graph), script, on_failure=on_failure)
    check_whatever(seen, Model(graph), script)


@given(graphs(), st.booleans())
def test_spans_change_nothing_in_what_comes_out_and_are_linked_to_the_right_ones(
    graph: Graph, by_slice: bool
) -> None:
    world = World(graph)
    world.trace(by_slice=by_slice)

    check_finished(play(world), Model(graph))


@given(graphs(Traits(deadly=True, breaking=True, stubborn=True)), endings, st.booleans())
def test_with_spans_every_item_is_accounted_for_whenever_and_however_a_run_ends(
    graph: Graph, script: Script, by_slice: bool
) -> None:
    world = World(graph)
    world.trace(by_slice=by_slice)

    check_whatever(play(world, script), Model(graph), script)


@given(graphs(), endings)
def test_a_drawing_runs_again_whatever_became_of_it(graph: Graph, script: Script) -> None:
    world = World(graph)
    play(world, script)
    world.plumber.doomsday.drain()  # a doom that came too late would end the next run
    check_finished(play(world), Model(graph))
