"""Where a server is: HOST:PORT, [IPV6]:PORT or unix:/PATH."""

from __future__ import annotations

from dataclasses import dataclass

UNIX = "unix:"
UNIX_PATH_BYTES = 107
"""What the kernel takes."""


@dataclass(frozen=True)
class Address:
    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.path:
            return UNIX + self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ValueError that says how an address is written."""
        if text.startswith(UNIX):
            path = text.removeprefix(UNIX)
            if not 1 <= len(path.encode()) <= UNIX_PATH_BYTES:
                raise ValueError(f"address {text!r}: write unix:/PATH, of at most {UNIX_PATH_BYTES} bytes")
            return cls(path=path)
        host, separator, port = text.rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        if bracketed:
            host = host[1:-1]
        if not separator or not host or (":" in host and not bracketed):
            raise ValueError(f"address {text!r}: write HOST:PORT, [IPV6]:PORT or unix:/PATH")
        if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65_535):
            raise ValueError(f"address {text!r}: the port is a number from 1 to 65535")
        return cls(host=host, port=int(port))
