"""Measured squares: a CSV file, one square a line."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_drivers.base.umbmark import Direction, SquareError

HEADER = ("direction", "measured_x_m", "measured_y_m", "odometry_x_m", "odometry_y_m")
"""Where the robot really stands at the end, and where its odometry says that it stands: both in
the frame of the start, x along the first leg, y to its left."""


def read_errors(path: Path, side_m: float) -> list[SquareError]:
    """The errors in a file. Raises ConfigError with the line of the first mistake."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(
            f"cannot read the measured squares: {reason}", place=Place(path),
            remedy="check the path",
        ) from error  # fmt: skip
    errors, has_header = [], False
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        fields = [field.strip() for field in next(csv.reader([line]))]
        if not has_header:
            if tuple(fields) != HEADER:
                raise _wrong(path, number, "the first line does not name the columns", HEADER)
            has_header = True
            continue
        errors.append(_error(fields, side_m, Place(path, number)))
    return errors


def _error(fields: list[str], side_m: float, place: Place) -> SquareError:
    if len(fields) != len(HEADER):
        raise _wrong(place.file, place.line, f"{len(fields)} fields", HEADER)
    name, *texts = fields
    if name not in {direction.value for direction in Direction}:
        raise _wrong(place.file, place.line, f"the direction is '{name}'", ("cw or ccw",))
    try:
        numbers = [float(text) for text in texts]
    except ValueError as error:
        raise _wrong(place.file, place.line, str(error), ("metres",)) from error
    if not all(math.isfinite(value) and abs(value) <= side_m for value in numbers):
        limit = (f"metres, none beyond the side of {side_m:g} m",)
        raise _wrong(place.file, place.line, f"no end of a square: {', '.join(texts)}", limit)
    x_m, y_m, odometry_x_m, odometry_y_m = numbers
    return SquareError(Direction(name), x_m - odometry_x_m, y_m - odometry_y_m)


def _wrong(path: Path, line: int | None, problem: str, expected: tuple[str, ...]) -> ConfigError:
    return ConfigError(
        problem, place=Place(path, line), expected=",".join(expected), remedy="correct the line"
    )
