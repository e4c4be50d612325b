"""Writes wheel numbers into a robot file; comments and everything else stay as they are."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.robot import Wheels, load_robot

_DIGITS = 6


def calibrated_values(wheels: Wheels) -> dict[str, str]:
    """The fields of the section `wheels` that a calibration changes, as they are written."""
    return {
        "separation_m": f"{wheels.separation_m:.{_DIGITS}g}",
        "left_radius_scale": f"{wheels.left_radius_scale:.{_DIGITS}g}",
        "right_radius_scale": f"{wheels.right_radius_scale:.{_DIGITS}g}",
    }


def write_wheels(path: Path, wheels: Wheels) -> Path:
    """Put calibrated values into a robot file, at once or not at all; where the old file is kept.

    Raises ConfigError when the file is laid out so that they cannot be put there.
    """
    path = path.resolve()
    values = calibrated_values(wheels)
    before = load_robot(path).wheels
    text = _replaced(path.read_text(encoding="utf-8"), values, path)
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        after = load_robot(fresh).wheels
        if any(getattr(after, name) != float(value) for name, value in values.items()):
            raise _unfit(path)
        kept = _free_name(path)
        shutil.copy2(path, kept)
        shutil.copymode(path, fresh)
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    assert before.radius_m == after.radius_m
    return kept


def _replaced(text: str, values: dict[str, str], path: Path) -> str:
    """The text with the values in its section `wheels`, which is in block style."""
    section = re.search(r"^wheels:[ \t]*(?:#.*)?\n((?:[ \t]+.*\n|[ \t]*\n)+)", text, re.MULTILINE)
    if section is None:
        raise _unfit(path)
    body = section.group(1)
    for name, value in values.items():
        line = re.compile(rf"^([ \t]+{name}:[ \t]*)[^\s#]+", re.MULTILINE)
        body, count = line.subn(lambda found, v=value: found.group(1) + v, body)
        if count == 0:
            radius = re.search(r"^([ \t]+)radius_m:.*\n", body, re.MULTILINE)
            if radius is None:
                raise _unfit(path)
            at = radius.end()
            body = f"{body[:at]}{radius.group(1)}{name}: {value}\n{body[at:]}"
    return text[: section.start(1)] + body + text[section.end(1) :]


def _free_name(path: Path) -> Path:
    """Beside the file: NAME.1.old, or the first number that is free."""
    number = 1
    while (kept := path.with_name(f"{path.name}.{number}.old")).exists():
        number += 1
    return kept


def _unfit(path: Path) -> ConfigError:
    return ConfigError(
        "the calibrated values cannot be put into this file", place=Place(path),
        expected="a section 'wheels:' with one field a line, as in urdf/config/rover.yaml",
        remedy="write the printed values by hand",
    )  # fmt: skip
