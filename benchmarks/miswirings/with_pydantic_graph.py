"""The graph in pydantic-graph.

It has no zip: a join folds what its branches give, as it comes, by a reducer. A run
takes one line.
"""

import asyncio

from pydantic_graph import GraphBuilder, StepContext

from benchmarks.miswirings.task import LINES

graph = GraphBuilder(input_type=str, output_type=str)


@graph.step
async def read(ctx: StepContext[None, None, str]) -> str:
    return ctx.inputs


@graph.step
async def measure(ctx: StepContext[None, None, str]) -> int:
    return len(ctx.inputs)


@graph.step
async def double(ctx: StepContext[None, None, int]) -> int:
    return ctx.inputs * 2


@graph.step
async def spell(ctx: StepContext[None, None, int]) -> str:
    return str(ctx.inputs)


@graph.step
async def show(ctx: StepContext[None, None, tuple[int, str]]) -> str:
    number, text = ctx.inputs
    return f"{number} {text}"


@graph.step
async def shout(ctx: StepContext[None, None, str]) -> str:
    return ctx.inputs.upper()


def complete(pair: tuple[int, str], part: int | str) -> tuple[int, str]:
    return (part, pair[1]) if isinstance(part, int) else (pair[0], part)


def complete_swapped(pair: tuple[str, int], part: int | str) -> tuple[str, int]:
    return (pair[0], part) if isinstance(part, int) else (part, pair[1])


def complete_three(three: tuple[int, str, int], part: int | str) -> tuple[int, str, int]:
    return (three[2], three[1], part) if isinstance(part, int) else (three[0], part, three[2])


def right() -> list[str]:
    paired = graph.join(complete, initial=(0, ""))
    graph.add(
        graph.edge_from(graph.start_node).to(read),
        graph.edge_from(read).to(measure),
        graph.edge_from(measure).to(double, spell),
        graph.edge_from(double, spell).to(paired),
        graph.edge_from(paired).to(show),
        graph.edge_from(show).to(graph.end_node),
    )
    built = graph.build()
    return [asyncio.run(built.run(inputs=line)) for line in LINES]


def mistake_1() -> None:
    graph.add(graph.edge_from(read).to(double))


def mistake_2() -> None:
    graph.add(graph.edge_from(measure).to(shout))


def mistake_3() -> None:
    graph.add(graph.edge_from(measure).to(double, shout))


def mistake_4() -> None:
    paired = graph.join(complete_swapped, initial=("", 0))
    graph.add(graph.edge_from(spell, double).to(paired), graph.edge_from(paired).to(show))


def mistake_5() -> None:
    paired = graph.join(complete_three, initial=(0, "", 0))
    graph.add(graph.edge_from(double, spell, measure).to(paired), graph.edge_from(paired).to(show))


def mistake_6() -> None:
    graph.add(graph.edge_from(measure, spell).to(double))


def mistake_7() -> None:
    paired = graph.join(complete, initial=(0, ""))
    graph.add(graph.edge_from(double, spell).to(paired), graph.edge_from(paired).to(shout))
