"""Parameters that belong to one robot, in a folder beside the program and not in it.

The folder has files of the form of `launch/config`, each named after its process. `./ronda` is
told of it by the environment variable `RONDA_PARAMS`.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from patrol_core.errors import ConfigError, Place
from patrol_core.params import ParamValue, make_params, read_param_file
from patrol_core.processes import PROCESSES

VARIABLE = "RONDA_PARAMS"
_NAMES = (*(process.name for process in PROCESSES), "camera")


def own_params(folder: str, process: str) -> dict[str, ParamValue]:
    """What is said there for a process, by dotted names; nothing where no folder is named.

    Raises ConfigError where the folder is not there, or has a file that is for no process.
    """
    if not folder:
        return {}
    path = Path(folder)
    if not path.is_dir():
        raise ConfigError(
            f"{VARIABLE} is '{folder}'", place=Place(path), expected="a folder",
            remedy="make it, or unset the variable",
        )  # fmt: skip
    for file in sorted(path.glob("*.yaml")):
        if file.stem not in _NAMES:
            close = difflib.get_close_matches(file.stem, _NAMES, n=1)
            raise ConfigError(
                f"there is no process '{file.stem}'", place=Place(file),
                expected=f"one of {', '.join(_NAMES)}",
                remedy=f"did you mean {close[0]}.yaml?" if close else "rename the file",
            )  # fmt: skip
    file = path / f"{process}.yaml"
    return read_param_file(file) if file.is_file() else {}


def checked_own_params(folder: str, process: str, params_type: type[Any]) -> dict[str, ParamValue]:
    """The same, of which every name and value fits the parameters of the process.

    Raises ConfigError, with the file, for one that does not.
    """
    values = own_params(folder, process)
    if values:
        make_params(params_type, values, Place(Path(folder) / f"{process}.yaml"))
    return values
