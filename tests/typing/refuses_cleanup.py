"""Cleanup coroutines for a queue kind, or an item, that is not there."""

from tests.typing.stages import (
    Fire,
    feed,
    judge,
    last_words,
    lines,
    measurer,
    reverser,
    rig,
    save_numbers,
    save_texts,
    send_numbers,
    send_texts,
    texts,
)
from typedpipes import DoomsdayQueue, InputQueue, OutputQueue


def save_now(queue: InputQueue[str]) -> None: ...
async def save_nothing() -> None: ...
async def save_two(queue: InputQueue[str], path: str) -> None: ...
async def send_anything(queue: OutputQueue[object]) -> None: ...
async def call_brigade(queue: DoomsdayQueue[Fire]) -> None: ...


reverser.cleanup(input=send_texts)  # refused [arg-type]: an output queue is no input queue
reverser.cleanup(output=save_texts)  # refused [arg-type]: an input queue is no output queue
reverser.cleanup(doomsday=save_texts)  # refused [arg-type]: an input queue holds no dooms
reverser.cleanup(input=last_words)  # refused [arg-type]: a doomsday queue holds no items
reverser.cleanup(output=last_words)  # refused [arg-type]: a doomsday queue holds no items
reverser.cleanup(doomsday=send_texts)  # refused [arg-type]: an output queue holds no dooms

measurer.cleanup(input=save_numbers)  # refused [arg-type]: it takes str
measurer.cleanup(output=send_texts)  # refused [arg-type]: it gives int
measurer.cleanup(input=save_texts, output=send_texts)  # refused [arg-type]: it gives int
judge.cleanup(output=send_numbers)  # refused [arg-type]: an int put there is no bool
reverser.cleanup(output=send_anything)  # refused [arg-type]: what is put there must be str
reverser.cleanup(doomsday=call_brigade)  # refused [arg-type]: not every doom is a fire

reverser.cleanup(input=save_now)  # refused [arg-type]: a plain function
reverser.cleanup(input=save_nothing)  # refused [arg-type]: takes no queue
reverser.cleanup(input=save_two)  # refused [arg-type]: takes more than a queue
reverser.cleanup(save_texts)  # refused [call-arg]: which queue kind?
reverser.cleanup(inputs=save_texts)  # refused [call-arg]: the kind is called input

lines.cleanup(input=save_texts)  # refused [call-arg]: a source has no input queue
rig.cleanup(input=save_texts)  # refused [call-arg]: a rig has no input queue
feed.cleanup(input=save_texts)  # refused [call-arg]: a feed has no input queue
lines.cleanup(output=send_numbers)  # refused [arg-type]: it gives str
rig.cleanup(output=save_texts)  # refused [arg-type]: an input queue is no output queue
feed.cleanup(output=send_numbers)  # refused [arg-type]: it gives str
texts.cleanup(input=save_numbers)  # refused [arg-type]: it takes str
texts.cleanup(output=send_texts)  # refused [arg-type]: a sink gives nothing
