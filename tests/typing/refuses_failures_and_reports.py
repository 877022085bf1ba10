"""Failures edges, collectors and reports read as what they are not."""

from collections.abc import Sequence

from tests.typing.stages import (
    doubler,
    lines,
    measurer,
    mourner,
    numbers,
    plumber,
    reverse,
    reverser,
    screen,
    texts,
)
from typedpipes import Collector, Counts, Failure, Grace, InputQueue, Joint, Report, Sink, run


async def mourn_number(failure: Failure[int]) -> None: ...
async def mourn_error(error: Exception) -> None: ...


plumber.failures(doubler).to(mourner)  # refused [arg-type]: the failed item is an int
plumber.failures(measurer).to(Sink(mourn_number))  # refused [arg-type]: what went in, not out
plumber.failures(reverser).to(texts)  # refused [arg-type]: a failure holds the item
plumber.failures(reverser).to(Sink(mourn_error))  # refused [arg-type]: a failure holds the error
plumber.failures(lines)  # refused [arg-type]: a source gets no items
plumber.failures(reverse)  # refused [arg-type]: of which processor?
plumber.failures(plumber.connect(lines))  # refused [arg-type]: of which processor?
failures = plumber.merge(plumber.failures(reverser), plumber.failures(doubler))
failures.to(mourner)  # refused [arg-type]: the failed item may be an int
failed: Joint[Failure[int]] = plumber.failures(reverser)  # refused [arg-type]: Failure[str]

plumber.outcomes(reverser).to(texts)  # refused [arg-type]: it may be a failure
plumber.outcomes(measurer).to(mourner)  # refused [arg-type]: it may be a result
plumber.outcomes(lines)  # refused [arg-type]: a source gets no items
plumber.outcomes(reverse)  # refused [arg-type]: of which processor?
outcome: Joint[int | Failure[int]] = plumber.outcomes(measurer)  # refused [arg-type]: Failure[str]

collected: Collector[int] = plumber.connect(lines).collect()  # refused [assignment]: of str
counts: Sequence[int] = plumber.connect(lines).collect().items  # refused [assignment]: of str
plumber.connect(lines).collect().items.append("a")  # refused [attr-defined]: to be read only
plumber.connect(lines).collect("lines")  # refused [call-arg]: name=
plumber.connect(lines).collect(name=1)  # refused [arg-type]
plumber.connect(lines).collect().to(texts)  # refused [attr-defined]: an end
queue: InputQueue[int] = plumber.connect(lines).read()  # refused [assignment]: of str
plumber.connect(lines).read(10)  # refused [call-arg]: ten what?
plumber.connect(lines).read(maxsize="10")  # refused [arg-type]
plumber.connect(numbers).read().put_nowait(1)  # refused [attr-defined]: to be read only

run(lines)  # refused [arg-type]: a plumber runs
run(plumber.run())  # refused [arg-type]: the plumber itself
plumber.pause(reverse)  # refused [arg-type]: a coroutine is no processor
plumber.pause(plumber.connect(lines))  # refused [arg-type]: a joint has nothing to do
plumber.resume(plumber.connect(lines).collect())  # refused [arg-type]: a collector takes all
plumber.resume("reverser")  # refused [arg-type]: the processor, not its name
plumber.pause("billing")  # refused [arg-type]: segment="billing"
plumber.pause(segment=reverser)  # refused [arg-type]: the name of a segment


async def read(report: Report) -> None:
    report.of(reverse)  # refused [call-overload]: a coroutine is no processor
    report.of("reverser")  # refused [call-overload]: the processor, not its name
    report.of(plumber.connect(lines))  # refused [call-overload]: a joint counts nothing
    report.of_segment(measurer)  # refused [arg-type]: a processor is no segment
    sum_of_all: Counts[str, int] = report.of_segment("a")  # refused [assignment]: of any type
    made: Sequence[int] = report.of(lines).undelivered  # refused [assignment]: it made str
    taken: Sequence[int] = report.of(measurer).unprocessed  # refused [assignment]: it took str
    collector = plumber.connect(lines).collect()
    kept: Sequence[int] = report.of(collector).unprocessed  # refused [assignment]: it kept str
    given: Sequence[str] = report.of(measurer).undelivered  # refused [assignment]: it gave int
    report.of(screen).undelivered[0].upper()  # refused [attr-defined]: a sink gives None
    report.of(reverser).recieved  # refused [attr-defined]: received
    report.duration = 0.0  # refused [misc]: frozen
    early: Report = plumber.run()  # refused [assignment]: await it
    await plumber.run(grace="10s")  # refused [arg-type]: seconds
    await plumber.run(grace=Grace(10.0))  # refused [call-arg]: grace of what
    await plumber.run(on_failure="go on")  # refused [arg-type]: abort or drain
    await plumber.run(10.0)  # refused [call-arg]: grace=10.0
    print(made, taken, kept, given, early)
