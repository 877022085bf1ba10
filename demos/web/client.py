"""The client: sends a definition with your strings in it, and prints results as they come.

python -m demos.web.client [STRING ...]
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import socketio

from demos.web.conversation import Conversation, HungUp, conversation
from demos.web.protocol import (
    Cancel,
    Ended,
    Goodbye,
    Refused,
    Result,
    Run,
    RunReport,
    Started,
    Wrong,
)
from demos.web.wire import Malformed

STRINGS = ("every", "joint", "knows", "its", "type")
FAILED = 1  # as the exit code: nothing ran, or it failed


def definition(strings: Sequence[str]) -> dict[str, object]:
    """Define a fork and a merge, with strings of our own as the arguments of the source."""
    return {
        "name": "strings from a client",
        "nodes": {
            "inp": {"coro": "strings", "args": {"strings": strings, "every": 0.1}},
            "coro1": {"coro": "shout"},
            "coro2": {"coro": "reverse"},
            "coro3": {"coro": "length"},
            "out": {"coro": "emit", "aggregate_inputs": False},
        },
        "graph": {
            "inp": ["coro1"],
            "coro1": ["coro2", "coro3"],
            "coro2": ["out"],
            "coro3": ["out"],
        },
    }


async def run(url: str, defined: str | dict[str, object]) -> int:
    """Have the server run a definition, and print what it says to that."""
    async with conversation(url) as talk:
        interrupts = asyncio.create_task(cancel_when_interrupted(talk))
        try:
            await talk.ask(Run(defined))
            return await listen(talk)
        finally:
            interrupts.cancel()
            await asyncio.wait([interrupts])


async def cancel_when_interrupted(talk: Conversation) -> None:
    """Pass Ctrl-C on to the server: the first drains the run, the second aborts it."""
    interrupted = asyncio.Semaphore(0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.release)
    while True:
        await interrupted.acquire()
        print("cancelling ... (once more to abort)")
        await talk.ask(Cancel())


async def listen(talk: Conversation) -> int:
    """Print messages until the run has ended."""
    while True:
        match await talk.hear():
            case Started(number):
                print(f"run {number} has started")
            case Result(_, value):
                print(f"  {value}")
            case Ended(number, by, what, report):
                print(f"run {number} has ended: {what}\n{table(report)}")
                return FAILED if by == "failure" else 0
            case Wrong(mistakes):
                print("the definition is wrong:", file=sys.stderr)
                for mistake in mistakes:
                    line = f"line {mistake.line}: " if mistake.line else ""
                    print(f"  - {line}{mistake.where}: {mistake.what}", file=sys.stderr)
                return FAILED
            case Refused(what) | Goodbye(what):
                print(f"the server says: {what}", file=sys.stderr)
                return FAILED
            case _:
                pass  # what a page shows, and lines do not


def table(report: RunReport) -> str:
    """Write the counts of a report, a line per node."""
    width = max(len(node.name) for node in report.processors)
    return "\n".join(
        f"  {node.name:{width}}  {node.received:5} in  {node.completed:5} done"
        f"  {node.failed + node.dropped + node.interrupted:5} not done  {node.emitted:5} out"
        for node in report.processors
    )


def main() -> int:
    """Run a definition on the server of this demo, and print its results as they come."""
    parser = argparse.ArgumentParser(prog="python -m demos.web.client", description=main.__doc__)
    parser.add_argument("strings", nargs="*", default=STRINGS, help="what goes through the graph")
    parser.add_argument(
        "--url", default="http://127.0.0.1:8080", help="of the server (%(default)s)"
    )
    parser.add_argument("--definition", type=Path, help="a TOML or JSON file to run instead")
    chosen = parser.parse_args()
    file: Path | None = chosen.definition
    try:
        defined = definition(chosen.strings) if file is None else file.read_text()
        return asyncio.run(run(chosen.url, defined))
    except OSError as error:
        print(f"cannot read the definition: {error}", file=sys.stderr)
    except socketio.exceptions.ConnectionError as error:
        print(
            f"no server at {chosen.url}: {error}. Start one: python -m demos.web.server",
            file=sys.stderr,
        )
    except (HungUp, Malformed) as error:
        print(error, file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
