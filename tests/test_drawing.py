"""Promise 13: errors of drawing come before running, all at once, in the user's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.unchecked import unchecked
from typedpipes import Feed, Plumber, Processor, Sink, Source, WiringError, WiringErrors


async def double(number: int) -> int:
    return 2 * number


async def ignore(item: object) -> None: ...


def numbers(name: str = "") -> Source[int]:
    return Source([1, 2, 3], name=name)


def doubler(name: str) -> Processor[int, int]:
    return Processor(double, name=name)


def sink(name: str = "") -> Sink[object]:
    return Sink(ignore, name=name)


def mistakes(plumber: Plumber) -> list[str]:
    """What the plumber finds wrong with its drawing."""
    with pytest.raises(WiringErrors) as wrong:
        plumber.blueprint()
    return [str(error) for error in wrong.value.exceptions]


def test_an_output_that_goes_nowhere() -> None:
    plumber = Plumber()

    plumber.connect(numbers()).to(doubler("a"))

    assert mistakes(plumber) == [
        "the output of 'a' goes nowhere. "
        "Connect it to a processor, collect or read it, or make it a Sink."
    ]


def test_a_source_that_goes_nowhere() -> None:
    plumber = Plumber()

    plumber.connect(numbers("n"))

    assert mistakes(plumber) == [
        "the output of 'n' goes nowhere. Connect it to a processor, or collect or read it."
    ]


def test_a_joint_of_a_fitting_that_goes_nowhere() -> None:
    plumber = Plumber()

    plumber.connect(numbers()).only(int)

    assert mistakes(plumber) == [
        "the output of 'only int' goes nowhere. Connect it to a processor, or collect or read it."
    ]


def test_a_zip_that_goes_nowhere() -> None:
    plumber = Plumber()

    plumber.zip(numbers("n"), numbers("m"))

    assert mistakes(plumber) == [
        "the output of 'zip' goes nowhere. Connect it to a processor, or collect or read it."
    ]


def test_failures_that_go_nowhere() -> None:
    plumber = Plumber()
    a = doubler("a")

    plumber.connect(numbers()).to(a).to(sink())
    plumber.failures(a)

    assert mistakes(plumber) == [
        "the failures of 'a' go nowhere. Connect them to a processor, or collect or read them."
    ]


def test_an_input_that_comes_from_nowhere() -> None:
    plumber = Plumber()

    plumber.connect(doubler("a")).to(sink())

    assert mistakes(plumber) == [
        "the input of 'a' comes from nowhere. Connect a source, a processor or a joint to it."
    ]


def test_an_input_connected_twice() -> None:
    plumber = Plumber()
    store = sink("store")

    plumber.connect(numbers("n")).to(store)
    plumber.connect(numbers("m")).to(store)

    assert mistakes(plumber) == [
        "the input of 'store' is connected 2 times: to 'n' and to 'm'. "
        "Join them first, with zip (as tuples) or merge (as they come)."
    ]


def test_the_same_connection_drawn_twice() -> None:
    plumber = Plumber()
    n, store = numbers("n"), sink("store")

    plumber.connect(n).to(store)
    plumber.connect(n).to(store)

    assert mistakes(plumber) == [
        "the input of 'store' is connected 2 times: to 'n' and to 'n'. "
        "Join them first, with zip (as tuples) or merge (as they come)."
    ]


def test_a_cycle_is_listed() -> None:
    plumber = Plumber()
    a, b = doubler("a"), doubler("b")

    plumber.connect(a).to(b).to(a)

    (mistake,) = mistakes(plumber)
    assert mistake.startswith("the graph goes in a circle: ")
    assert "'a' -> 'b' -> 'a'" in mistake or "'b' -> 'a' -> 'b'" in mistake
    assert mistake.endswith(
        "An item would never leave it. Have a Sink put what has to go round into a "
        "Feed(ends_when_idle=True), which ends when nothing is left. "
        "'Items that go round again' in docs/guide.md has one."
    )


def test_the_section_that_the_error_about_a_cycle_names_is_there() -> None:
    plumber = Plumber()
    a = doubler("a")

    plumber.connect(a).to(a)

    section = re.findall("'([^']*)' in docs/guide.md", mistakes(plumber)[0])
    guide = (Path(__file__).resolve().parents[1] / "docs/guide.md").read_text()
    assert section == [line[3:] for line in guide.splitlines() if line[3:] in section]


def test_a_processor_connected_to_itself() -> None:
    plumber = Plumber()
    a = doubler("a")

    plumber.connect(a).to(a)

    (mistake,) = mistakes(plumber)
    assert mistake.startswith("the graph goes in a circle: 'a' -> 'a'. ")


def test_a_name_used_twice_is_refused_where_the_second_is_connected() -> None:
    plumber = Plumber("words")
    joint = plumber.connect(numbers("n")).to(doubler("a"))

    with pytest.raises(
        WiringError,
        match=re.escape(
            "cannot connect Sink('a') of 'ignore': Processor('a') of 'double' has that name in "
            "'words' already. Give each a name of its own, or connect the one that is there."
        ),
    ) as refused:
        joint.to(sink("a"))

    joint.to(sink("b"))
    assert refused.value.nodes == ("a",)
    assert [node.name for node in plumber.blueprint().nodes] == ["n", "a", "b"]


CONNECTIONS: list[Callable[[Plumber], object]] = [
    lambda plumber: plumber.connect(numbers("a")),
    lambda plumber: plumber.failures(doubler("a")),
    lambda plumber: plumber.zip(numbers("n"), numbers("a")),
    lambda plumber: plumber.merge(doubler("a"), numbers("n")),
    lambda plumber: plumber.connect(numbers("n")).to(sink("a")),
]


@pytest.mark.parametrize("connect", CONNECTIONS)
def test_a_name_used_twice_is_refused_however_it_is_connected(
    connect: Callable[[Plumber], object],
) -> None:
    plumber = Plumber()
    plumber.connect(Feed[int](name="a"))

    with pytest.raises(WiringError, match=r"Feed\('a'\) has that name"):
        connect(plumber)


def test_a_part_that_is_connected_again_is_not_a_second_one_of_its_name() -> None:
    plumber, source, processor = Plumber(), numbers("n"), doubler("a")

    plumber.connect(source).to(processor)
    plumber.connect(source).to(sink("b"))
    plumber.connect(processor).to(sink("c"))
    plumber.failures(processor).to(sink("d"))

    assert [node.name for node in plumber.blueprint().nodes] == ["n", "a", "b", "c", "d"]


def test_a_name_that_was_not_given_gives_way_to_one_that_was() -> None:
    plumber = Plumber()

    plumber.connect(numbers()).to(Processor(double)).to(doubler("double")).to(sink("source"))

    names = [node.name for node in plumber.blueprint().nodes]
    assert names == ["source-2", "double-2", "double", "source"]


def test_nothing_to_run() -> None:
    assert mistakes(Plumber("empty")) == [
        "'empty' has nothing to run. Connect a source to a processor first."
    ]


def test_a_sink_that_is_connected_further() -> None:
    plumber = Plumber()

    plumber.connect(numbers()).to(sink("store")).to(sink("after"))

    assert mistakes(plumber) == [
        "the sink 'store' is connected to 'after', but a sink gives nothing. Make it a Processor."
    ]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    plumber = Plumber("wrong")
    store = sink("store")

    plumber.connect(numbers("n")).to(store)
    plumber.connect(numbers("m")).to(store)
    plumber.connect(doubler("a"))

    assert [mistake.split(". ")[0] for mistake in mistakes(plumber)] == [
        "the input of 'store' is connected 2 times: to 'n' and to 'm'",
        "the input of 'a' comes from nowhere",
        "the output of 'a' goes nowhere",
    ]


def test_a_misaligned_zip_is_told_together_with_the_rest() -> None:
    plumber = Plumber()
    joint = plumber.connect(numbers("n"))
    loose = Processor(double, name="loose", workers=2, ordered=False)
    plumber.zip(joint, joint.to(loose)).to(sink("store"))
    joint.to(doubler("a"))

    assert [mistake.split(":")[0].split(". ")[0] for mistake in mistakes(plumber)] == [
        "the output of 'a' goes nowhere",
        "the zip before 'store' would pair wrong items",
    ]


def test_the_group_shows_every_mistake_and_names_the_plumber() -> None:
    plumber = Plumber("words")
    plumber.connect(doubler("a"))

    with pytest.raises(WiringErrors) as wrong:
        plumber.blueprint()

    assert str(wrong.value) == (
        "the drawing of 'words' is wrong:\n"
        "  - the input of 'a' comes from nowhere. Connect a source, a processor or a joint to it.\n"
        "  - the output of 'a' goes nowhere. "
        "Connect it to a processor, collect or read it, or make it a Sink."
    )


def test_a_mistake_carries_the_names_of_its_nodes() -> None:
    plumber = Plumber()
    store = sink("store")
    plumber.connect(numbers("n")).to(store)
    plumber.connect(numbers("m")).to(store)

    with pytest.raises(WiringErrors) as wrong:
        plumber.blueprint()

    (mistake,) = wrong.value.exceptions
    assert isinstance(mistake, WiringError)
    assert mistake.nodes == ("store", "n", "m")


async def test_errors_of_drawing_come_before_running() -> None:
    plumber = Plumber()
    seen: list[int] = []

    async def see(number: int) -> None:
        seen.append(number)

    plumber.connect(numbers()).to(Sink(see))
    plumber.connect(numbers()).to(doubler("a"))

    with pytest.raises(WiringErrors):
        await plumber.run()
    assert seen == []


def test_parts_without_a_name_of_their_own_are_numbered() -> None:
    plumber = Plumber()

    plumber.connect(numbers()).to(Processor(double)).to(Processor(double)).collect()

    names = [node.name for node in plumber.blueprint().nodes]
    assert names == ["source", "double", "double-2", "collect double-2"]


def test_a_drawing_that_was_wrong_can_be_completed() -> None:
    plumber = Plumber()
    end = plumber.connect(numbers()).to(doubler("a"))
    assert mistakes(plumber)

    end.collect()

    assert [node.name for node in plumber.blueprint().nodes] == ["source", "a", "collect a"]


def test_a_joint_of_another_plumber() -> None:
    mine, other = Plumber("mine"), Plumber("other")

    with pytest.raises(WiringError, match="a joint of 'other' cannot be connected in 'mine'"):
        mine.connect(other.connect(numbers()))


@pytest.mark.parametrize("how", ["zip", "merge"])
def test_a_zip_or_merge_of_one(how: str) -> None:
    plumber = Plumber()

    with pytest.raises(WiringError, match=f"{how} takes two or more inputs, not 1"):
        getattr(plumber, how)(numbers())


def test_a_connection_from_something_that_gives_nothing() -> None:
    with pytest.raises(WiringError, match=r"gives no items\. Connect a source"):
        Plumber().connect(unchecked(double))


def test_a_connection_to_something_that_takes_nothing() -> None:
    joint = Plumber().connect(numbers("n"))

    with pytest.raises(WiringError, match=r"cannot connect 'n' to Feed\('f'\): it takes no items"):
        joint.to(unchecked(Feed[int](name="f")))


def test_failures_of_something_that_has_none() -> None:
    with pytest.raises(WiringError, match=r"Source\('n'\) has no failures edge"):
        Plumber().failures(unchecked(numbers("n")))


def test_a_joint_is_told_by_what_is_before_it() -> None:
    plumber = Plumber()
    joint = plumber.connect(numbers("n"))

    with pytest.raises(WiringError, match="<Joint behind 'n'> has no failures edge"):
        plumber.failures(unchecked(joint))
