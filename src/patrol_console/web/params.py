"""Parameters of the web application."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class WebParams:
    """Where the console is served."""

    host: str = param("127.0.0.1", "Address to listen on")
    port: int = param(8480, "Port to listen on; 0: a free one", 0, 65535)
