"""Switches in a definition: items go on by their class, held to the same types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

import pytest

from tests.definitions import offered
from tests.definitions.offered import OFFERED
from tests.definitions.refusals import refused
from typedpipes import DefinitionErrors, On, Plumber, Processor, Sink, Source, run, switch
from typedpipes.definition import write


class Order:
    def __init__(self, amount: int) -> None:
        self.amount = amount


class Urgent(Order): ...


class Refund:
    reason = "broken"


async def events() -> AsyncIterator[Order | Refund]:
    for event in (Order(1), Refund(), Urgent(2), Order(3)):
        yield event


async def bill(order: Order) -> int:
    return order.amount


async def pay_back(refund: Refund) -> str:
    return refund.reason


async def hurry(order: Urgent) -> None:
    offered.stored.append(order.amount)


COROUTINES: Mapping[str, object] = {
    **OFFERED,
    "Order": Order,
    "Urgent": Urgent,
    "Refund": Refund,
    "list_of": list[str],
    **{each.__name__: each for each in (events, bill, pay_back, hurry)},
}


@pytest.fixture(autouse=True)
def nothing_is_stored() -> Iterator[None]:
    offered.stored.clear()
    yield
    offered.stored.clear()


def sorted_to(classes: object, **ways: object) -> dict[str, object]:
    """Describe events that are sorted to nodes named as their coroutines are."""
    ends = [end for end in ("bill", "pay_back", "hurry") if end in ways.values()]
    return {
        "nodes": {
            "events": {"coro": "events"},
            "sort": {"switch": classes},
            **{end: {"coro": end} for end in ends},
            "all": {"coro": "store_either", "rejoin": True},
        },
        "graph": {
            "events": "sort",
            "sort": ways,
            **{end: "all" for end in ends if end != "hurry"},
        },
    }


BY_CLASS = sorted_to(["Order", "Refund"], Order="bill", Refund="pay_back")


def test_items_go_on_by_their_class_and_rejoin_in_order() -> None:
    run(Plumber.from_definition(BY_CLASS, coroutines=COROUTINES), signals=())

    assert offered.stored == [1, "broken", 2, 3]


def test_an_item_of_several_classes_goes_by_the_first() -> None:
    definition = sorted_to(
        ["Urgent", "Order", "Refund"], Urgent="hurry", Order="bill", Refund="pay_back"
    )

    run(Plumber.from_definition(definition, coroutines=COROUTINES), signals=())

    assert sorted(map(str, offered.stored)) == ["1", "2", "3", "broken"]


def test_a_switch_comes_back() -> None:
    blueprint = Plumber.from_definition(BY_CLASS, coroutines=COROUTINES).blueprint()

    written = write(blueprint, COROUTINES)

    assert written["nodes"] == BY_CLASS["nodes"]
    again = Plumber.from_definition(written, coroutines=COROUTINES)
    assert write(again.blueprint(), COROUTINES) == written
    run(again, signals=())
    assert offered.stored == [1, "broken", 2, 3]


def test_a_switch_in_code_is_written_with_a_rejoin() -> None:
    plumber = Plumber("code")
    cases = switch(On(Order, Processor(bill, workers=2)), On(Refund, Processor(pay_back)))
    plumber.connect(Source(events)).to(cases).to(Sink(offered.store))

    written = write(plumber.blueprint(), COROUTINES)

    assert written == {
        "name": "code",
        "nodes": {
            "events": {"coro": "events"},
            "switch": {"switch": ["Order", "Refund"]},
            "bill": {"coro": "bill", "workers": 2},
            "pay_back": {"coro": "pay_back"},
            "store": {"coro": "store", "rejoin": True},
        },
        "graph": {
            "events": ["switch"],
            "switch": {"Order": ["bill"], "Refund": ["pay_back"]},
            "bill": ["store"],
            "pay_back": ["store"],
        },
    }


def test_import_paths_name_classes() -> None:
    names = [f"{__name__}:Order", f"{__name__}:Refund"]
    nodes = {
        "events": {"coro": f"{__name__}:events"},
        "sort": {"switch": names},
        "bill": {"coro": f"{__name__}:bill"},
        "back": {"coro": f"{__name__}:pay_back"},
    }
    graph = {"events": "sort", "sort": {names[0]: "bill", names[1]: "back"}}

    plumber = Plumber.from_definition({"nodes": nodes, "graph": graph}, import_paths=True)

    assert run(plumber, signals=()).collected == {"bill": [1, 2, 3], "back": ["broken"]}


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            sorted_to(["Order", "Urgent"], Order="bill", Urgent="hurry"),
            "events -> sort: events gives Order | Refund, sort takes Order | Urgent. "
            "Put a node between them that turns Order | Refund into Order | Urgent.",
        ),
        (
            sorted_to(["Order", "Refund"], Order="pay_back", Refund="bill"),
            "sort.Order -> pay_back: sort gives Order, pay_back takes Refund. "
            "Put a node between them that turns Order into Refund.",
        ),
        (
            sorted_to(["Order", "Refund"], Order="bill", Refunds="pay_back"),
            "graph.sort.Refunds: unknown key 'Refunds'. Did you mean 'Refund'?",
        ),
        (
            sorted_to(["Order", "Refund"], Order="bill"),
            "nodes.sort: nothing takes the items that are Refund. Say in `graph` where they go.",
        ),
        (
            sorted_to(["Order", "Refunds"], Order="bill", Refunds="pay_back"),
            "nodes.sort.switch[1]: the class 'Refunds' is not offered. Did you mean 'Refund'?",
        ),
        (
            sorted_to(["Order", "bill"], Order="bill", bill="pay_back"),
            "nodes.sort.switch[1]: the name 'bill' needs a class, not <function bill",
        ),
        (
            sorted_to(["Order", "list_of"], Order="bill", list_of="pay_back"),
            "nodes.sort.switch[1]: the name 'list_of' needs a class, not list[str]",
        ),
        (
            sorted_to(["Order", "Order"], Order="bill"),
            "nodes.sort.switch[1]: 'Order' is listed twice. Name each class once.",
        ),
        (
            sorted_to(["Order"], Order="bill"),
            "nodes.sort.switch: must be a list of the names of 2 to 8 classes, not ['Order']",
        ),
        (
            sorted_to("Order", Order="bill"),
            "nodes.sort.switch: must be a list of the names of 2 to 8 classes, not 'Order'",
        ),
        (
            {**BY_CLASS, "graph": {"events": "sort", "sort": "bill"}},
            "graph.sort: must be a table of ways, such as { Order = \"store\" }, not 'bill'",
        ),
        (
            {**BY_CLASS, "failures": {"sort": "all"}},
            "failures of sort -> all: sort is no processor, so no items fail in it. "
            "Remove the connection.",
        ),
    ],
    ids=range(12),
)
def test_a_wrong_switch_is_refused_at_its_place(definition: object, message: str) -> None:
    told = refused(definition, COROUTINES)

    assert told[0].startswith(message)


def test_a_switch_that_cannot_be_read_has_no_other_mistakes() -> None:
    told = refused(sorted_to(["Order"], Order="bill"), COROUTINES)

    assert len(told) == 1


def test_a_mistake_of_a_switch_has_its_line() -> None:
    text = """
        nodes.events.coro = "events"
        nodes.sort.switch = ["Order",
                             "Refunds"]
        nodes.bill.coro = "bill"
        [graph]
        events = "sort"
        sort = { Order = "bill",
        Refunds = "bill" }
    """.replace("\n        Refunds", " Refunds")

    with pytest.raises(DefinitionErrors) as wrong:
        Plumber.from_definition(text, coroutines=COROUTINES)

    assert str(wrong.value.exceptions[0]).startswith("line 4: nodes.sort.switch[1]: ")
