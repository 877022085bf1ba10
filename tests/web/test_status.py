"""What any client may see of the server."""

from __future__ import annotations

from demos.web.protocol import Run, Started
from tests.web.servers import serving
from tests.web.visitors import endless, hear_until, run, websocket


async def test_the_status_shows_nothing_that_a_client_wrote() -> None:
    secret: dict[str, object] = {
        "name": "secret plumber",
        "nodes": {
            "secret source": {"coro": "strings", "args": {"strings": ["secret item"]}},
            "secret node": {"coro": "avoid", "args": {"word": "secret"}},
            "secret sink": {"coro": "emit"},
        },
        "graph": {"secret source": ["secret node"], "secret node": ["secret sink"]},
    }
    with serving() as server:
        async with websocket(server.url) as runs, websocket(server.url) as fails:
            await runs.ask(Run({**endless(every=0.01), "name": "secret"}))
            await hear_until(runs, Started)
            _, ended = await run(fails, secret)
            _, status = server.get("/status")

    assert "secret item" in ended.what
    assert b"secret" not in status
    assert b'"failed": 1' in status
    assert "secret item" not in server.printed
