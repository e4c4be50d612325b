"""Parameters of the kiosk."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class KioskParams:
    """Where the page is served, and how much of it anybody may have.

    Clients are told apart by their address. A proxy on the robot that speaks TLS counts as one
    client for `client_connections`: give it as many as `max_connections`.
    """

    host: str = param("127.0.0.1", "Address to listen on; 127.0.0.1: this robot alone")
    port: int = param(8470, "Port to listen on; 0: any free one", 0, 65535)
    phone_address: str = param("", "The page's address for phones, as QR code; empty: none")
    max_connections: int = param(800, "Connections at once, in all", 10, 50_000)
    client_connections: int = param(32, "Connections at once, of one client", 4, 50_000)
    turns_per_s: float = param(80.0, "Sentences heard a second, in all [1/s]", 1.0, 10_000.0)
    client_turns_per_s: float = param(1.0, "Sentences heard of one client [1/s]", 0.1, 1000.0)
    client_turns_burst: int = param(20, "Sentences of one client without a pause", 3, 1000)
    requests_per_s: float = param(1000.0, "Requests answered a second, in all [1/s]", 10.0, 1e5)
    client_requests_per_s: float = param(20.0, "Requests of one client [1/s]", 1.0, 10_000.0)
    client_requests_burst: int = param(120, "Requests of one client at once", 30, 10_000)
    request_timeout_s: float = param(8.0, "A request is whole by then, or cut [s]", 0.5, 60.0)
    stall_timeout_s: float = param(10.0, "Who reads nothing for so long is cut [s]", 0.5, 120.0)
    answer_timeout_s: float = param(20.0, "The robot answers by then, or says it does not [s]",
                                    1.0, 120.0)  # fmt: skip
    poll_interval_s: float = param(0.2, "How often new lines are looked for [s]", 0.02, 2.0)
    silence_s: float = param(75.0, "The page asks who is silent so long [s]", 60.0, 3600.0)
    silence_warning_s: float = param(60.0, "Time to say: I am still here [s]", 60.0, 600.0)
