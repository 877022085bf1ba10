# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Random exchanges: askers that ask at random, and some that leave, or fail, or are cut short."""

from __future__ import annotations

from hypothesis import given

from tests.properties.asking import Told
from tests.properties.checks import check_accounts, check_end, check_none_hangs
from tests.properties.flows import tally
from tests.properties.graphs import Graph, Reply
from tests.properties.items import request, shown
from tests.properties.model import Model
from tests.properties.script import Script, endings, pauses
from tests.properties.strategies import exchanges
from tests.properties.test_random_graphs import play
from tests.properties.trial import Seen
from tests.properties.world import World


@given(exchanges(), pauses)
def test_each_asker_gets_what_plain_functions_make_of_its_item(
    graph: Graph, script: Script
) -> None:
    seen = play(World(graph), script)

    check_asked(seen, Model(graph), script)
    assert not any(told.ending == "closed" for told in seen.world.told.values()) or seen.fatal
    assert seen.report.ending in ("finished", "failed")


@given(exchanges(), endings)
def test_every_item_of_every_request_is_accounted_for_however_a_run_ends(
    graph: Graph, script: Script
) -> None:
    seen = play(World(graph), script)

    check_asked(seen, Model(graph), script)


def check_asked(seen: Seen, model: Model, script: Script) -> None:
    """See that all is accounted for, and that nobody was told anything but its own replies."""
    check_accounts(seen, model)
    check_end(seen, script)
    check_none_hangs(seen)
    world = seen.world
    (reply,) = (node for node in world.graph.nodes if isinstance(node, Reply))
    inside = [step.name for step in world.graph.steps if world.is_asked(step.name)]
    failed = {request(item) for name in inside for item in world.logs.of(name).raised}
    for item, told in world.told.items():
        check_told(told, [each for each in model.into(reply).items if request(each) == item])
        assert item not in failed or told.ending not in ("all", "none"), f"{item} has failed"


def check_told(told: Told, expected: list[object]) -> None:
    """See that an asker was told nothing but its own replies, and how it ended."""
    what = f"told {shown(told.replies)} and {told.ending}, not {shown(expected)}"
    assert not tally(told.replies) - tally(expected), what
    match told.ending:
        case "all":
            assert tally(told.replies) == tally(expected), what
        case "first":
            assert len(told.replies) == 1, what
        case "none":
            assert not expected, what
        case _:
            pass  # there may be any number of them
