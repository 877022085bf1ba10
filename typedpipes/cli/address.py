"""Where the broker is, for all commands that go over one, and what is said when it cannot be."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen
from cyclopts import Parameter
from cyclopts.validators import Number

from typedpipes.cli.refusal import WRONG, Refusal
from typedpipes.errors import RunStateError, SettingError, WiringError, WiringErrors

if TYPE_CHECKING:
    from typedpipes.nats import Broker

VARIABLE: Final = "TYPEDPIPES_BROKER"
"""Where the broker is, if the command line does not say it."""


@Parameter(name="*")
@frozen
class Address:
    """Where the broker is."""

    broker: Annotated[
        list[str] | None,
        Parameter(
            name=["--broker", "-b"], consume_multiple=(0, 1), negative=(), show_default=False
        ),
    ] = None
    """The URL of a NATS server, such as `tls://broker.example:4222`, or those of a cluster with
    commas between them. Without a URL, that in the variable `TYPEDPIPES_BROKER`, where no other
    user sees a token in it."""

    credentials: Path | None = None
    """The file with the credentials of its user."""

    keep_within: Annotated[float, Parameter(validator=Number(gt=0))] = 10.0
    """After how many seconds of silence a process counts as dead. The same for all of a run."""

    @property
    def is_named(self) -> bool:
        """Whether it was asked for on the command line. The variable alone asks for nothing."""
        return self.broker is not None

    @property
    def url(self) -> str:
        """The URL of the broker.

        Raises:
            Refusal: none is named.
        """
        url = ",".join(self.broker or ()) or os.environ.get(VARIABLE)
        if not url:
            raise Refusal(f"which broker? Name it: --broker URL, or set {VARIABLE}")
        return url

    def find(self) -> Broker:
        """Return the broker.

        Raises:
            Refusal: none is named, or its URL is wrong, or what is needed is not installed.
        """
        url = self.url
        try:
            from typedpipes.nats import Broker  # noqa: PLC0415  # an extra
        except ModuleNotFoundError as error:
            raise missing(error) from error
        try:
            return Broker(url, credentials=self.credentials, keep_within=self.keep_within)
        except SettingError as error:
            raise Refusal(str(error)) from error


def missing(error: ModuleNotFoundError, needs: str = "") -> Refusal:
    """Return what is said where the client of the broker is not installed.

    Args:
        error: what was raised when it was imported.
        needs: what is needed, where that is more than the client.
    """
    if error.name != "nats":
        raise error
    return Refusal(needs or str(error))


@contextmanager
def refusing() -> Generator[None]:
    """Say in a line what stands in the way of a run over a broker.

    Raises:
        Refusal: something does.
    """
    from typedpipes.nats import BrokerAway, BrokerUnfit, NotDecoded  # noqa: PLC0415  # an extra

    try:
        yield
    except WiringErrors as wrong:
        raise Refusal(*map(str, wrong.exceptions), code=WRONG) from wrong
    except (BrokerAway, BrokerUnfit, NotDecoded, RunStateError) as error:
        raise Refusal(str(error), code=WRONG) from error
    except WiringError as error:
        raise Refusal(str(error)) from error


@contextmanager
def news() -> Generator[None]:
    """Write to the standard error what the library writes to its log."""
    logger = logging.getLogger("typedpipes")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("typedpipes: %(message)s"))
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
