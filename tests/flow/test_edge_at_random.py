# mypy: disable-error-code="misc"
# The decorators of hypothesis give Callable[..., None], and the dots are an Any.
"""A writer and a reader that go by the rules of an edge, in any order of their steps."""

from __future__ import annotations

from itertools import islice

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.flow.ends import Ends, machines


class WriterAndReader(RuleBasedStateMachine):
    """Both rest when they have nothing to do, and neither may be forgotten at rest."""

    def __init__(self) -> None:
        super().__init__()
        self.put = self.taken = 0
        self.writes = self.reads = True  # else it rests
        self.writer_said = self.reader_said = True  # what they put and took
        self.ends = Ends[int]()

    @initialize(maxsize=st.integers(1, 6), data=st.data())
    def make_an_edge(self, maxsize: int, data: st.DataObject) -> None:
        low = data.draw(st.sampled_from([maxsize // 2, maxsize - 1, 0]))
        self.ends = Ends[int](maxsize=maxsize, low=low)
        self.ends.reader.when_woken = self._reader_goes_on
        self.ends.writer.when_woken = self._writer_goes_on

    def _reader_goes_on(self) -> None:
        assert not self.reads, "woken although it did not wait"
        self.reads = True

    def _writer_goes_on(self) -> None:
        assert not self.writes, "woken although it did not wait"
        self.writes = True

    @precondition(lambda self: self.writes and not self.ends.edge.closed)
    @rule(most=st.integers(1, 4))
    def write(self, most: int) -> None:
        edge = self.ends.edge
        count = min(edge.room(), most)
        edge.extend(range(self.put, self.put + count))
        self.put += count
        self.writer_said = False

    @precondition(lambda self: self.writes and not self.ends.edge.closed)
    @rule()
    def say_what_was_put_and_rest_if_there_is_no_room(self) -> None:
        edge = self.ends.edge
        edge.gave()
        self.writer_said = True
        if not edge.room():
            self.writes = False
            edge.want_room()
            self.reader_said = False  # it has been asked for attention

    @precondition(lambda self: self.writes and not self.ends.edge.closed)
    @rule()
    def close(self) -> None:
        self.ends.edge.close()
        self.writer_said = True

    @precondition(lambda self: self.reads and self.ends.edge.available())
    @rule(planned=st.integers(1, 4), most=st.integers(1, 4))
    def read(self, planned: int, most: int) -> None:
        edge = self.ends.edge
        taking = edge.take(min(planned, edge.available()))
        self.taken += sum(1 for _ in islice(taking, most))
        self.reader_said = False

    @precondition(lambda self: self.reads)
    @rule()
    def say_what_was_taken_and_rest_if_there_is_nothing(self) -> None:
        edge = self.ends.edge
        edge.took()
        self.reader_said = True
        if not edge.available() and not edge.over():
            self.reads = False
            edge.want_items()

    @invariant()
    def what_was_put_is_inside_or_taken(self) -> None:
        edge = self.ends.edge
        assert list(edge.items) == list(range(self.taken, self.put))
        assert (edge.put, edge.taken) == (self.put, self.taken)
        assert len(edge.items) <= edge.maxsize

    @invariant()
    def no_reader_rests_before_items(self) -> None:
        assert self.reads or not self.writer_said or not self.ends.edge.items
        assert self.reads or not self.ends.edge.over()

    @invariant()
    def no_writer_rests_before_an_edge_that_is_half_empty(self) -> None:
        assert self.writes or not self.reader_said or not self.ends.edge.is_low()
        assert self.writes or self.reads


TestWriterAndReader = WriterAndReader.TestCase
TestWriterAndReader.settings = machines
