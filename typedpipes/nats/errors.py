"""What may be wrong with a broker."""

from __future__ import annotations

from typedpipes.errors import TypedpipesError
from typedpipes.nats.broker import Broker


class BrokerAway(TypedpipesError):
    """There is no broker at the address, or none that lets this client in.

    Attributes:
        broker: the broker.
    """

    def __init__(self, broker: Broker, why: str) -> None:
        super().__init__(broker, why)
        self.broker: Broker = broker
        self.why: str = why

    def __str__(self) -> str:
        """Return which broker, and why."""
        return (
            f"{self.broker!r} is away: {self.why}. Start the server, or correct the address or the "
            "credentials."
        )


class BrokerUnfit(TypedpipesError):
    """A broker lacks something that runs need; the message says what, and what to do."""
