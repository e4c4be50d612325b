"""What a part of the console adds to the web application."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from patrol_console.web.endpoints import Endpoint, Socket


@dataclass(frozen=True, slots=True)
class Part:
    """Requests, WebSockets, and what runs beside them in the web's loop as long as it runs."""

    endpoints: tuple[Endpoint, ...] = ()
    sockets: tuple[Socket, ...] = ()
    background: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()
