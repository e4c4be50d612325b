"""Becomes a program of another system's folder, with a network of its own.

`python -m patrol_gazebo.jail FOLDER PROGRAM [WORD]...`: what the program listens on is reachable
from nowhere else, and no two runs meet. Needs root.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys

_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1
_INTERFACE = struct.Struct("16sH22x")
"""A `struct ifreq` with flags (netdevice(7))."""


def main() -> None:
    """Never returns: exit status 1 where the kernel does not allow it."""
    folder, *words = sys.argv[1:]
    try:
        _leave_network()
        os.chroot(folder)
        os.chdir("/")
        os.execv(words[0], words)  # noqa: S606
    except OSError as error:
        sys.exit(f"{words[0]} in {folder}: {error}")


def _leave_network() -> None:
    """A network namespace with nothing but a loopback device, which is up."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if libc.unshare(_CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"no network of its own: {os.strerror(number)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        fcntl.ioctl(device, _SIOCSIFFLAGS, _INTERFACE.pack(b"lo", _IFF_UP))


if __name__ == "__main__":
    main()
