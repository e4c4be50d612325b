"""What a service tells systemd: that it is ready, that it lives, and how it is.

The protocol is one datagram of lines to the socket that NOTIFY_SOCKET names (systemd,
sd_notify(3)); a name that begins with @ is an abstract one (unix(7)). Without the variable nobody
listens, and nothing is sent.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import MutableMapping

SOCKET = "NOTIFY_SOCKET"


class Notifier:
    """Speaks to the service manager. A message that does not arrive is not an error of ours: the
    manager's watchdog says so soon enough."""

    def __init__(self, environ: MutableMapping[str, str] | None = None) -> None:
        """Takes the variable away, so that no child speaks in our place."""
        address = (os.environ if environ is None else environ).pop(SOCKET, "")
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self) -> None:
        """The service is up: what waits for it may go on, and its watchdog begins."""
        self._send("READY=1")

    def alive(self) -> None:
        """Now, for once, everything is well: to be said at least twice in WatchdogSec."""
        self._send("WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={' '.join(sentence.split())}")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker,
        ):
            speaker.setblocking(False)
            speaker.sendto(message.encode(), self._address)
