"""The drawing in which a run is seen: what a script needs of it is there."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree as ET

from tests.show.drawings import census
from tests.show.test_svg import along, number, parsed, parts
from typedpipes import Plumber, Processor, Sink, Source
from typedpipes.show import show
from typedpipes.show.live import draw_live


async def double(item: int) -> int:
    return 2 * item


async def ignore(item: object) -> None: ...


def drawn(plumber: Plumber) -> ET.Element:
    return parsed(draw_live(plumber.blueprint()))


def test_it_shows_the_same_graph_with_more_room_in_the_boxes() -> None:
    blueprint = census().blueprint()
    still, live = parsed(show(blueprint, "svg")), parsed(draw_live(blueprint))

    texts = [[each.text for each in parts(root, "text", "title")] for root in (still, live)]
    heights = [
        {node: number(box, "height") for node, box in rectangles(root)} for root in (still, live)
    ]

    assert texts[0] == texts[1]
    assert heights[0].keys() == heights[1].keys() >= {"files", "tally"}
    for name, height in heights[0].items():
        assert heights[1][name] >= height + 36


def rectangles(root: ET.Element) -> list[tuple[str, ET.Element]]:
    return [
        (group.attrib["data-node"], box)
        for group in parts(root, "g", "node")
        for box in parts(group, "rect", "box")
        if "data-node" in group.attrib
    ]


def test_nodes_and_edges_come_in_the_order_of_the_blueprint() -> None:
    blueprint = census().blueprint()
    root = parsed(draw_live(blueprint))

    nodes = [each.attrib["data-node"] for each in root.iter() if "data-node" in each.attrib]
    edges = [each.attrib["data-edge"] for each in root.iter() if "data-edge" in each.attrib]

    assert nodes == [node.name for node in blueprint.nodes]
    assert edges == [
        f"{edge.start} {'-!>' if edge.failures else '->'} {edge.end}" for edge in blueprint.edges
    ]


def test_the_way_from_a_zip_into_its_node_is_told_from_edges() -> None:
    plumber = Plumber("pairs")
    source = plumber.connect(Source([1]))
    plumber.zip(source, source.to(Processor(double))).to(Sink(ignore, name="pairs"))

    ways = [each.get("data-into") for each in drawn(plumber).iter() if "data-into" in each.attrib]

    assert ways == ["pairs"]


def test_a_line_says_how_far_it_goes_as_one_with_others_of_its_fork() -> None:
    plumber = Plumber("fork")
    source = plumber.connect(Source([1], name="source"))
    for name in "abc":
        source.to(Processor(double, name=name)).to(Sink(ignore, name=f"end {name}"))
    edges = {each.get("data-edge"): each for each in parts(drawn(plumber), "g", "edge")}
    forked = [edges[f"source -> {name}"] for name in "abc"]

    def places(edge: ET.Element, *, below: bool) -> list[tuple[float, float]]:
        own = number(edge, "data-own")
        (line,) = parts(edge, "path", "arrow")
        return [(x, y) for x, y in along(line.attrib["d"]) if (y > own + 1) == below]

    for one, other in combinations(forked, 2):
        assert {x for x, _ in places(one, below=False)} == {
            x for x, _ in places(other, below=False)
        }
        assert not {*places(one, below=True)} & {*places(other, below=True)}
    assert "data-own" not in edges["a -> end a"].attrib
