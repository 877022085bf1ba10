"""The crew: few tasks, in which many nodes take turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, copy_context

import pytest

from tests.support.clock import Clock
from typedpipes.engine.crew import Crew, Starter, Task
from typedpipes.flow.fairness import LONGEST_TURN, Pace

mark: ContextVar[str] = ContextVar("mark", default="clean")


async def nothing() -> None: ...


class Turns:
    """A node that takes a number of turns, and rests.

    Attributes:
        served: the tasks in which it had its turns.
        alone: the task that it was left alone in.
        ended: the tasks that ended while they worked for it.
        suspended_until: when its turns ended that suspended.
    """

    def __init__(
        self, crew: Crew, work: Callable[[], Awaitable[None]] = nothing, *, count: int = 1
    ) -> None:
        self._crew = crew
        self._work = work
        self._count = count
        self.tasks: dict[Task, None] = {}
        self.resting = True
        self.served: list[asyncio.Task[object] | None] = []
        self.alone: asyncio.Task[object] | None = None
        self.ended: list[Task] = []
        self.suspended_until: list[float] = []

    def wake(self, count: int = 1) -> None:
        self._count = count
        self.resting = False
        self._crew.schedule(self)

    async def turn(self, began: float) -> float:
        task = asyncio.current_task()
        assert task in self.tasks
        self.served.append(task)
        await self._work()
        self._count -= 1
        self.resting = self._count <= 0
        return began

    def suspended(self, now: float) -> None:
        self.suspended_until.append(now)

    async def go_on_alone(self) -> None:
        self.alone = asyncio.current_task()

    def task_ended(self, task: Task) -> None:
        self.ended.append(task)


def make_crew() -> Crew:
    return Crew(Starter(copy_context()), Pace())


async def end(crew: Crew) -> None:
    """End a crew whose tasks have nothing to do, and see that it says so."""
    ended = asyncio.Event()
    crew.end(ended.set)
    await settle()
    assert ended.is_set(), "the end of the crew was not told"


async def settle() -> None:
    """Let all go on that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def others() -> int:
    """Count the tasks beside that of the test."""
    return len(asyncio.all_tasks()) - 1


async def test_a_node_in_line_has_its_turn_in_a_task_that_works_for_it_as_long(
    clock: Clock,
) -> None:
    crew = make_crew()
    node = Turns(crew)

    node.wake()
    assert not node.served  # not in the step of the one that wakes it
    await settle()

    assert len(node.served) == 1
    assert not node.tasks
    await end(crew)


async def test_nodes_have_their_turns_in_line_and_one_that_goes_on_is_last_again(
    clock: Clock,
) -> None:
    crew = make_crew()
    turns: list[int] = []

    def noting(number: int) -> Callable[[], Awaitable[None]]:
        async def note() -> None:
            turns.append(number)

        return note

    for number in range(3):
        Turns(crew, noting(number)).wake(2)
    await settle()

    assert turns == [0, 1, 2, 0, 1, 2]
    await end(crew)


async def test_nodes_that_do_not_suspend_share_a_task(clock: Clock) -> None:
    crew = make_crew()
    nodes = [Turns(crew) for _ in range(10)]

    for node in nodes:
        node.wake(5)
    await settle()

    assert len({task for node in nodes for task in node.served}) == 1
    assert others() == 1
    await end(crew)


async def test_a_task_without_a_line_is_kept_for_the_next_one(clock: Clock) -> None:
    crew = make_crew()
    node = Turns(crew)

    for _ in range(3):
        node.wake()
        await settle()

    assert len(node.served) == 3
    assert len(set(node.served)) == 1
    await end(crew)


@pytest.mark.parametrize("waiting", [1, 2, 5])
async def test_those_behind_one_that_suspends_go_on_in_one_task_more(
    clock: Clock, waiting: int
) -> None:
    crew = make_crew()
    opened = asyncio.Event()

    async def wait() -> None:
        await opened.wait()

    stopped = [Turns(crew, wait) for _ in range(waiting)]
    quick = [Turns(crew) for _ in range(5)]
    for node in (*stopped, *quick):
        node.wake(3)
    await settle()

    assert [len(node.served) for node in quick] == [3] * 5
    assert [len(node.served) for node in stopped] == [1] * waiting
    assert others() == waiting + 1
    opened.set()
    await settle()
    assert [len(node.served) for node in stopped] == [3] * waiting
    await end(crew)


async def test_a_line_keeps_nothing_from_the_event_loop_for_too_long(clock: Clock) -> None:
    crew = make_crew()

    async def compute() -> None:
        clock.now += LONGEST_TURN / 4

    class Slow(Turns):
        async def turn(self, began: float) -> float:
            await super().turn(began)
            return clock.now

    nodes = [Slow(crew, compute) for _ in range(3)]
    for node in nodes:
        node.wake(20)
    late: list[float] = []
    while any(not node.resting for node in nodes):
        before = clock.now
        await asyncio.sleep(0)
        late.append(clock.now - before)

    # A turn of the pace, and the turns of nodes that it was seen late by.
    assert max(late) <= 2 * LONGEST_TURN + LONGEST_TURN / 2
    await end(crew)


# What a task cannot be used for any more


async def test_a_node_whose_turn_raised_hears_of_its_task_and_the_line_goes_on(
    clock: Clock,
) -> None:
    crew = make_crew()

    async def fail() -> None:
        raise OSError("no connection")

    failing, other = Turns(crew, fail), Turns(crew)
    failing.wake()
    other.wake()
    await settle()

    assert failing.ended == failing.served
    assert len(other.served) == 1
    assert other.served != failing.served
    assert other.ended == []
    await end(crew)


async def test_a_node_that_sets_a_context_variable_keeps_its_task_for_itself(clock: Clock) -> None:
    crew = make_crew()
    seen: list[str] = []

    async def set_mark() -> None:
        mark.set("mine")

    async def look() -> None:
        seen.append(mark.get())

    marking, other = Turns(crew, set_mark), Turns(crew, look)
    marking.wake(2)
    other.wake(2)
    await settle()

    assert marking.served == [marking.alone]
    assert seen == ["clean", "clean"]
    assert marking.alone not in other.served
    await end(crew)


async def test_a_node_that_outlives_a_cancellation_keeps_its_task_for_itself(clock: Clock) -> None:
    crew = make_crew()

    async def persist() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return

    persisting, other = Turns(crew, persist), Turns(crew)
    persisting.wake()
    other.wake()
    await settle()

    assert persisting.served == [persisting.alone]
    assert persisting.alone not in other.served
    assert len(other.served) == 1
    await end(crew)


async def test_an_idle_task_that_was_cancelled_by_others_is_replaced(clock: Clock) -> None:
    crew = make_crew()
    node = Turns(crew)
    node.wake()
    await settle()

    for task in node.served:
        assert task is not None
        task.cancel()
    await settle()
    node.wake()
    await settle()

    assert len(set(node.served)) == 2
    await end(crew)


async def test_a_task_that_is_cancelled_on_its_way_to_the_line_is_replaced(clock: Clock) -> None:
    crew = make_crew()
    node = Turns(crew)
    node.wake()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await settle()

    assert len(node.served) == 1
    await end(crew)


# The end


async def test_the_end_of_a_crew_is_told_when_its_last_task_has_ended(clock: Clock) -> None:
    crew = make_crew()
    opened, ended = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        await opened.wait()

    Turns(crew, wait).wake()
    await settle()

    crew.end(ended.set)
    await settle()
    assert not ended.is_set()
    opened.set()
    await settle()
    assert ended.is_set()
    assert others() == 0


async def test_a_crew_that_had_nothing_to_do_ends_at_once() -> None:
    ended = asyncio.Event()

    make_crew().end(ended.set)

    assert ended.is_set()


async def test_the_end_of_a_crew_does_not_wait_for_tasks_that_were_detached(clock: Clock) -> None:
    crew = make_crew()
    opened = asyncio.Event()

    async def wait() -> None:
        await opened.wait()

    node = Turns(crew, wait)
    node.wake()
    await settle()

    crew.detach(node.tasks)
    await end(crew)

    assert others() == 1
    opened.set()
    await settle()
    assert node.ended == []  # it is a stranger now
