"""Mistakes with the gauges of a run."""

from tests.typing.stages import lines, plumber, reverse, reverser
from opentelemetry import metrics
from typedpipes import Gauges, Report
from typedpipes.observe import page
from typedpipes.observe.opentelemetry import instrument


async def look() -> None:
    await plumber.run(wedged_after="10 s")  # refused [arg-type]: seconds
    await plumber.watch()  # refused [misc]: a loop
    plumber.watch(0.5)  # refused [call-arg]: every=0.5
    plumber.watch(every="1 s")  # refused [arg-type]: seconds
    for gauges in plumber.watch():  # refused [attr-defined]: async for
        pass
    with plumber.failure_texts("5"):  # refused [arg-type]: a number
        pass
    async with plumber.failure_texts():  # refused [attr-defined]: nothing waits
        pass
    with plumber.failure_texts() as failures:
        pass
    with page(plumber):  # refused [attr-defined]: async with
        pass
    async with page([plumber]):  # refused [arg-type]: one after the other
        pass
    async with page(plumber, port="8080") as viewer:  # refused [arg-type]: a number
        viewer.url = ""  # refused [misc]: frozen
    with plumber.failure_texts() as failures:
        failures.of(reverser)  # refused [arg-type]: by its name


def watch(gauges: Gauges, report: Report) -> None:
    gauges.of(reverse)  # refused [arg-type]: a coroutine is no processor
    gauges.of("reverser")  # refused [arg-type]: the processor, not its name
    gauges.of(plumber.connect(lines))  # refused [arg-type]: a joint does nothing
    gauges.of(reverser).unprocessed  # refused [attr-defined]: numbers only
    gauges.since(report)  # refused [arg-type]: another snapshot
    gauges.since(1.0)  # refused [arg-type]: a snapshot, not seconds
    gauges.since(gauges).of(reverser)  # refused [arg-type]: by its name
    gauges.since(gauges).verdict.upper()  # refused [union-attr]: there may be none
    gauges.duration = 0.0  # refused [misc]: frozen
    gauges.of(reverser).busy = 0.0  # refused [misc]: as well
    gauges.edges[0].items = 0  # refused [misc]: as well


def trace(meter: metrics.Meter) -> None:
    instrument("plumber")  # refused [arg-type]: the plumber, not its name
    instrument(plumber, meter)  # refused [call-arg]: meter=meter
    instrument(plumber, spans="items")  # refused [arg-type]: "item" or "slice"
    instrument(plumber, spans=True)  # refused [arg-type]: which of them
    instrument(plumber, sample="1 %")  # refused [arg-type]: 0.01
    instrument(plumber, tracer=meter)  # refused [arg-type]: a tracer
