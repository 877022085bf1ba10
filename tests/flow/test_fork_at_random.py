# mypy: disable-error-code="misc"
# The decorators of hypothesis give Callable[..., None], and the dots are an Any.
"""A fork of two to five readers that read, and leave, in any order."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.flow.ends import Ends, machines, take
from tests.flow.test_fork import fork
from typedpipes.flow.edge import Append
from typedpipes.flow.fork import Fork

PLACES = st.integers(0, 4)


class Reading(RuleBasedStateMachine):
    """The numbers from 0 are put, and each reader has read so many of them."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[Ends[int]] = []
        self.outputs = Fork[int]([])
        self.kept: Append[int] | None = None
        self.put = 0
        self.read: list[int] = []
        self.left: dict[int, int] = {}
        """How many items had been put when a reader left, by its place."""

    @initialize(sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5))
    def make_a_fork(self, sizes: list[int]) -> None:
        self.ends = [Ends[int](maxsize=size) for size in sizes]
        self.outputs = fork(self.ends)
        self.read = [0] * len(sizes)

    @rule()
    def append(self) -> None:
        if self.outputs.room() > 0:
            self.outputs.append(self.put)
            self.put += 1

    @rule()
    def keep_an_appender(self) -> None:
        self.kept = self.kept or self.outputs.appender()

    @precondition(lambda self: self.kept is not None)
    @rule()
    def append_by_the_one_that_was_kept(self) -> None:
        if self.kept is not None and self.outputs.room() > 0:
            self.kept(self.put)
            self.put += 1

    @rule(most=st.integers(0, 4))
    def extend(self, most: int) -> None:
        count = min(self.outputs.room(), most)
        self.outputs.extend(range(self.put, self.put + count))
        self.put += count

    @rule(place=PLACES, most=st.integers(1, 4))
    def take_some(self, place: int, most: int) -> None:
        place %= len(self.ends)
        edge = self.ends[place].edge
        if place not in self.left:
            self.read[place] += len(take(edge, min(most, edge.available())))

    @precondition(lambda self: len(self.left) < len(self.ends) - 1)
    @rule(place=PLACES)
    def leave(self, place: int) -> None:
        place %= len(self.ends)
        if place not in self.left:
            self.left[place] = self.put
            self.ends[place].edge.leave()

    @invariant()
    def each_edge_has_what_its_reader_has_not_taken(self) -> None:
        for place, each in enumerate(self.ends):
            end = self.left.get(place, self.put)
            assert list(each.edge.items) == list(range(self.read[place], end))

    @invariant()
    def what_is_left_is_what_some_edge_has(self) -> None:
        assert self.outputs.peek() == sorted(
            {item for each in self.ends for item in each.edge.items}
        )

    @invariant()
    def there_is_room_where_all_who_have_not_left_have_room(self) -> None:
        staying = [each.edge for place, each in enumerate(self.ends) if place not in self.left]
        if staying:
            assert self.outputs.room() == min(edge.room() for edge in staying)
            assert not self.outputs.left


TestReading = Reading.TestCase
TestReading.settings = machines
