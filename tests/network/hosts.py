"""Two hosts with a cut between them: `python -m tests.network.hosts`, as root on Linux.

One has the server, the caller and a worker, the other one two workers. In the middle of the run
the cable between them is pulled for ten seconds. Nothing is lost, nothing comes twice.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from tests.network.hard import KEEP_WITHIN, ROOT, Outcome, Plan, draw
from typedpipes.nats import Broker, submit
from typedpipes.nats.serve import _program

HERE, THERE = f"tp-here-{os.getpid()}", f"tp-there-{os.getpid()}"
ADDRESS = "10.77.0.1"
URL = f"nats://{ADDRESS}:4222"


def can_be_made() -> bool:
    """Whether hosts can be made: that needs network namespaces, and the right to make them."""
    if shutil.which("ip") is None or ip("netns", "add", HERE, check=False):
        return False
    ip("netns", "del", HERE)
    return True


def ip(*arguments: str, check: bool = True) -> int:
    program = shutil.which("ip") or "ip"
    return subprocess.run([program, *arguments], check=check, capture_output=not check).returncode


@contextmanager
def hosts() -> Generator[None]:
    """Make two hosts, and a cable between them."""
    try:
        for host in (HERE, THERE):
            ip("netns", "add", host)
        ip("link", "add", "here", "netns", HERE, "type", "veth", "peer", "there", "netns", THERE)
        for host, link, address in ((HERE, "here", ADDRESS), (THERE, "there", "10.77.0.2")):
            ip("-n", host, "address", "add", f"{address}/24", "dev", link)
            ip("-n", host, "link", "set", link, "up")
            ip("-n", host, "link", "set", "lo", "up")
        yield
    finally:
        for host in (HERE, THERE):
            ip("netns", "del", host, check=False)


def start(host: str, *command: str) -> subprocess.Popen[bytes]:
    """Start a program on a host."""
    on_host = [shutil.which("ip") or "ip", "netns", "exec", host, *command]
    return subprocess.Popen(on_host, cwd=ROOT, stderr=subprocess.DEVNULL)


async def call(items: int, cut: float, there: str) -> Outcome:
    """Be the caller, and pull the cable when a third is done."""
    plan = Plan(items, workers=3, kills=0, restarts=0, poison=0)
    began = time.monotonic()
    report = await submit(draw(_numbers(items, cut, there)), Broker(URL, keep_within=KEEP_WITHIN))
    return Outcome(plan, report, time.monotonic() - began, 0)


def _numbers(items: int, cut: float, there: str) -> Callable[[], AsyncIterator[int]]:
    async def numbers() -> AsyncIterator[int]:
        for number in range(items):
            if number == items // 3:
                await asyncio.to_thread(ip, "-n", there, "link", "set", "there", "down")
                loop = asyncio.get_running_loop()
                loop.call_later(cut, ip, "-n", there, "link", "set", "there", "up")
            if number == items - 1:  # the run goes on for longer than the cut
                await asyncio.sleep(cut + 2)
            yield number

    return numbers


def run(items: int, cut: float) -> int:
    """Have it all, with a cut of so many seconds; return the exit code of the caller."""
    python = [sys.executable, "-m"]
    work = [*python, "tests.network.hard", "--poison", "0", "--items", str(items), "--work", URL]
    processes: list[subprocess.Popen[bytes]] = []
    with TemporaryDirectory() as store, hosts():
        try:
            server = ["-a", ADDRESS, "-p", "4222", "-js", "-sd", store]
            processes.append(start(HERE, _program(), *server))
            processes += [start(host, *work) for host in (HERE, THERE, THERE)]
            asked = ["--call", THERE, "--items", str(items), "--cut", str(cut)]
            caller = start(HERE, *python, "tests.network.hosts", *asked)
            processes.append(caller)
            code = caller.wait()
            ended = [process.wait(timeout=60) for process in processes[1:-1]]
            return code or max(ended)
        finally:
            _kill(processes)


def _kill(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.kill()
        process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.network.hosts")
    parser.add_argument("--items", type=int, default=3000)
    parser.add_argument("--cut", type=float, default=10.0, help="seconds")
    parser.add_argument("--call", metavar="HOST", help="be the caller, with workers on that host")
    asked = parser.parse_args()
    if not asked.call:
        return run(asked.items, asked.cut)
    outcome = asyncio.run(call(asked.items, asked.cut, asked.call))
    sys.stdout.write(f"{outcome}\n")
    return 1 if outcome.wrong() else 0


if __name__ == "__main__":
    sys.exit(main())
