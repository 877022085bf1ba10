"""The graph in spdl.

It has no fork, so each branch reads the source for itself, and no zip, so two pipelines
are merged by an operation that takes from each in turn.
"""

from asyncio import Queue
from collections.abc import Sequence

from spdl.pipeline import StageInfo, build_pipeline, is_eof
from spdl.pipeline.defs import Merge, Pipe, PipelineConfig, SinkConfig, SourceConfig

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


async def in_turn(_: StageInfo, inputs: Sequence[Queue[object]], output: Queue[object]) -> None:
    while True:
        items = [await queue.get() for queue in inputs]
        if any(is_eof(item) for item in items):
            return
        await output.put(tuple(items))


lines: SourceConfig[str] = SourceConfig(LINES)
measured: PipelineConfig[int] = PipelineConfig(lines, [Pipe(measure)], SinkConfig(1))
doubled: PipelineConfig[int] = PipelineConfig(lines, [Pipe(measure), Pipe(double)], SinkConfig(1))
spelled: PipelineConfig[str] = PipelineConfig(lines, [Pipe(measure), Pipe(spell)], SinkConfig(1))


def right() -> list[str]:
    paired = Merge([doubled, spelled], in_turn)
    shown: PipelineConfig[str] = PipelineConfig(paired, [Pipe(show)], SinkConfig(1))
    pipeline = build_pipeline(shown, num_threads=1)
    with pipeline.auto_stop():
        return list(pipeline)


def mistake_1() -> None:
    PipelineConfig(lines, [Pipe(double)], SinkConfig(1))


def mistake_2() -> None:
    PipelineConfig(lines, [Pipe(measure), Pipe(shout)], SinkConfig(1))


def mistake_3() -> None:
    shouted: PipelineConfig[str] = PipelineConfig(
        lines, [Pipe(measure), Pipe(shout)], SinkConfig(1)
    )
    PipelineConfig(Merge([doubled, shouted], in_turn), [Pipe(show)], SinkConfig(1))


def mistake_4() -> None:
    PipelineConfig(Merge([spelled, doubled], in_turn), [Pipe(show)], SinkConfig(1))


def mistake_5() -> None:
    PipelineConfig(Merge([doubled, spelled, measured], in_turn), [Pipe(show)], SinkConfig(1))


def mistake_6() -> None:
    PipelineConfig(Merge([measured, spelled]), [Pipe(double)], SinkConfig(1))


def mistake_7() -> None:
    PipelineConfig(Merge([doubled, spelled], in_turn), [Pipe(shout)], SinkConfig(1))
