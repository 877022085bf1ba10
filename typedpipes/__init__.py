"""Typed processing pipelines on asyncio: wiring that type checkers verify, runs that lose nothing.

Write coroutines, wrap them as processors, have a plumber connect and run them:

>>> import asyncio
>>> from typedpipes import Plumber, Processor, Source
>>> async def reverse(text: str) -> str:
...     return text[::-1]
>>> plumber = Plumber("words")
>>> words = plumber.connect(Source(["one", "two"])).to(Processor(reverse)).collect()
>>> report = asyncio.run(plumber.run())
>>> words.items
('eno', 'owt')
"""

from __future__ import annotations

from typedpipes.interrupt import raise_on_interrupt  # first: handles Ctrl-C meanwhile

# isort: split

from typedpipes.blueprint import Blueprint
from typedpipes.coroutines import bind
from typedpipes.errors import (
    NO_ITEM,
    ChildDied,
    CleanupFailed,
    CoroutineCancelled,
    DefinitionError,
    DefinitionErrors,
    NoReply,
    ProcessorFailed,
    ProcessorHangs,
    QueueClosed,
    QueueEmpty,
    QueueFull,
    ReadOnlyError,
    ResourceFailed,
    ReturnedLate,
    RunStateError,
    SettingError,
    TypedpipesError,
    Wedged,
    WiringError,
    WiringErrors,
    WiringWarning,
)
from typedpipes.exchange import Exchange
from typedpipes.fittings import Collector
from typedpipes.fold import Fold
from typedpipes.gauges import EdgeGauges, Gauges, ProcessorGauges, ProcessorRates, Rates
from typedpipes.grace import Grace
from typedpipes.offload import in_process, in_thread
from typedpipes.outlet import Outlet, Stage
from typedpipes.plumber import Joint, Plumber, run
from typedpipes.processor import Failure, Processor, Sink
from typedpipes.queues import (
    Cleanup,
    Doom,
    DoomsdayQueue,
    Edge,
    InputQueue,
    OutputQueue,
    abort,
    doomsday,
    drain,
)
from typedpipes.report import Counts, PipelineFailed, Report
from typedpipes.resource import Resource
from typedpipes.source import Feed, InputRig, Source
from typedpipes.switch import On, switch
from typedpipes.ways import Fifth, First, Fourth, Second, Third

__all__ = [
    "NO_ITEM",
    "Blueprint",
    "ChildDied",
    "Cleanup",
    "CleanupFailed",
    "Collector",
    "CoroutineCancelled",
    "Counts",
    "DefinitionError",
    "DefinitionErrors",
    "Doom",
    "DoomsdayQueue",
    "Edge",
    "EdgeGauges",
    "Exchange",
    "Failure",
    "Feed",
    "Fifth",
    "First",
    "Fold",
    "Fourth",
    "Gauges",
    "Grace",
    "InputQueue",
    "InputRig",
    "Joint",
    "NoReply",
    "On",
    "Outlet",
    "OutputQueue",
    "PipelineFailed",
    "Plumber",
    "Processor",
    "ProcessorFailed",
    "ProcessorGauges",
    "ProcessorHangs",
    "ProcessorRates",
    "QueueClosed",
    "QueueEmpty",
    "QueueFull",
    "Rates",
    "ReadOnlyError",
    "Report",
    "Resource",
    "ResourceFailed",
    "ReturnedLate",
    "RunStateError",
    "Second",
    "SettingError",
    "Sink",
    "Source",
    "Stage",
    "Third",
    "TypedpipesError",
    "Wedged",
    "WiringError",
    "WiringErrors",
    "WiringWarning",
    "abort",
    "bind",
    "doomsday",
    "drain",
    "in_process",
    "in_thread",
    "run",
    "switch",
]

# A traceback names an error as it is imported. Only errors: for other classes, `inspect` looks
# for source, doctest for examples and `typing.get_type_hints` for names in `__module__`.
for _name in __all__:
    _public: object = globals()[_name]
    if isinstance(_public, type) and issubclass(_public, TypedpipesError):
        _public.__module__ = __name__

raise_on_interrupt()
