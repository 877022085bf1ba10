# mypy: disable-error-code="misc"
# The decorators of hypothesis give Callable[..., None], and the dots are an Any.
"""Planners: how much there is to do, and who is woken. The quick one does what the other does."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.flow.ends import Ends, machines, take
from typedpipes.engine.lulls import FOR_ITEMS, FOR_ROOM, Wait
from typedpipes.engine.planning import Planner, StraightPlanner, planner_for
from typedpipes.flow.edge import NOWHERE, Edge
from typedpipes.flow.fork import Fork
from typedpipes.flow.merge import Merge
from typedpipes.processor import Failure


def behind(items: int = 0, *, maxsize: int = 100) -> Ends[object]:
    return Ends[object](range(items), maxsize=maxsize)


def failures(maxsize: int) -> Edge[Failure[object]]:
    return Edge[Failure[object]](maxsize, low=0)


def test_a_plan_is_as_long_as_there_are_items_and_room_and_as_the_slice_allows() -> None:
    before = Ends(range(5))
    planner = Planner(before.edge, behind(maxsize=4).edge, NOWHERE)

    assert [planner.plan(limit) for limit in (2, 100)] == [2, 4]
    take(before.edge, 3)
    assert planner.plan(100) == 2


def test_there_has_to_be_room_for_every_item_that_may_fail() -> None:
    planner = Planner(Ends(range(5)).edge, behind().edge, failures(3))

    assert planner.plan(100) == planner.room() == 3


def test_a_plan_has_what_a_source_fills_in_when_it_is_woken() -> None:
    before = Ends(range(2), maxsize=4)
    before.writer.when_woken = lambda: before.edge.extend([2, 3])
    before.edge.want_room()

    assert Planner(before.edge, behind().edge, NOWHERE).plan(100) == 4


def test_a_plan_wakes_a_reader_only_for_what_is_there_or_is_about_to_come() -> None:
    before, after = Ends[int](), behind()
    planner = Planner(before.edge, after.edge, NOWHERE)
    after.edge.want_items()

    planner.plan(100)
    assert after.reader.wakes == 0
    before.edge.append(1)
    planner.plan(100)
    assert after.reader.wakes == 1


def test_one_without_items_waits_for_items_and_one_without_room_for_room() -> None:
    before, after = Ends[int](), behind(1, maxsize=1)
    planner = Planner(before.edge, after.edge, NOWHERE)

    assert planner.wait() is FOR_ITEMS
    assert (before.edge.reader_waits, after.edge.writer_waits) == (True, False)
    before.edge.append(1)
    assert planner.wait() is FOR_ROOM
    assert after.edge.writer_waits


def test_one_that_finishes_waits_unless_there_is_more_to_do_or_never_will_be() -> None:
    before = Ends(range(2))
    planner = Planner(before.edge, behind().edge, NOWHERE)

    assert planner.finish() is None
    take(before.edge, 2)
    assert planner.finish() is FOR_ITEMS
    assert before.edge.reader_waits
    before.edge.close()
    assert planner.finish() is None


def test_one_whose_failures_have_no_room_lacks_room() -> None:
    full = failures(1)
    full.append(Failure(1, ValueError(), "it"))
    planner = Planner(Ends([1]).edge, behind().edge, full)

    assert planner.lacks()
    planner.wait()
    assert full.writer_waits


def test_the_quick_planner_is_for_one_plain_edge_on_each_side() -> None:
    skipping = behind().edge
    skipping.skip_gaps()
    several = [behind().edge, behind().edge]
    plain = behind().edge

    assert type(planner_for(plain, plain, NOWHERE)) is StraightPlanner
    assert type(planner_for(plain, NOWHERE, NOWHERE)) is StraightPlanner
    assert type(planner_for(skipping, plain, NOWHERE)) is Planner
    assert type(planner_for(Merge(several), plain, NOWHERE)) is Planner
    assert type(planner_for(plain, Fork(several), NOWHERE)) is Planner
    assert type(planner_for(plain, plain, failures(1))) is Planner


class Setting:
    """A planner between two edges, one of which may lead nowhere."""

    def __init__(self, kind: type[Planner], before: int, after: int | None) -> None:
        self.before = Ends[object](maxsize=before)
        self.after = Ends[object](maxsize=after or 1)
        self.planner = kind(self.before.edge, self.after.edge if after else NOWHERE, NOWHERE)

    def state(self) -> list[object]:
        """Return all that those around the planner can see."""
        seen: list[object] = []
        for ends in (self.before, self.after):
            edge = ends.edge
            seen += [list(edge.items), edge.reader_waits, edge.writer_waits, edge.taken]
            for end in (ends.reader, ends.writer):
                seen += [end.attention, end.wakes]
        return seen


class BothPlanners(RuleBasedStateMachine):
    """The same happens to both: they give the same answers, and wake the same ends."""

    def __init__(self) -> None:
        super().__init__()
        self.settings: list[Setting] = []

    @initialize(before=st.integers(1, 5), after=st.one_of(st.none(), st.integers(1, 5)))
    def make_them(self, before: int, after: int | None) -> None:
        kinds = (Planner, StraightPlanner)
        self.settings = [Setting(kind, before, after) for kind in kinds]

    def both(self, do: Callable[[Setting], object]) -> None:
        first, second = map(do, self.settings)
        assert first == second

    @rule(most=st.integers(1, 5), filling=st.booleans())
    def the_writer_before_puts(self, most: int, filling: bool) -> None:
        def put(setting: Setting) -> None:
            edge = setting.before.edge
            edge.extend(range(min(most, edge.room())))
            if filling:
                setting.before.writer.when_woken = lambda: edge.extend(range(edge.room()))
            edge.gave()

        self.both(put)

    @rule()
    def the_writer_before_wants_room(self) -> None:
        self.both(lambda setting: setting.before.edge.want_room())

    @rule()
    def the_writer_before_closes(self) -> None:
        self.both(lambda setting: setting.before.edge.close())

    @rule(most=st.integers(1, 5))
    def the_reader_behind_takes(self, most: int) -> None:
        def read(setting: Setting) -> list[object]:
            edge = setting.after.edge
            return take(edge, min(most, edge.available()))

        self.both(read)

    @rule()
    def the_reader_behind_wants_items(self) -> None:
        self.both(lambda setting: setting.after.edge.want_items())

    @rule(limit=st.integers(1, 6), part=st.integers(0, 6))
    def plan_and_work(self, limit: int, part: int) -> None:
        def work(setting: Setting) -> tuple[int, Wait | None]:
            count = setting.planner.plan(limit)
            items = take(setting.planner.inputs, min(count, part))
            setting.planner.outputs.extend(items)
            return count, setting.planner.finish()

        self.both(work)

    @rule()
    def wait(self) -> None:
        self.both(lambda setting: setting.planner.wait())

    @invariant()
    def they_answer_alike(self) -> None:
        if self.settings:
            self.both(lambda setting: (setting.planner.lacks(), setting.planner.over()))
            self.both(lambda setting: setting.planner.room())

    @invariant()
    def they_have_done_the_same(self) -> None:
        if self.settings:
            self.both(Setting.state)


TestBothPlanners = BothPlanners.TestCase
TestBothPlanners.settings = machines
