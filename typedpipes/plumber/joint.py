"""The joint: the end of a connection, and what can be connected to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import TypeIs, TypeVar

from typedpipes.arguments import bound, positive, seconds
from typedpipes.blueprint import Part
from typedpipes.connection import Tap
from typedpipes.coroutines import name_of, refuse_coroutine, takes
from typedpipes.drawing import Drawing
from typedpipes.errors import WiringError
from typedpipes.fittings import Batch, Collector, Keep, Reader, Split
from typedpipes.outlet import Outlet, Stage
from typedpipes.processor import Processor, Sink
from typedpipes.queues import InputQueue
from typedpipes.shorten import shorten, shorten_message
from typedpipes.switch import Switch
from typedpipes.ways import Fifth, First, Fourth, Second, Third, sorted_by, sorted_by_class

if TYPE_CHECKING:
    from typedpipes.plumber.plumber import Plumber

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
End = TypeVar("End")
Next = TypeVar("Next")
T_co = TypeVar("T_co", covariant=True)


class Joint(Outlet[T_co]):
    """The end of a connection, with its item type already known: what you connect from.

    A joint that is used twice forks: each branch gets every item. You get joints from
    a plumber and from other joints.

    Attributes:
        plumber: what it belongs to.
    """

    def __init__(self, plumber: Plumber, drawing: Drawing, tap: Tap) -> None:
        self.plumber: Final[Plumber] = plumber
        self._drawing = drawing
        self._tap = tap

    def __repr__(self) -> str:
        """Name what the items come from."""
        return f"<Joint behind {self._drawing.name_of(self._tap.part)!r}>"

    def to(self, stage: Stage[T_co, Next], /) -> Joint[Next]:
        """Connect to the input of a processor, or of a switch.

        Returns:
            The joint at its output.

        Raises:
            WiringError: it is neither, or another part of its name is connected.
        """
        if isinstance(stage, Switch):
            return self._through(stage)
        if not isinstance(stage, Processor):
            name = self._drawing.name_of(self._tap.part)
            raise WiringError(
                f"cannot connect {name!r} to {shorten(stage)}: it takes no items. "
                "Connect it to a processor."
            )
        return self._on(stage)

    def fan_out(self, *stages: Stage[T_co, Next]) -> tuple[Joint[Next], ...]:
        """Connect to the inputs of several processors; each gets every item.

        Returns:
            The joints at their outputs. They are of one type: where outputs differ, `to` has the
            type of each.

        Raises:
            WiringError: as for `to`.
        """
        return tuple([self.to(stage) for stage in stages])

    def zip(
        self: Joint[A], other: Outlet[B], /, *, buffer: int | None = None
    ) -> Joint[tuple[A, B]]:
        """Take one item of each as a tuple: as `zip` of the plumber, for up to eight."""
        return self.plumber.zip(self, other, buffer=buffer)

    def merge(self: Joint[A], other: Outlet[B], /, *, buffer: int | None = None) -> Joint[A | B]:
        """Take the items of both as they come: as `merge` of the plumber, for up to eight."""
        return self.plumber.merge(self, other, buffer=buffer)

    def via(self: Joint[A], segment: Callable[[Joint[A]], End], /, *, name: str = "") -> End:
        """Connect through a function that draws a part of the graph and returns its end.

        With a name, all that the function connects for the first time has that name before its
        own, as in `billing/lookup`, so two segments may use the same names inside. It is drawn in a
        frame; by its name, `Report.of_segment` sums it up and `Plumber.pause` pauses it. A segment
        inside another has a name such as `billing/prices`.

        Args:
            segment: a plain function of the joint.
            name: what the segment is called. No other one in the same segment has that name, and
                there is no `/` in it. The names of processors may have one.

        Returns:
            What the function returns.

        Raises:
            WiringError: another segment has the name, or there is a `/` in it.
        """
        with self._drawing.segment(name) if name else nullcontext():
            return segment(self)

    def keep(self, test: Callable[[T_co], bool], /, *, buffer: int | None = None) -> Joint[T_co]:
        """Pass on the items for which the test is true; the others are dropped, and counted.

        Their type stays as it is: see `narrow`. If the test raises, the run fails.

        Args:
            test: a plain function.
            buffer: as for a `Processor`.

        Raises:
            WiringError: the test is async, or not a function of one argument.
            SettingError: `buffer` is less than 1.
        """
        return self._sifted("keep", test, buffer)

    def narrow(
        self, test: Callable[[T_co], TypeIs[B]], /, *, buffer: int | None = None
    ) -> Joint[B]:
        """Pass on the items of a type that a test recognizes; the others are dropped, and counted.

        As `keep`, but the type of what passes is the one in the `TypeIs` of the test.

        Args:
            test: a plain function that returns a `TypeIs`.
            buffer: as for a `Processor`.

        Raises:
            WiringError: as for `keep`.
            SettingError: `buffer` is less than 1.
        """
        return self._sifted("narrow", test, buffer)

    def only(self, kind: type[A], /, *, buffer: int | None = None) -> Joint[A]:
        """Pass on the items that are instances of a class; the others are dropped, and counted.

        Args:
            kind: the class.
            buffer: as for a `Processor`.

        Raises:
            WiringError: `isinstance` cannot recognize them, as for `list[int]`, a `TypedDict`, or a
                protocol that is not `runtime_checkable`.
            SettingError: `buffer` is less than 1.
        """

        def is_kind(item: object) -> bool:
            return isinstance(item, kind)

        try:
            is_kind(None)
        except TypeError as error:
            raise WiringError(
                f"only cannot recognize the items that are {shorten(kind)}: "
                f"{shorten_message(error)}. Write a function that returns a TypeIs, and pass it "
                "to narrow."
            ) from error
        name = f"only {getattr(kind, '__name__', kind)}"
        return self._on(Keep(name, is_kind, kind, _bound(name, buffer)))

    def batch(
        self: Joint[A], size: int, *, within: float | None = None, buffer: int | None = None
    ) -> Joint[list[A]]:
        """Gather items into lists.

        Args:
            size: how many items a list holds, 1 or more; the last one may be shorter.
            within: how many seconds the first item of a list waits at most for the
                others; without it, until the list is full or the input ends.
            buffer: as for a `Processor`: how many items, not lists, wait to be gathered.

        Raises:
            SettingError: a number is out of bounds.
        """
        name = f"batch {size}"
        return self._on(
            Batch(
                name,
                positive("the size of a batch", size),
                within=None if within is None else seconds(f"within of {name!r}", within),
                buffer=_bound(name, buffer),
            )
        )

    def every(
        self: Joint[A], period: float, /, *, most: int = 10_000, buffer: int | None = None
    ) -> Joint[list[A]]:
        """Gather what arrives within each of the intervals into a list.

        The intervals follow each other from the beginning of the run on; one in which nothing
        arrives gives nothing. At the end, what has arrived is the last list, also in a drain.

        Args:
            period: how many seconds an interval takes, above 0.
            most: how many items a list holds at most, 1 or more. With more of them, an interval
                gives several lists.
            buffer: as for a `Processor`: how many items, not lists, wait to be gathered.

        Raises:
            SettingError: a number is out of bounds.
        """
        length = seconds("the period of every", period)
        name = f"every {length:g} s"
        size = positive(f"most of {name!r}", most)
        return self._on(Batch(name, size, every=length, buffer=_bound(name, buffer)))

    def split(
        self, sort: Callable[[T_co], First[A] | Second[B]], /, *, buffer: int | None = None
    ) -> tuple[Joint[A], Joint[B]]:
        """Send each item one of two ways; none is dropped as long as both are taken.

        As in a fork, a way that is full holds up the other, and one whose reader leaves does not:
        what would go there is dropped from then on, and counted. Branches that keep the order may
        be zipped, or taken as one again with `rejoin`.

        Args:
            sort: a plain function that returns the item, or something else that is to go on, in
                `First` or `Second`. With `match` and `assert_never` in it, type checkers see that
                it has a way for every item. If it raises, the run fails.
            buffer: as for a `Processor`.

        Returns:
            The joints of the ways.

        Raises:
            WiringError: `sort` is async, or not a function of one argument.
            SettingError: `buffer` is less than 1.
        """
        first, second = self._split(sort, 2, buffer)
        return first, second

    def split3(
        self,
        sort: Callable[[T_co], First[A] | Second[B] | Third[C]],
        /,
        *,
        buffer: int | None = None,
    ) -> tuple[Joint[A], Joint[B], Joint[C]]:
        """Send each item one of three ways, as `split` does."""
        first, second, third = self._split(sort, 3, buffer)
        return first, second, third

    def split4(
        self,
        sort: Callable[[T_co], First[A] | Second[B] | Third[C] | Fourth[D]],
        /,
        *,
        buffer: int | None = None,
    ) -> tuple[Joint[A], Joint[B], Joint[C], Joint[D]]:
        """Send each item one of four ways, as `split` does."""
        first, second, third, fourth = self._split(sort, 4, buffer)
        return first, second, third, fourth

    def split5(
        self,
        sort: Callable[[T_co], First[A] | Second[B] | Third[C] | Fourth[D] | Fifth[E]],
        /,
        *,
        buffer: int | None = None,
    ) -> tuple[Joint[A], Joint[B], Joint[C], Joint[D], Joint[E]]:
        """Send each item one of five ways, as `split` does."""
        first, second, third, fourth, fifth = self._split(sort, 5, buffer)
        return first, second, third, fourth, fifth

    def rejoin(self: Joint[A], other: Joint[B], /, *, buffer: int | None = None) -> Joint[A | B]:
        """Take the branches of two ways of a split as one, in the order before the split.

        For more than two ways, rejoin the result with the next.

        Args:
            other: the end of the other branch. Both must be in step with the split: `merge` takes
                branches that are not.
            buffer: how many items each edge that leads here holds at most, 1 or more. By default
                as the `buffer` of what takes the items.

        Raises:
            WiringError: it is a joint of another plumber.
            SettingError: `buffer` is less than 1.
        """
        taps = [self._tap, tap_of(other, self._drawing)]
        edges = bound("buffer of rejoin", buffer)
        return self._at(self._drawing.combine("rejoin", taps, edges))

    def collect(self: Joint[A], *, name: str = "", buffer: int | None = None) -> Collector[A]:
        """Keep all items in memory, without a bound, to be looked at after the run.

        Args:
            name: what it is called in `report.collected`, in reports and drawings. Without
                one, `report.collected` has it as what it follows: `parse`, `failures of parse`,
                `zip` or `merge`; and as `parse-2` and so on if there are several.
            buffer: as for a `Processor`.

        Raises:
            WiringError: another part of its name is connected.
            SettingError: `buffer` is less than 1.
        """
        collector = Collector[A](name, _bound(name or "collect", buffer))
        self._drawing.link(self._tap, collector)
        return collector

    def read(self: Joint[A], *, maxsize: int | None = None) -> InputQueue[A]:
        """Hand the items to the reader of a queue.

        A run does not end by itself before everything in the queue was read, or its reader has
        closed it: then the other branches of a fork go on without it. If the run ends early,
        what is inside can still be read until the next run begins.

        Args:
            maxsize: how many items it holds at most, 1 or more. A full one makes
                the graph wait. By default as the `buffer` of a `Processor`: 100, or more behind
                a zip.

        Raises:
            SettingError: `maxsize` is less than 1.
        """
        reader = Reader[A]("read", bound("maxsize of read", maxsize))
        self._drawing.link(self._tap, reader)
        return reader.queue

    def _sifted(
        self, role: str, test: Callable[[T_co], bool], buffer: int | None
    ) -> Joint[Any]:  # Any: the caller knows what passes
        way_out = "Ask it in a processor before, and test what that returns."
        refuse_coroutine(test, role, way_out=way_out)
        takes(test, 1, role)
        name = f"{role} {name_of(test)}"
        return self._on(Keep(name, test, buffer=_bound(name, buffer)))

    def _split(
        self,
        sort: Callable[[Any], object],  # Any: the caller knows what is split, and below
        ways: int,
        buffer: int | None,
    ) -> Iterator[Joint[Any]]:  # Any: and what goes which way
        refuse_coroutine(sort, "split", way_out="Ask it in a processor before.")
        takes(sort, 1, "split")
        name = f"split {name_of(sort)}"
        part = Split(name, sorted_by(name, sort, ways), ways, sort, buffer=_bound(name, buffer))
        self._drawing.link(self._tap, part)
        return (self._at(Tap(part, way=way)) for way in range(ways))

    def _through(
        self, switch: Switch[Any, Any]
    ) -> Joint[Any]:  # Any: the caller knows what the switch takes and gives
        kinds = [case.kind for case in switch.cases]
        part = Split("switch", sorted_by_class(kinds), len(kinds), kinds=kinds)
        self._drawing.link(self._tap, part)
        ends = [
            self._at(Tap(part, way=way)).to(case.stage) for way, case in enumerate(switch.cases)
        ]
        open_ends = [end for end in ends if not gives_nothing(end)] or ends[:1]
        taps = [end._tap for end in open_ends]
        if len(taps) == 1:
            return open_ends[0]
        return self._at(self._drawing.combine("rejoin", taps))

    def _on(self, part: Part) -> Joint[Any]:  # Any: the caller knows what the part gives
        self._drawing.link(self._tap, part)
        return self._at(Tap(part))

    def _at(self, tap: Tap) -> Joint[Any]:  # Any: the caller knows what comes from there
        return Joint(self.plumber, self._drawing, tap)


def _bound(name: str, buffer: int | None) -> int | None:
    return bound(f"buffer of {name!r}", buffer)


def gives_nothing(joint: Joint[object]) -> bool:
    """Whether it is the end of a sink."""
    tap = joint._tap
    return isinstance(tap.part, Sink) and not (tap.failures or tap.outcomes)


def tap_of(outlet: Outlet[T_co], drawing: Drawing) -> Tap:
    """Find where a connection from an outlet comes from in this drawing.

    Raises:
        WiringError: it is a joint of another plumber, or not an outlet.
    """
    if isinstance(outlet, Joint):
        if outlet._drawing is not drawing:
            raise WiringError(
                f"a joint of {outlet._drawing.name!r} cannot be connected in {drawing.name!r}: "
                "a joint belongs to the plumber that made it. Connect the processor itself."
            )
        return outlet._tap
    return drawing.tap(outlet)
