# What the demos use of the packets of python-socketio: they replace how these are read.

from typing import Final

CONNECT: Final = 0
DISCONNECT: Final = 1
EVENT: Final = 2

class Packet:
    packet_type: int
    data: object
    id: int | None
    def decode(self, encoded_packet: str) -> int: ...
