"""The graph in bytewax.

Its join pairs the values of one key, so every line is its own key from the start.
"""

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.operators import KeyedStream
from bytewax.testing import TestingSink, TestingSource, run_main

from benchmarks.miswirings.task import LINES


def measure(line: str) -> int:
    return len(line)


def double(number: int) -> int:
    return number * 2


def spell(number: int) -> str:
    return str(number)


def show(pair: tuple[int, str]) -> str:
    number, text = pair
    return f"{number} {text}"


def shout(text: str) -> str:
    return text.upper()


def itself(line: str) -> str:
    return line


def read(flow: Dataflow) -> KeyedStream[str]:
    lines = op.input("read", flow, TestingSource(LINES))
    return op.key_on("key", lines, itself)


def right() -> list[str]:
    flow = Dataflow("right")
    shown: list[tuple[str, str]] = []
    measured = op.map_value("measure", read(flow), measure)
    doubled = op.map_value("double", measured, double)
    spelled = op.map_value("spell", measured, spell)
    paired = op.join("zip", doubled, spelled)
    op.output("out", op.map_value("show", paired, show), TestingSink(shown))
    run_main(flow)
    return [text for _, text in shown]


def mistake_1() -> None:
    op.map_value("double", read(Dataflow("wrong")), double)


def mistake_2() -> None:
    measured = op.map_value("measure", read(Dataflow("wrong")), measure)
    op.map_value("shout", measured, shout)


def mistake_3() -> None:
    measured = op.map_value("measure", read(Dataflow("wrong")), measure)
    op.map_value("double", measured, double)
    op.map_value("shout", measured, shout)


def mistake_4() -> None:
    measured = op.map_value("measure", read(Dataflow("wrong")), measure)
    doubled = op.map_value("double", measured, double)
    spelled = op.map_value("spell", measured, spell)
    op.map_value("show", op.join("zip", spelled, doubled), show)


def mistake_5() -> None:
    measured = op.map_value("measure", read(Dataflow("wrong")), measure)
    doubled = op.map_value("double", measured, double)
    spelled = op.map_value("spell", measured, spell)
    op.map_value("show", op.join("zip", doubled, spelled, measured), show)


def mistake_6() -> None:
    measured = op.map_value("measure", read(Dataflow("wrong")), measure)
    spelled = op.map_value("spell", measured, spell)
    op.map_value("double", op.merge("merge", measured, spelled), double)


def mistake_7() -> None:
    measured = op.map_value("measure", read(Dataflow("wrong")), measure)
    doubled = op.map_value("double", measured, double)
    spelled = op.map_value("spell", measured, spell)
    op.map_value("shout", op.join("zip", doubled, spelled), shout)
