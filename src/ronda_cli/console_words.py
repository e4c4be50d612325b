"""Where operators sign in, said by the commands that start a robot."""

from __future__ import annotations

from pathlib import Path

FOLDER, CODE_FILE = "console", "first-start.txt"
"""As `patrol_console` names them, which is too slow to import for a sentence."""


def console_words(port: int, state_folder: Path) -> str:
    """The address, and at the first start the code that makes the first administrator."""
    if not port:
        return "no console is served"
    address = f"http://127.0.0.1:{port}/"
    try:
        code = (state_folder / FOLDER / CODE_FILE).read_text(encoding="ascii").strip()
    except OSError:
        return f"operators sign in at {address}"
    return f"operators sign in at {address}; first start: the code is {code}"
