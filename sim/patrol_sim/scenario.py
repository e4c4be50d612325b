"""What happens in a world: people, things, vehicles, faults, and where the robots start."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from patrol_core.geometry import Points, Pose2
from patrol_core.site.yaml_tree import Problems, Value, read_yaml, repeated
from patrol_sim.errors import ScenarioError
from patrol_sim.removal import Removal

OBJECT_KINDS = ("box", "cylinder", "ball", "bag", "vehicle")


@dataclass(frozen=True, slots=True)
class Pedestrian:
    """Walks `waypoints_m` to and fro, pausing at each; who does not give way ignores robots.

    At `falls_s`, if that is given, the person falls and lies there from then on. `follows_s`:
    spans of time in which the person walks after the nearest robot; before and between them the
    person stands, and after the last one walks to the last waypoint.
    """

    name: str
    waypoints_m: Points
    speed_mps: float
    pause_s: float
    start_s: float
    gives_way: bool
    falls_s: float | None = None
    follows_s: Points = ()


@dataclass(frozen=True, slots=True)
class PlacedObject:
    """A thing that stands at `pose` from `appears_s` on; `planted`: the robot should find it.

    A ball and a cylinder are as wide as `size_m[0]`.
    """

    name: str
    kind: str
    size_m: tuple[float, float, float]
    pose: Pose2
    appears_s: float
    planted: bool


class FaultKind(Enum):
    """What can break.

    DROP: a row falls silent. FREEZE: a row repeats its last sample. SLIP: both wheels lose
    `amount` of their way. CUT: commands no longer reach the motors. PRESS: the emergency button.
    """

    DROP = "drop"
    FREEZE = "freeze"
    SLIP = "slip"
    CUT = "cut"
    PRESS = "press"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one robot ("": all) from `start_s` for `duration_s`; DROP, FREEZE need `row`."""

    kind: FaultKind
    start_s: float
    duration_s: float
    row: str = ""
    robot: str = ""
    amount: float = 0.0

    def active(self, now_s: float) -> bool:
        return self.start_s <= now_s < self.start_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Start:
    """Where a robot stands at first; `robot` is its namespace, "" for whoever comes next."""

    pose: Pose2
    robot: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    starts: tuple[Start, ...]
    pedestrians: tuple[Pedestrian, ...] = ()
    objects: tuple[PlacedObject, ...] = ()
    faults: tuple[Fault, ...] = ()
    removed: tuple[Removal, ...] = ()


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises ScenarioError with file, line and remedy for the first of its mistakes.
    """
    problems = Problems()
    root = read_yaml(path, "the scenario", problems)
    scenario = None if root is None else _scenario(root)
    if problems.found or scenario is None:
        first = problems.found[0]
        more = f" (and {len(problems.found) - 1} more)" if len(problems.found) > 1 else ""
        raise ScenarioError(
            first.problem + more, place=first.place, expected=first.expected, remedy=first.remedy
        )
    return scenario


def _scenario(root: Value) -> Scenario | None:
    fields = root.fields(("name", "starts"), ("pedestrians", "objects", "faults", "removed"))
    lists = {
        name: fields[name].items() if name in fields else []
        for name in ("starts", "pedestrians", "objects", "faults", "removed")
    }
    starts = [_start(value) for value in lists["starts"]]
    people = [_pedestrian(value) for value in lists["pedestrians"]]
    objects = [_object(value) for value in lists["objects"]]
    faults = [_fault(value) for value in lists["faults"]]
    removed = [_removal(value) for value in lists["removed"]]
    named = [
        *zip(people, lists["pedestrians"], strict=True),
        *zip(objects, lists["objects"], strict=True),
    ]
    repeated((thing.name, value) for thing, value in named if thing is not None)
    name = fields["name"].text() if "name" in fields else None
    if name is None:
        return None
    return Scenario(
        name,
        tuple(start for start in starts if start),
        tuple(person for person in people if person),
        tuple(thing for thing in objects if thing),
        tuple(fault for fault in faults if fault),
        tuple(removal for removal in removed if removal),
    )


def _start(value: Value) -> Start | None:
    fields = value.fields(("pose",), ("robot",))
    pose = _pose(fields["pose"]) if "pose" in fields else None
    robot = fields["robot"].text() if "robot" in fields else ""
    return None if pose is None or robot is None else Start(pose, robot)


def _pose(value: Value) -> Pose2 | None:
    fields = value.fields(("x_m", "y_m", "yaw_rad"))
    if len(fields) < 3:
        return None
    x = fields["x_m"].number(-1e4, 1e4, "m")
    y = fields["y_m"].number(-1e4, 1e4, "m")
    yaw = fields["yaw_rad"].number(-7.0, 7.0, "rad")
    return None if x is None or y is None or yaw is None else Pose2(x, y, yaw)


def _pedestrian(value: Value) -> Pedestrian | None:
    fields = value.fields(
        ("name", "waypoints_m"),
        ("speed_mps", "pause_s", "start_s", "gives_way", "falls_s", "follows_s"),
    )
    if "name" not in fields or "waypoints_m" not in fields:
        return None
    name = fields["name"].identifier()
    points = [item.point() for item in fields["waypoints_m"].items()]
    if len(points) < 2:
        fields["waypoints_m"].wrong("too few waypoints", "two or more", "add a waypoint")
    known = tuple(point for point in points if point is not None)
    if any(math.dist(a, b) < 0.1 for a, b in itertools.pairwise(known)):
        fields["waypoints_m"].wrong("a waypoint is repeated", "0.1 m and more apart", "remove it")
    speed = _number(fields, "speed_mps", 1.2, 0.1, 3.0, "m/s")
    pause = _number(fields, "pause_s", 1.0, 0.0, 1e4, "s")
    start = _number(fields, "start_s", 0.0, 0.0, 1e6, "s")
    gives_way = fields["gives_way"].one_of(("true", "false")) if "gives_way" in fields else "true"
    falls = fields["falls_s"].number(0.0, 1e6, "s") if "falls_s" in fields else None
    spans = [item.point() for item in fields["follows_s"].items()] if "follows_s" in fields else []
    if name is None or len(known) < 2:
        return None
    follows = tuple(span for span in spans if span is not None)
    return Pedestrian(name, known, speed, pause, start, gives_way != "false", falls, follows)


def _object(value: Value) -> PlacedObject | None:
    fields = value.fields(("name", "kind", "size_m", "pose"), ("appears_s", "planted"))
    if len({"name", "kind", "size_m", "pose"} & fields.keys()) < 4:
        return None
    name = fields["name"].identifier()
    kind = fields["kind"].one_of(OBJECT_KINDS)
    size = [item.number(0.02, 20.0, "m") for item in fields["size_m"].items()]
    if len(size) != 3:
        fields["size_m"].wrong("not a size", "[length, width, height]", "give three numbers")
    pose = _pose(fields["pose"])
    appears = _number(fields, "appears_s", 0.0, 0.0, 1e6, "s")
    planted = fields["planted"].one_of(("true", "false")) if "planted" in fields else "false"
    known = tuple(edge for edge in size if edge is not None)
    if name is None or kind is None or pose is None or len(known) != 3:
        return None
    return PlacedObject(
        name, kind, (known[0], known[1], known[2]), pose, appears, planted == "true"
    )


def _fault(value: Value) -> Fault | None:
    fields = value.fields(("kind", "start_s", "duration_s"), ("row", "robot", "amount"))
    if len({"kind", "start_s", "duration_s"} & fields.keys()) < 3:
        return None
    kind = fields["kind"].enum(FaultKind)
    start = _number(fields, "start_s", 0.0, 0.0, 1e6, "s")
    duration = _number(fields, "duration_s", 0.0, 0.0, 1e6, "s")
    row = fields["row"].text() if "row" in fields else ""
    robot = fields["robot"].text() if "robot" in fields else ""
    amount = _number(fields, "amount", 0.3, 0.0, 0.95, "fraction")
    if kind in (FaultKind.DROP, FaultKind.FREEZE) and not row:
        value.wrong("the fault names no row", "a row of the topic table", "add 'row: scan'")
    return None if kind is None else Fault(kind, start, duration, row or "", robot or "", amount)


def _removal(value: Value) -> Removal | None:
    fields = value.fields(("model",), ("from_m", "to_m"))
    model = fields["model"].text() if "model" in fields else None
    low = _number(fields, "from_m", -math.inf, -1e4, 1e4, "m")
    high = _number(fields, "to_m", math.inf, -1e4, 1e4, "m")
    if low >= high:
        value.wrong("the stretch is empty", "from_m less than to_m", "exchange the two")
    return None if model is None else Removal(model, low, high)


def _number(
    fields: dict[str, Value], name: str, default: float, low: float, high: float, unit: str
) -> float:
    value = fields[name].number(low, high, unit) if name in fields else default
    return default if value is None else value
