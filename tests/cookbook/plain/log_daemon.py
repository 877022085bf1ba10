# log_daemon.py, in plain asyncio
import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path


async def follow(log: Path) -> AsyncIterator[str]:
    with log.open() as file:
        line = ""
        while True:
            line += file.readline()
            if line.endswith("\n"):
                yield line.strip()
                line = ""
            else:  # the rest of the line is still to be written
                await asyncio.sleep(0.1)


class Levels:
    def __init__(self) -> None:
        self.seen = Counter[str]()

    def show(self) -> None:
        seen, self.seen = self.seen, Counter[str]()
        if seen:
            show(seen)

    async def show_each(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.show()


def show(what: object) -> None:
    print(what, flush=True)


async def read(log: Path, levels: Levels) -> None:
    async for line in follow(log):
        levels.seen[line.partition(" ")[0]] += 1
        if line.startswith("ERROR"):
            show(line)


async def main(log: Path, seconds: float) -> None:
    levels = Levels()
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as group:
            group.create_task(levels.show_each(seconds))
            await read(log, levels)
    levels.show()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
