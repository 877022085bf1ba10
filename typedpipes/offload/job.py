"""What a child process is for: one function, and what it needs there."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import update_wrapper
from types import FunctionType
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from typedpipes.coroutines import name_of

Function: TypeAlias = Callable[..., Any]
"""What children call. Any: `in_process` says what it takes and returns."""

Resource: TypeAlias = Callable[[], AbstractContextManager[Any]]
"""Makes what is open as long as a child lives. Any: as above."""


class Job:
    """What the children of one `in_process` do.

    Args:
        function: what is called with an item, and with the resource if there is one.
        resource: returns what each child enters once.
        calls_per_child: after so many calls another child takes over.
        second_try: whether the function is called once more with an item at which a child died.

    Attributes:
        name: of the function, for messages.
        sealed: the job as it is sent to a child.

    Raises:
        Exception: whatever the function or the resource raises when it is pickled.
    """

    def __init__(
        self,
        function: Function,
        resource: Resource | None = None,
        calls_per_child: int | None = None,
        *,
        second_try: bool = True,
    ) -> None:
        self.name: str = name_of(function)
        self.calls_per_child: int | None = calls_per_child
        self.second_try: bool = second_try
        self.sealed: bytes = pickle.dumps((function, resource))


@contextmanager
def opened(sealed: bytes) -> Generator[Function]:
    """In a child: hold the resource open, and give what to call with an item alone."""
    function, resource = pickle.loads(sealed)  # noqa: S301  # our parent has made it
    if resource is None:
        yield function
        return
    with resource() as held:

        def call(item: object) -> object:
            return function(item, held)

        update_wrapper(call, function)
        yield call


_JOBS: WeakKeyDictionary[Function, Job] = WeakKeyDictionary()
"""By the coroutine function that `in_process` made. A decorator around that one is not in here:
it may call it several times, or not at all."""


def enter_job(coro: Function, job: Job) -> None:
    """Remember that the coroutine function does nothing but this job."""
    _JOBS[coro] = job


def job_of(coro: Function) -> Job | None:
    """Return the job of a coroutine function that `in_process` made; `None` for any other."""
    return _JOBS.get(coro) if isinstance(coro, FunctionType) else None
