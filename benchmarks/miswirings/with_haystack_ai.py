"""The graph in Haystack.

A component has named inputs and outputs; a pipeline connects them by their names, and
checks their types while it does. A run takes one line.
"""

# ruff: noqa: D101, D102  # a component of one line is its own documentation

from haystack import Pipeline, component

from benchmarks.miswirings.task import LINES


@component
class Read:
    @component.output_types(line=str)
    def run(self, line: str) -> dict[str, str]:
        return {"line": line}


@component
class Measure:
    @component.output_types(number=int)
    def run(self, line: str) -> dict[str, int]:
        return {"number": len(line)}


@component
class Double:
    @component.output_types(number=int)
    def run(self, number: int) -> dict[str, int]:
        return {"number": number * 2}


@component
class Spell:
    @component.output_types(text=str)
    def run(self, number: int) -> dict[str, str]:
        return {"text": str(number)}


@component
class Show:
    @component.output_types(text=str)
    def run(self, number: int, text: str) -> dict[str, str]:
        return {"text": f"{number} {text}"}


@component
class Shout:
    @component.output_types(text=str)
    def run(self, text: str) -> dict[str, str]:
        return {"text": text.upper()}


def drawing() -> Pipeline:
    """Return the first two nodes, connected, and the others."""
    pipeline = Pipeline()
    pipeline.add_component("read", Read())
    pipeline.add_component("measure", Measure())
    pipeline.add_component("double", Double())
    pipeline.add_component("spell", Spell())
    pipeline.add_component("show", Show())
    pipeline.add_component("shout", Shout())
    pipeline.connect("read.line", "measure.line")
    return pipeline


def right() -> list[str]:
    pipeline = drawing()
    pipeline.remove_component("shout")
    pipeline.connect("measure.number", "double.number")
    pipeline.connect("measure.number", "spell.number")
    pipeline.connect("double.number", "show.number")
    pipeline.connect("spell.text", "show.text")
    return [pipeline.run({"read": {"line": line}})["show"]["text"] for line in LINES]


def mistake_1() -> None:
    drawing().connect("read.line", "double.number")


def mistake_2() -> None:
    drawing().connect("measure.number", "shout.text")


def mistake_3() -> None:
    pipeline = drawing()
    pipeline.connect("measure.number", "double.number")
    pipeline.connect("measure.number", "shout.text")


def mistake_4() -> None:
    pipeline = drawing()
    pipeline.connect("spell.text", "show.number")
    pipeline.connect("double.number", "show.text")


def mistake_5() -> None:
    pipeline = drawing()
    pipeline.connect("double.number", "show.number")
    pipeline.connect("spell.text", "show.text")
    pipeline.connect("measure.number", "show.third")


def mistake_6() -> None:
    pipeline = drawing()
    pipeline.connect("measure.number", "double.number")
    pipeline.connect("spell.text", "double.number")


def mistake_7() -> None:
    pipeline = drawing()
    pipeline.connect("double.number", "shout.text")
    pipeline.connect("spell.text", "shout.text")
