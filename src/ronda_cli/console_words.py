"""Where operators sign in and engineers look in, said by the commands that start a robot."""

from __future__ import annotations

from pathlib import Path

from patrol_console.files import FIRST_CODE, FOLDER
from patrol_console.foxglove.params import FoxgloveParams

FOXGLOVE_WORDS = (
    "Foxglove may look in: logs/console.log of this run says where, as shipped at "
    f"ws://127.0.0.1:{FoxgloveParams().port}"
)


def console_words(port: int, state_folder: Path) -> str:
    """The address, and at the first start the code that makes the first administrator."""
    if not port:
        return "no console is served"
    address = f"http://127.0.0.1:{port}/"
    try:
        code = (state_folder / FOLDER / FIRST_CODE).read_text(encoding="ascii").strip()
    except OSError:
        return f"operators sign in at {address}"
    return f"operators sign in at {address}; first start: the code is {code}"
