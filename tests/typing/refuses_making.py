"""Sources, processors, sinks and edges made of what does not fit."""

from tests.typing.stages import (
    feed,
    fill,
    length,
    lines,
    look_up,
    measurer,
    numbers,
    plain_length,
    plumber,
    read_lines,
    reverse,
    reverser,
    rig,
    save_texts,
    scale,
    split,
    store_text,
    totals,
)
from typedpipes import (
    Edge,
    Feed,
    Fold,
    InputRig,
    Processor,
    Sink,
    Source,
    in_process,
    in_thread,
)


async def nothing() -> None: ...
def plain_repeat(text: str, times: int) -> str:
    return text * times


def give_number() -> int:
    return 1


def give_numbers() -> list[int]:
    return [1]


async def many(text: str) -> list[str]:
    return text.split()


Processor(plain_length)  # refused [arg-type]: a plain function: wrap it in in_thread
Processor(nothing)  # refused [arg-type]: takes no item
Processor(scale)  # refused [arg-type]: takes more than an item: bind the rest
Processor(reverse("a"))  # refused [arg-type]: called already
Processor(reverser)  # refused [arg-type]: a processor already
Processor(reverse, "reverser")  # refused [call-arg]: settings have names
Processor(reverse, workers="4")  # refused [arg-type]
Processor(reverse, workers=2.5)  # refused [arg-type]
Processor(reverse, ordered="yes")  # refused [arg-type]
Processor(reverse, timeout="5s")  # refused [arg-type]: seconds
Processor(reverse, buffer="4")  # refused [arg-type]
Processor(reverse, worker=4)  # refused [call-arg]
Sink(length)  # refused [arg-type]: gives int
Sink(split)  # refused [arg-type]: gives words
Source(5)  # refused [arg-type]
Source(reverse)  # refused [arg-type]: takes an item
Source(many)  # refused [arg-type]: takes an item
Source(nothing)  # refused [arg-type]: gives no items
Source(read_lines, total="3")  # refused [arg-type]
Source.in_thread(["a"])  # refused [arg-type]: no function
Source.in_thread(plain_length)  # refused [arg-type]: takes an item
Source.in_thread(read_lines)  # refused [arg-type]: it does not block
Source.in_thread(give_number)  # refused [arg-type]: gives a number
plumber.connect(Source.in_thread(give_numbers)).to(Sink(store_text))  # refused [arg-type]
InputRig(reverse)  # refused [arg-type]: takes no queue
InputRig(save_texts)  # refused [arg-type]: reads instead of writes
InputRig(read_lines)  # refused [arg-type]: a generator is for Source
Feed[str](maxsize="9")  # refused [arg-type]
Feed[str](9)  # refused [call-arg]
Feed[str](ends_when_idle="yes")  # refused [arg-type]
Edge[str](maxsize="2")  # refused [arg-type]


class Longest(Fold[str, str]):
    def take(self, item: str, /) -> list[str]:
        return [item]


class Awaits:
    async def take(self, item: str, /) -> list[str]:
        return [item]

    def tick(self) -> list[str]:
        return []

    def end(self) -> list[str]:
        return []


class Endless:
    def take(self, item: str, /) -> list[str]:
        return [item]


def longest(text: str) -> Longest:
    return Longest()


Processor.folding(Longest())  # refused [arg-type]: one state for all runs
Processor.folding(longest)  # refused [arg-type]: takes an argument
Processor.folding(Awaits)  # refused [arg-type]: a fold is plain
Processor.folding(Endless)  # refused [arg-type]: has no end
Processor.folding(reverse)  # refused [arg-type]: makes no state
Processor.folding(Longest, workers=4)  # refused [call-arg]: one item at a time
Processor.folding(Longest, every="60")  # refused [arg-type]: seconds
Processor.folding(Longest, 60)  # refused [call-arg]: every=60
plumber.connect(numbers).to(Processor.folding(Longest))  # refused [arg-type]: takes str
plumber.connect(lines).to(Processor.folding(Longest)).to(totals)  # refused [arg-type]: gives str

reverser.coro = reverse  # refused [misc]: replace changes it
reverser.workers = 4  # refused [misc]: read-only
reverser.name = "reverser"  # refused [misc]: read-only
reverser.cleanups = measurer.cleanups  # refused [misc]: cleanup sets them
measurer.timeout += 1  # refused [misc]: read-only
lines.items = ["a"]  # refused [misc]: read-only
lines.name = "lines"  # refused [misc]: read-only
rig.coro = fill  # refused [misc]: read-only
feed.maxsize = 9  # refused [misc]: read-only
plumber.name = "plumber"  # refused [misc]: read-only
plumber.connect(lines).collect().items = ["a"]  # refused [misc]: read-only
plumber.connect(lines).collect().name = "lines"  # refused [misc]: read-only
reverser.wrokers = 4  # refused [attr-defined]: workers

loud: Processor[str, str] = Processor(length)  # refused [arg-type]: gives int
wide: Processor[str, object] = measurer  # refused [assignment]: its output queue takes int only
everything: Sink[object] = Sink(store_text)  # refused [arg-type]: takes str only

plumber.connect(lines).to(Processor(in_thread(plain_length))).to(reverser)  # refused [arg-type]
plumber.connect(lines).to(Processor(in_process(plain_length))).to(reverser)  # refused [arg-type]
plumber.connect(numbers).to(Processor(in_thread(plain_length)))  # refused [arg-type]: it takes str
plumber.connect(lines).to(Processor(in_thread(reverse))).to(measurer)  # refused [arg-type]: no str
in_process(plain_repeat)  # refused [arg-type]: takes more than an item
in_process(look_up, resource=plain_length)  # refused [arg-type]: that makes no resource
in_process(plain_length, second_try="no")  # refused [call-overload]: no bool
in_thread(plain_repeat)  # refused [arg-type]: takes more than an item
in_thread(look_up, resource=plain_length)  # refused [arg-type]: that makes no resource
