"""Queues used from their wrong end, or with the wrong item."""

from tests.typing.stages import Fire, feed, lines, measurer, plumber, reverser
from typedpipes import Doom, DoomsdayQueue, Edge, InputQueue, Joint, OutputQueue
from typedpipes.testing import drive, try_out

edge = Edge[str](maxsize=2)
counts = Edge[int](maxsize=2)

edge.output.put_nowait(1)  # refused [arg-type]: takes str
edge.input.put_nowait("a")  # refused [attr-defined]: an input queue is read
edge.output.get_nowait()  # refused [attr-defined]: an output queue is written
edge.put_nowait("a")  # refused [attr-defined]: an edge has two ends
number: int = edge.input.get_nowait()  # refused [assignment]: gives str
left: list[int] = edge.output.drain()  # refused [assignment]: gives str
reader: InputQueue[int] = edge.input  # refused [assignment]: gives str
writer: OutputQueue[object] = edge.output  # refused [assignment]: takes str only

plumber.doomsday.put_nowait("stop")  # refused [arg-type]: a doom has a reason
Doom("stop", mode="explode")  # refused [arg-type]: drain or abort
Doom("enough", "abort")  # refused [call-arg]: the mode is named
Doom()  # refused [call-arg]: a doom has a reason
Doom("stop").reason = "go on"  # refused [misc]: frozen
fires: DoomsdayQueue[Fire] = plumber.doomsday  # refused [assignment]: not every doom is a fire
words: DoomsdayQueue[str]  # refused [type-var]: str is no doom


async def use(inputs: InputQueue[str], outputs: OutputQueue[int]) -> None:
    await outputs.put(await inputs.get())  # refused [arg-type]: str is no int
    await inputs.put("a")  # refused [attr-defined]: an input queue is read
    await feed.put(1)  # refused [arg-type]: takes str
    async for item in inputs:
        await outputs.put(item)  # refused [arg-type]: str is no int
    async for item in plumber.connect(lines).read():
        await outputs.put(item)  # refused [arg-type]: str is no int
    _ = [item async for item in outputs]  # refused [attr-defined]: an output queue is written


async def by_hand() -> None:
    await drive(reverser, input=counts.input, output=edge.output)  # refused [misc]: takes str
    await drive(measurer, input=edge.input, output=edge.output)  # refused [misc]: gives int
    await drive(reverser, input=edge.output, output=edge.input)  # refused [arg-type]: swapped ends


def measured(words: Joint[str]) -> Joint[int]:
    return words.to(measurer)


async def alone() -> None:
    await try_out(reverser, [1])  # refused [arg-type]: takes str
    await try_out(measured, [1])  # refused [arg-type]: takes str
    await try_out(measured(plumber.connect(lines)), ["a"])  # refused [arg-type]: drawn already
    await try_out(reverser, ["a"], within="3")  # refused [arg-type]
    result: list[str] = await try_out(measured, ["a"])  # refused [arg-type]: gives int
