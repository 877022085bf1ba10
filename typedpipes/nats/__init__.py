"""Runs over several processes and machines, on a NATS server with JetStream.

>>> from typedpipes.nats import Broker, submit, work

One process submits a run, and any number of others work for it.
"""

from typedpipes.errors import TypedpipesError
from typedpipes.nats.broker import Broker
from typedpipes.nats.errors import BrokerAway, BrokerUnfit
from typedpipes.nats.remote import RemoteRun, RunSummary, runs
from typedpipes.nats.running import submit, submitting, work
from typedpipes.nats.serve import serve
from typedpipes.network.calling import item_id
from typedpipes.network.errors import (
    NotCarried,
    NotDecoded,
    NotResumed,
    OtherDrawing,
    RecordsLost,
    RecordTooLarge,
    RemoteError,
    RunExists,
    TakenOver,
    WorkerDied,
)
from typedpipes.network.form import Codec

__all__ = [
    "Broker",
    "BrokerAway",
    "BrokerUnfit",
    "Codec",
    "NotCarried",
    "NotDecoded",
    "NotResumed",
    "OtherDrawing",
    "RecordTooLarge",
    "RecordsLost",
    "RemoteError",
    "RemoteRun",
    "RunExists",
    "RunSummary",
    "TakenOver",
    "WorkerDied",
    "item_id",
    "runs",
    "serve",
    "submit",
    "submitting",
    "work",
]

# As in `typedpipes`: a traceback names an error as it is imported.
for _name in __all__:
    _public: object = globals()[_name]
    if isinstance(_public, type) and issubclass(_public, TypedpipesError):
        _public.__module__ = __name__
