"""A client that goes away in the middle of its stream, at a server that answers others too."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from tests.web.servers import PATIENCE
from typedpipes import Joint, Plumber, Processor


class Model:
    """Answers with two words, and more when it is told to."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.closed: asyncio.Queue[str] = asyncio.Queue()
        self.ended: list[str] = []

    async def answer(self, question: str) -> AsyncIterator[str]:
        try:
            yield f"about {question}: "
            yield "well, "
            await self.go_on.wait()
            yield "yes"
            self.ended.append(question)
        finally:
            self.closed.put_nowait(question)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncGenerator[str]:
    """Serve an app on a free port of this process; yields its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve([listener]))  # `serve` would take the signals
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
    listener.close()


@pytest.mark.parametrize("workers", [2, 8])
async def test_its_generator_is_closed_and_nobody_else_notices(workers: int) -> None:
    model, plumber = Model(), Plumber("answers")

    def drawn(questions: Joint[str]) -> Joint[str]:
        return questions.to(Processor(model.answer, workers=workers, name="model"))

    answers = plumber.exchange(drawn)

    async def ask(question: str) -> StreamingResponse:
        return StreamingResponse(answers.stream(question), media_type="text/plain")

    app = FastAPI()
    app.add_api_route("/", ask)
    async with (
        asyncio.timeout(PATIENCE),
        plumber.running(),
        served(app) as url,
        aiohttp.ClientSession(url) as client,
        client.get("/", params={"question": "life"}) as stays,
    ):
        first = await stays.content.readany()
        async with client.get("/", params={"question": "death"}) as goes:
            await goes.content.readany()
            goes.close()
        closed = await model.closed.get()
        model.go_on.set()
        rest = await stays.text()
        counts = {each.name: each for each in plumber.report().counts}

    assert closed == "death"
    assert (first.decode() + rest).endswith("well, yes")
    assert model.ended == ["life"]
    assert (counts["model"].completed, counts["model"].dropped) == (1, 1)
