"""What the account of a worker has to be allowed, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from typedpipes.nats.naming import FAREWELLS, Names

Permissions: TypeAlias = Mapping[str, Mapping[str, Sequence[str]]]
"""As a NATS server has them in its configuration, under `permissions` of a user."""


def permissions_of(run: str, stops: Sequence[str]) -> Permissions:
    """Return the permissions of those who work for a run.

    They cannot make or delete streams, nor see other runs.

    Args:
        run: the name of the run.
        stops: the names of all its nodes, and of its orders.
    """
    names = Names(run)
    streams = [names.stream(stop) for stop in stops]
    subjects = [
        "$JS.API.INFO",
        f"$JS.API.STREAM.MSG.GET.{names.facts}",
        f"$JS.API.STREAM.MSG.GET.{FAREWELLS}",
    ]
    for stream in streams:
        subjects += [
            f"$JS.API.STREAM.MSG.GET.{stream}",
            f"$JS.API.STREAM.PURGE.{stream}",
            f"$JS.API.CONSUMER.LIST.{stream}",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
            f"$JS.ACK.{stream}.>",
        ]
    return {
        "publish": {"allow": [names.everything, *subjects]},
        "subscribe": {"allow": ["_INBOX.>", names.every_hint]},
    }
