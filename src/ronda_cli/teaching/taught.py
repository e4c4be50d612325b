"""What a drive has taught, in the words of a site folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from patrol_core.errors import RondaError
from patrol_core.geometry import Points
from patrol_core.site.checks_file import DWELL_S
from patrol_core.site.model import Checkpoint, Dock
from ronda_cli.teaching.lesson import Act, Lesson
from ronda_cli.teaching.track import MIN_LENGTH_M, driven_line, went_round


@dataclass(frozen=True, slots=True)
class TaughtRoute:
    """A route to be added to a site; `checks`: ids of checkpoints where something is to be read;
    `keep_outs`: ids and corners."""

    route_id: str
    line_m: Points
    speed_mps: float
    checkpoints: tuple[Checkpoint, ...]
    checks: tuple[str, ...] = ()
    keep_outs: tuple[tuple[str, Points], ...] = ()

    @property
    def path_id(self) -> str:
        return f"{self.route_id}_path"

    def renamed(self, names: Sequence[str], taken: Iterable[str]) -> TaughtRoute:
        """With other names for the checkpoints, in order, and ids that follow them; an empty name
        leaves the checkpoint as it is."""
        used = set(taken) | {self.path_id, *(zone_id for zone_id, _ in self.keep_outs)}
        ids: dict[str, str] = {}
        checkpoints = []
        for old, name in zip(self.checkpoints, names, strict=True):
            wanted = identifier(name) if name else old.checkpoint_id
            ids[old.checkpoint_id] = _unused(wanted or old.checkpoint_id, used)
            new_id = ids[old.checkpoint_id]
            checkpoints.append(replace(old, checkpoint_id=new_id, name=name or old.name))
        checks = tuple(ids[check] for check in self.checks)
        return replace(self, checkpoints=tuple(checkpoints), checks=checks)


def taught_route(
    lesson: Lesson,
    route_id: str,
    speed_mps: float,
    dwell_s: float,
    *,
    docks: Sequence[Dock] = (),
    taken: Iterable[str] = (),
) -> TaughtRoute:
    """The route of a drive; ids are none of `taken`. Raises RondaError where too little was
    driven, or something is still being driven round."""
    if lesson.goes_round:
        raise RondaError(
            "a keep-out was begun and not ended",
            remedy="drive on round it and press k where you began, or take it back with u",
        )
    line = driven_line(lesson.track, docks)
    if not line:
        raise RondaError(
            f"only {lesson.length_m:.1f} m of the route were driven, away from docks",
            expected=f"{MIN_LENGTH_M:g} m or more",
            remedy="drive on: the same command goes on where it stopped",
        )
    used = {*taken, f"{route_id}_path"}
    checkpoints, checks = [], []
    for number, mark in enumerate(lesson.checkpoints, start=1):
        name = _unused(f"{route_id}_{number}", used)
        needs_s = DWELL_S if mark.act is Act.CHECK else 0.0
        place = replace(mark.pose, x_m=round(mark.pose.x_m, 2), y_m=round(mark.pose.y_m, 2))
        checkpoints.append(Checkpoint(name, f"Checkpoint {number}", place, max(dwell_s, needs_s)))
        if mark.act is Act.CHECK:
            checks.append(name)
    keep_outs = tuple(
        (_unused(f"{route_id}_keep_out_{number}", used), went_round(way))
        for number, way in enumerate(lesson.keep_outs, start=1)
    )
    return TaughtRoute(route_id, line, speed_mps, tuple(checkpoints), tuple(checks), keep_outs)


def identifier(name: str) -> str:
    """A name as an id of a site: lower-case letters, digits and underscores, a letter first; empty
    where nothing of the name fits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")


def _unused(name: str, used: set[str]) -> str:
    """The name, or with a number behind it; it is used from then on."""
    found, number = name, 2
    while found in used:
        found, number = f"{name}_{number}", number + 1
    used.add(found)
    return found
