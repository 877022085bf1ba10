"""The programs of docs/web.md, written to files and used."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.support.gate import Gate
from tests.web.servers import PATIENCE, process_of, process_of_file
from typedpipes import QueueClosed

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/web.md").read_text()
PROGRAMS = {
    name: code for code, name in re.findall(r"```python\n(# (.*?)\n.*?)```", PAGE, re.DOTALL)
}
AT_ONCE = 100


def program(name: str, folder: Path) -> ModuleType:
    """Write a program of the page to a file, and import that."""
    file = folder / name
    file.write_text(PROGRAMS[name])
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def broken(name: str) -> str:
    """Return a program of the page whose log fails."""
    code: str = PROGRAMS[name]
    notes = '    print(f"asked for {len(text)} characters")\n'
    assert code.count(notes) == 1
    return code.replace(notes, '    raise OSError("the disk is gone")\n')


@pytest.fixture
def in_aiohttp(tmp_path: Path) -> Any:  # noqa: ANN401  # Any: no checker sees what is in it
    return program("in_aiohttp.py", tmp_path)


@pytest.fixture
def in_fastapi(tmp_path: Path) -> Any:  # noqa: ANN401  # Any: as above
    return program("in_fastapi.py", tmp_path)


@pytest.fixture(scope="module")
def fastapi_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the app as the page says."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "in_fastapi.py").write_text(PROGRAMS["in_fastapi.py"])
    options = ["--port", "0", "--app-dir", str(folder)]
    with process_of("uvicorn", "in_fastapi:app", *options) as server:
        yield server.url


@asynccontextmanager
async def served(
    app: web.Application,
) -> AsyncGenerator[tuple[aiohttp.ClientSession, web.AppRunner]]:
    """Serve an app on a free port, with a client that knows where."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(url) as client:
        yield client, runner
    await runner.cleanup()


async def reversed_by(client: aiohttp.ClientSession, text: str) -> tuple[int, str]:
    async with client.post("/reverse", data=text) as answer:
        return answer.status, await answer.text()


async def posted(client: aiohttp.ClientSession, text: str) -> tuple[int, object]:
    async with client.post("/reverse", json={"text": text}) as answer:
        return answer.status, await answer.json()


def test_every_program_of_the_page_is_tried() -> None:
    assert set(PROGRAMS) == {"in_aiohttp.py", "in_fastapi.py"}
    assert PAGE.count("```") == 4


async def test_aiohttp_gives_every_request_its_own_result(in_aiohttp: Any) -> None:  # noqa: ANN401
    async with served(in_aiohttp.app()) as (client, _):
        texts = [f"request {number}" for number in range(AT_ONCE)]
        answers = await asyncio.gather(*(reversed_by(client, text) for text in texts))

    assert answers == [(200, text[::-1]) for text in texts]


async def test_aiohttp_answers_what_fails_and_goes_on(in_aiohttp: Any) -> None:  # noqa: ANN401
    async with served(in_aiohttp.app()) as (client, _):
        failed = await reversed_by(client, "\x00")
        after = await reversed_by(client, "draw")

    assert failed == (400, "only printable text can be reversed")
    assert after == (200, "ward")


async def test_aiohttp_answers_what_is_open_before_it_stops(
    in_aiohttp: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate[Any]()
    reverse = in_aiohttp.reverse

    async def slowly(text: object) -> object:
        return await reverse(await gate(text))

    monkeypatch.setattr(in_aiohttp, "reverse", slowly)
    async with served(in_aiohttp.app()) as (client, runner):
        asked = asyncio.create_task(reversed_by(client, "draw"))
        await gate.next_arrival()
        stopping = asyncio.create_task(runner.cleanup())
        await asyncio.sleep(0)
        gate.open()
        answer = await asked
        await stopping

    assert answer == (200, "ward")


async def test_fastapi_gives_every_request_its_own_result(fastapi_url: str) -> None:
    texts = [f"request {number}" for number in range(AT_ONCE)]
    async with aiohttp.ClientSession(fastapi_url) as client:
        answers = await asyncio.gather(*(posted(client, text) for text in texts))

    assert answers == [(200, {"text": text[::-1]}) for text in texts]


async def test_fastapi_answers_what_fails_and_goes_on(fastapi_url: str) -> None:
    async with aiohttp.ClientSession(fastapi_url) as client:
        failed = await posted(client, "\x00")
        after = await posted(client, "draw")

    assert failed == (400, {"detail": "only printable text can be reversed"})
    assert after == (200, {"text": "ward"})


async def test_a_lifespan_ends_when_everything_inside_was_answered(
    in_fastapi: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate[str]()
    monkeypatch.setattr(in_fastapi, "reverse", gate)
    async with in_fastapi.lifespan(in_fastapi.app) as state:
        asked = asyncio.ensure_future(state["reverser"].ask("draw"))
        await gate.next_arrival()
        asyncio.get_running_loop().call_soon(gate.open)

    assert asked.done()
    assert await asked == "draw"


async def test_a_lifespan_ends_though_it_was_never_used(in_fastapi: Any) -> None:  # noqa: ANN401
    async with asyncio.timeout(PATIENCE), in_fastapi.lifespan(in_fastapi.app) as state:
        reverser = state["reverser"]

    with pytest.raises(QueueClosed):
        await reverser.ask("draw")


async def test_fastapi_streams_the_replies_to_a_request(fastapi_url: str) -> None:
    texts = [f"request {number}" for number in range(10)]

    async def spelled(client: aiohttp.ClientSession, text: str) -> str:
        async with client.get("/spell", params={"text": text}) as answer:
            return await answer.text()

    async with aiohttp.ClientSession(fastapi_url) as client:
        answers = await asyncio.gather(*(spelled(client, text) for text in texts))

    assert answers == ["".join(f"{letter} " for letter in text) for text in texts]


@pytest.mark.slow
async def test_fastapi_stops_with_its_pipeline_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "in_fastapi.py").write_text(broken("in_fastapi.py"))
    options = ["--port", "0", "--app-dir", str(tmp_path)]
    with process_of("uvicorn", "in_fastapi:app", *options) as server:
        async with aiohttp.ClientSession(server.url) as client:
            answer = await posted(client, "draw")
        await asyncio.to_thread(server.end)

    assert answer in ((200, {"text": "ward"}), (503, {"detail": "the server is stopping"}))
    assert "OSError: the disk is gone" in server.printed


async def test_aiohttp_stops_with_its_pipeline_and_says_why(tmp_path: Path) -> None:
    code = broken("in_aiohttp.py").replace(
        "web.run_app(app())", "web.run_app(app(), host='127.0.0.1', port=0)"
    )
    (tmp_path / "in_aiohttp.py").write_text(code)
    with process_of_file(tmp_path / "in_aiohttp.py") as server:
        async with aiohttp.ClientSession(server.url) as client:
            answer = await reversed_by(client, "draw")
        exit_code = await asyncio.to_thread(server.end)

    assert answer in ((200, "ward"), (503, "the server is stopping"))
    assert exit_code == 1
    assert "OSError: the disk is gone" in server.printed


@pytest.mark.parametrize("name", PROGRAMS)
def test_mypy_accepts_a_program_strictly(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(PROGRAMS[name])

    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    done = subprocess.run(
        [*mypy, "--cache-dir=.mypy_cache/web_docs", file],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.stdout == ""
