# streaming.py, in plain asyncio
import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse


async def write(parts: int) -> AsyncGenerator[str]:
    """Stand in for a language model."""
    try:
        for number in range(parts):
            await asyncio.sleep(0.001)
            yield f"part {number}, darn. "
    finally:
        print(f"a text of {parts} parts is over", flush=True)


async def check(part: str) -> str:
    """Stand in for a service that finds what is not to be shown."""
    await asyncio.sleep(0.001)
    return part.replace(", darn", "")


class Writer:
    """Writes two texts at a time, and knows how many are asked for."""

    def __init__(self, maxsize: int) -> None:
        self.maxsize = maxsize
        self.asked = 0
        self.turns = asyncio.Semaphore(2)

    def full(self) -> bool:
        return self.asked == self.maxsize

    async def stream(self, parts: int) -> AsyncIterator[str]:
        self.asked += 1
        try:
            async with self.turns, aclosing(write(parts)) as written:
                async for part in written:
                    yield await check(part)
        finally:
            self.asked -= 1


writer = Writer(maxsize=20)
app = FastAPI()


@app.get("/text")
async def text(parts: int) -> StreamingResponse:
    if writer.full():
        raise HTTPException(429, "too many texts")
    return StreamingResponse(writer.stream(parts), media_type="text/plain")
