"""Arguments that `bind` fixes, and fixes wrongly."""

from tests.typing.stages import (
    clip,
    doubler,
    length,
    lines,
    numbers,
    plumber,
    reverse,
    reverser,
    scale,
    texts,
)
from typedpipes import Processor, bind


async def nothing() -> None: ...
async def fetch(url: str, /, session: bytes, *, retries: int = 3) -> bytes:
    return session * retries


bind(scale)  # refused [call-arg]: factor is missing
bind(scale, "2.0")  # refused [arg-type]: factor is a float
bind(scale, factor="2.0")  # refused [arg-type]: factor is a float
bind(scale, 2.0, 3.0)  # refused [call-arg]: one too many
bind(scale, factor=2.0, offset=1)  # refused [call-arg]: no such argument
bind(scale, 2.0, factor=2.0)  # refused [misc]: given twice
bind(scale, number=1, factor=2.0)  # refused [call-arg]: the first argument is the item
bind(clip)  # refused [call-arg]: width is missing
bind(clip, 80)  # refused [call-arg]: width is keyword-only
bind(clip, width=80, mark=0)  # refused [arg-type]: mark is a str
bind(fetch)  # refused [call-arg]: session is missing
bind(fetch, b"", 5)  # refused [call-arg]: retries is keyword-only
bind(nothing)  # refused [arg-type]: takes no item
bind(reverse, "a")  # refused [call-arg]: takes nothing but the item
bind(5, 2.0)  # refused [arg-type]: binds arguments of a coroutine

plumber.connect(lines).to(Processor(bind(scale, 2.0)))  # refused [arg-type]: scales int
plumber.connect(numbers).to(Processor(bind(scale, 2.0))).to(doubler)  # refused [arg-type]: float
plumber.connect(numbers).to(Processor(bind(clip, width=80)))  # refused [arg-type]: clips str
plumber.connect(lines).to(Processor(bind(clip, width=80))).to(doubler)  # refused [arg-type]: str
plumber.connect(lines).to(Processor(bind(fetch, b""))).to(texts)  # refused [arg-type]: bytes


reverser.replace(length)  # refused [arg-type]: gives int
doubler.replace(reverse)  # refused [arg-type]: takes str
doubler.replace(scale)  # refused [arg-type]: takes more than an item
doubler.replace(bind(scale, 2.0))  # refused [arg-type]: gives float
reverser.replace(reverser)  # refused [arg-type]: the coroutine, not a processor
reverser.replace(str.upper)  # refused [arg-type]: a plain function
texts.replace(reverse)  # refused [arg-type]: a sink gives nothing
