"""The protocol without sockets and clocks: bytes in, events out (Proto/WIRE.md)."""
