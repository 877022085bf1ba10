# dictionary.py, in plain asyncio
import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack

import aiohttp

Line = aiohttp.ClientWebSocketResponse


async def translate(word: str, line: Line) -> str:
    await line.send_str(word)
    return await line.receive_str()


class Dictionary:
    """Connections to a dictionary, each for one call at a time."""

    def __init__(self) -> None:
        self.free = asyncio.Queue[Line]()

    async def dial(self, url: str, session: aiohttp.ClientSession, stack: AsyncExitStack) -> None:
        for _ in range(4):
            line = await stack.enter_async_context(session.ws_connect(url))
            self.free.put_nowait(line)

    async def translate(self, word: str) -> str:
        line = await self.free.get()
        try:
            return await translate(word, line)
        finally:
            self.free.put_nowait(line)


async def look_up(words: Iterable[str], url: str) -> list[tuple[str, str, str]]:
    """Return each word with its translations."""
    german, french = Dictionary(), Dictionary()

    async def entry(word: str) -> tuple[str, str, str]:
        return word, *await asyncio.gather(german.translate(word), french.translate(word))

    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        await german.dial(f"{url}/german", session, stack)
        await french.dial(f"{url}/french", session, stack)
        return await asyncio.gather(*map(entry, words))
