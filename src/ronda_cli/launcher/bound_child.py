"""`bound_child.py PARENT COMMAND...`: becomes the command, and is killed when PARENT dies.

Run by path and with `python -S -E -s`, so that it costs next to nothing.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """From now on the kernel kills this process when the one that started it dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    die_with_parent()
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the launcher is gone")
    # Who is started in the background of a script ignores SIGINT, and so would the command.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606
    except OSError as error:
        sys.exit(f"cannot run {sys.argv[2]}: {error.strerror}")
