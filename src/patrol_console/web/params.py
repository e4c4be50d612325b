"""Parameters of the web application."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param
from patrol_core.web.addresses import is_loopback


@dataclass(frozen=True, slots=True)
class WebParams:
    """Where the console is served, and how much of it anybody may have.

    Anything but this machine needs TLS: a certificate is made at the first start where none is
    named.
    """

    host: str = param("127.0.0.1", "Address to listen on; 127.0.0.1: this machine alone")
    port: int = param(8480, "Port to listen on; 0: a free one", 0, 65535)
    tls: bool = param(False, "Whether TLS is spoken; always so beyond this machine")
    certificate: str = param("", "Certificate (PEM); empty: a self-made one")
    key: str = param("", "Its private key (PEM)")
    names: tuple[str, ...] = param((), "Names and addresses of this machine in the certificate")
    session_hours: float = param(12.0, "A session ends so long after the sign-in [h]", 0.1, 720.0)
    idle_hours: float = param(4.0, "A session ends when nothing is asked so long [h]", 0.1, 720.0)
    requests_per_s: float = param(1000.0, "Requests answered a second, in all [1/s]", 10.0, 1e5)
    client_requests_per_s: float = param(50.0, "Requests of one client [1/s]", 1.0, 10_000.0)
    client_requests_burst: int = param(400, "Requests of one client at once", 30, 10_000)
    max_connections: int = param(400, "Connections at once, in all", 10, 50_000)
    client_connections: int = param(200, "Connections at once, of one client", 4, 50_000)
    max_sockets: int = param(200, "WebSockets at once, in all", 1, 10_000)
    session_sockets: int = param(24, "WebSockets at once, of one session", 2, 1000)
    request_timeout_s: float = param(10.0, "A request is whole by then, or cut [s]", 0.5, 60.0)
    stall_timeout_s: float = param(10.0, "Who reads nothing for so long is cut [s]", 0.5, 120.0)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def speaks_tls(self) -> bool:
        return self.tls or bool(self.certificate) or not self.is_local
