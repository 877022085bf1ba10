"""You will see random strings, each beside its reverse: one fork, one zip, no pair mixed up.

python -m demos.strings
"""

from __future__ import annotations

import random
import string

from typedpipes import InputRig, OutputQueue, Plumber, Processor, Sink, run


async def random_strings(queue: OutputQueue[str]) -> None:
    for _ in range(10):
        await queue.put("".join(random.choices(string.ascii_lowercase, k=12)))


async def reverse(text: str) -> str:
    return text[::-1]


async def show(pair: tuple[str, str]) -> None:
    original, mirrored = pair
    print(f"{original}  {mirrored}")


def draw() -> Plumber:
    """Connect the rig to `reverse`, and zip each string with what became of it."""
    plumber = Plumber("strings")
    originals = plumber.connect(InputRig(random_strings))
    mirrored = originals.to(Processor(reverse, workers=4))
    plumber.zip(originals, mirrored).to(Sink(show))
    return plumber


if __name__ == "__main__":
    print(run(draw()))
