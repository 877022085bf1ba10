"""The formats, read by the programs that they are for."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.show.drawings import census, large, segmented, small, strange
from typedpipes import Plumber
from typedpipes.show import Format, show
from typedpipes.show.picture import picture

ROOT = Path(__file__).resolve().parents[2]
DRAWINGS = [small, census, large, strange, segmented]
SVG = "{http://www.w3.org/2000/svg}"
each_drawing = pytest.mark.parametrize("draw", DRAWINGS)
Draw = Callable[[], Plumber]


def shown(draw: Draw, format: Format) -> str:  # noqa: A002  # as show calls it
    return show(draw().blueprint(), format)


@pytest.fixture
def parser() -> list[str | Path]:
    """Return the command of the real parser of Mermaid, installed once into .venvs/mermaid."""
    folder = ROOT / ".venvs/mermaid"
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("the parser of Mermaid needs Node: there is no npm on the PATH")
    shutil.copytree(Path(__file__).parent / "mermaid", folder, dirs_exist_ok=True)
    stamp, wanted = folder / ".installed", (folder / "package.json").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        command = [npm, "install", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install the parser of Mermaid: {done.stderr[-500:]}")
        stamp.write_text(wanted)
    return [node, folder / "parse.js"]


def test_mermaid_parses_every_drawing(parser: list[str | Path]) -> None:
    texts = [shown(draw, "mermaid") for draw in DRAWINGS]

    done = subprocess.run(
        parser,
        input=json.dumps([*texts, "flowchart TD\n  a --> |b"]),
        capture_output=True,
        text=True,
        check=True,
    )
    *errors, of_a_wrong_text = json.loads(done.stdout)

    assert errors == [None] * len(texts)
    assert "Parse error" in of_a_wrong_text


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed: no `dot`")
@each_drawing
def test_graphviz_reads_every_box_and_every_arrow(draw: Draw) -> None:
    command = ["dot", "-Tjson"]
    done = subprocess.run(
        command, input=shown(draw, "dot"), capture_output=True, text=True, check=True
    )
    graph = json.loads(done.stdout)

    root = ET.fromstring(shown(draw, "svg"))  # noqa: S314  # our own

    assert done.stderr == ""
    boxes = [each for each in graph["objects"] if "nodes" not in each]  # and no cluster
    assert len(boxes) == len(root.findall(f".//{SVG}g[@class='node']"))
    assert len(graph["edges"]) == len(root.findall(f".//{SVG}path[@class='head']"))


def test_the_large_drawing_has_forty_boxes() -> None:
    assert len(picture(large().blueprint()).boxes) == 40


@each_drawing
def test_an_svg_is_xml_that_needs_nothing_else(draw: Draw) -> None:
    root = ET.fromstring(shown(draw, "svg"))  # noqa: S314  # our own

    assert root.tag == f"{SVG}svg"
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "title", "style", "rect", "g", "path", "text")
    }
    assert not [name for element in root.iter() for name in element.attrib if "href" in name]


@pytest.mark.parametrize("format", ["text", "mermaid", "dot", "svg"])
def test_a_name_commands_no_terminal(format: Format) -> None:  # noqa: A002  # as show calls it
    assert all(line.isprintable() for line in shown(strange, format).splitlines())


def test_failures_are_dashed_in_every_format() -> None:
    assert shown(census, "dot").count("style=dashed") == 2
    assert shown(census, "mermaid").count("-.->") == 2
    assert shown(census, "text").count("~>") == 2
    assert shown(census, "svg").count('<g class="edge failures"') == 2
    for format in ("dot", "mermaid", "text"):  # noqa: A001  # as show calls it
        assert not {"dashed", "-.->", "~>"} & {*shown(small, format).replace(",", " ").split()}


def test_text_says_what_each_box_is_and_where_its_items_go() -> None:
    assert shown(small, "text") == (
        "small\n"
        "\n"
        "pages   (source)\n"
        "  Page  -> words\n"
        "words   (4 workers)\n"
        "  str   -> store\n"
        "store\n"
    )


def test_a_segment_is_a_frame_with_the_names_inside_it() -> None:
    mermaid = shown(segmented, "mermaid").splitlines()
    begin = mermaid.index('    subgraph s0["left"]')
    inner = mermaid.index('        subgraph s1["sifted"]')

    assert begin < inner < mermaid.index("    end")
    assert any(line.endswith('["length"]') for line in mermaid[begin:inner])
    assert any(line.endswith('["same"]') for line in mermaid[inner : mermaid.index("        end")])
    assert any(line.endswith('["between"]') for line in mermaid[:begin])
    assert 'subgraph "cluster left/sifted" {' in shown(segmented, "dot")
    assert "left/sifted/same" in shown(segmented, "text").splitlines()
