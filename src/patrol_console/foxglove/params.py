"""Parameters of the engineers' bridge."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class FoxgloveParams:
    """A live view for Foxglove and tools like it. It tells and takes nothing.

    Nobody signs in: whoever reaches the port sees the rows of a recording while they are said.
    """

    enabled: bool = param(False, "Whether it is served")
    host: str = param("127.0.0.1", "Address to listen on; 127.0.0.1: this machine alone")
    port: int = param(8765, "Port to listen on; 0: a free one", 0, 65535)
    origins: tuple[str, ...] = param(
        ("https://app.foxglove.dev",),
        "Web pages that may connect, as a browser names them (`Origin`); programs name none",
    )
    max_clients: int = param(8, "Clients at once", 1, 64)
    stall_timeout_s: float = param(10.0, "Who reads nothing for so long is cut [s]", 0.5, 120.0)
