"""Parts that others bring along, named `package.module:Class` in a file."""

from __future__ import annotations

import importlib
import re
from typing import Any

from patrol_core.errors import ConfigError, Place

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*\Z")
_REMEDY = "put its folder on PYTHONPATH before './ronda' starts, or correct the name"


def is_plugin(name: str) -> bool:
    """Whether this names a part by where it is, not one that is known."""
    return ":" in name


def load_plugin(name: str, what: str, members: tuple[str, ...], place: Place | None = None) -> Any:
    """The class. `what` says where it was named, `members` are what it must have.

    Raises ConfigError where the name is none, its module does not import, or it is no such class.
    """
    if not _NAME.match(name):
        raise ConfigError(
            f"{what} is '{name}'", place=place, expected="package.module:Class",
            remedy="write module and class, with ':' between them",
        )  # fmt: skip
    module_name, _, class_name = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # what a foreign module does
        raise ConfigError(
            f"{what} is '{name}', and {module_name} cannot be imported: "
            f"{type(error).__name__}: {error}",
            place=place, expected="a module of Python", remedy=_REMEDY,
        ) from error  # fmt: skip
    found = getattr(module, class_name, None)
    missing = [member for member in members if not hasattr(found, member)]
    if not isinstance(found, type) or missing:
        lacks = f"has no {', '.join(missing)}" if isinstance(found, type) else "is no class"
        raise ConfigError(
            f"{what} is '{name}', which {lacks}", place=place,
            expected=f"a class with {', '.join(members)}", remedy="add it to the class",
        )  # fmt: skip
    return found
