"""Plain functions that a child process can import."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from pickle import PickleBuffer
from typing import TextIO


def double(number: int) -> int:
    return 2 * number


def fail(number: int) -> int:
    raise ValueError(f"{number} is unlucky")


class Costly(Exception):
    """One that cannot be unpickled: it is made of two things and keeps one text."""

    def __init__(self, what: str, price: int) -> None:
        super().__init__(f"{what} costs {price}")


def fail_costly(number: int) -> int:
    raise Costly("it", number)


def take_from_nothing(number: int) -> int:
    """Raise `StopIteration`, as a bare `next` does."""
    return next(iter([number][:0]))


class Broken:
    """What can be pickled, and not unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return fail, (13,)


def give_broken(number: int) -> object:
    return Broken()


def process_id(item: object) -> int:
    return os.getpid()


def exit_at_3(number: int) -> int:
    if number == 3:
        sys.exit("unknown option")
    return number


def interrupt_at_3(number: int) -> int:
    if number == 3:
        raise KeyboardInterrupt
    return number


def die_at_3(number: int) -> int:
    """As if the system had killed the process."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_for_ever(told: Path) -> None:
    """Write the process id into a pipe, and wait."""
    told.write_text(str(os.getpid()))
    signal.pause()


def give_a_lambda(number: int) -> object:
    """Return what cannot be pickled."""
    return lambda: number


def fail_at_length(number: int) -> int:
    raise Costly("it" * 1_000_000, number)


def read_from(pipe: Path | int) -> int:
    """Wait until somebody writes into a named pipe; a number comes back at once."""
    if isinstance(pipe, int):
        return pipe
    return int(pipe.read_text())


def hang_at_37(number: int) -> int:
    if number == 37:
        signal.pause()
    return number


def abort_at_37(number: int) -> int:
    if number == 37:
        os.abort()
    return number


def exit_code_3(number: int) -> int:
    os._exit(3)


class Unwelcome:
    """What can be pickled, and cannot be unpickled in a child process."""

    def __reduce__(self) -> tuple[object, ...]:
        return unless_in_a_child, ()


def unless_in_a_child() -> int:
    if multiprocessing.parent_process() is not None:
        raise ImportError("not here")
    return 1


class Deadly:
    """What kills the child process that unpickles it."""

    def __reduce__(self) -> tuple[object, ...]:
        return abort_in_a_child, ()


def abort_in_a_child() -> int:
    if multiprocessing.parent_process() is not None:
        os.abort()
    return 1


def give_broken_at_37(number: int) -> object:
    return Broken() if number == 37 else number


def give_a_lambda_at_37(number: int) -> object:
    return (lambda: number) if number == 37 else number


class Book:
    """A resource that writes down who opened it and who closed it, a line each."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def opened(self) -> Generator[int]:
        self._note("open")
        yield os.getpid()
        self._note("close")

    def _note(self, what: str) -> None:
        with self._path.open("a") as book:
            book.write(f"{what} {os.getpid()}\n")


def with_owner(number: int, owner: int) -> tuple[int, int, int]:
    return owner, os.getpid(), number


def resource_that_waits(pipe: Path) -> AbstractContextManager[str]:
    """Open only when somebody has written into the named pipe."""
    return nullcontext(pipe.read_text())


def resource_that_fails() -> AbstractContextManager[int]:
    raise ConnectionError("no model here")


def take_the_first(first: int, second: object) -> int:
    return first


def nap(number: int) -> int:
    time.sleep(0.3)
    return number


class Calls:
    """A resource that writes down each call before it is made: the item, a line each."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def opened(self) -> Generator[TextIO]:
        with self._path.open("a", buffering=1) as calls:  # each line is written at once
            yield calls


def die_at_sevens(number: int, calls: TextIO) -> int:
    calls.write(f"{number}\n")
    if number % 100 == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_the_first_time(pipe: Path, calls: TextIO) -> int:
    """Tell the process id through the pipe and wait, if no one was called before."""
    calls.write("called\n")
    if Path(calls.name).read_text() == "called\n":
        pipe.write_text(str(os.getpid()))
        signal.pause()
    return 7


def wait_each_time(number: int, calls: TextIO) -> int:
    calls.write(f"{number}\n")
    signal.pause()
    return number


class Block:
    """Memory in one piece, as an array has it: where pickle allows for it, it is not copied."""

    def __init__(self, content: bytearray) -> None:
        self.content = content

    def __reduce_ex__(self, _: object) -> tuple[type[Block], tuple[PickleBuffer]]:
        return Block, (PickleBuffer(self.content),)


def touch(block: Block) -> Block:
    block.content[0] = 1
    return block
