"""How much the clients of a server may ask for."""

from __future__ import annotations

from attrs import asdict, frozen


@frozen
class Limits:
    """What bounds the work and the memory of a server, whatever its clients do.

    Attributes:
        clients: how many may be connected at once.
        connections: how many connections may be open at once; a page needs two or three.
        runs: how many pipelines run at once, of all clients together.
        run_bytes: how many bytes the items inside a pipeline may take. What its graph has
            room for, in edges, workers and windows, divides this: so large may an item be.
        item_bytes: how many bytes an item may take at most, however small the graph is.
        all_bytes: how many bytes the items inside all pipelines together may take.
        seconds: how long a pipeline may run before it is drained.
        grace: how many seconds what is inside may take to flow out, before it is aborted.
        items: how many results a pipeline may give before it is drained.
        unread: how many messages a client may have unread before its pipeline waits for it.
        unread_answers: how many more it may have, if it asks without reading, before it is
            hung up on.
        unread_bytes: how many bytes a client may have unread before its pipeline waits.
        definition: how many bytes a definition may have.
        nodes: how many nodes a definition may have.
        workers: how many workers a node may have.
        buffer: how many items an edge, or the window of a node, may hold.

    Raises:
        ValueError: one of them is 0 or less.
    """

    clients: int = 200
    connections: int = 400
    runs: int = 60
    run_bytes: int = 2_000_000
    item_bytes: int = 20_000
    all_bytes: int = 100_000_000
    seconds: float = 30.0
    grace: float = 5.0
    items: int = 10_000
    unread: int = 32
    unread_answers: int = 16
    unread_bytes: int = 131_072
    definition: int = 16_384
    nodes: int = 20
    workers: int = 16
    buffer: int = 100

    def __attrs_post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value <= 0:
                raise ValueError(f"{name} must be above 0, not {value}")
