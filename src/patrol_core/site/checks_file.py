"""`checks.yaml`: what to read on a round, from which checkpoint, and what passes.

The file may be missing: then there is nothing to check.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from patrol_core.site.checks import (
    Check,
    Criterion,
    DialTag,
    DoorReader,
    GaugeReader,
    GaugeScale,
    LampReader,
    Place,
    Reader,
    TagReader,
    ThermalReader,
)
from patrol_core.site.model import Checkpoint
from patrol_core.site.yaml_tree import Value, did_you_mean, repeated
from patrol_core.units import kelvin

CHECKS_FILE = "checks.yaml"
REACH_M = 15.0
DWELL_S = 3.0
"""Who dwells less reads nothing for sure."""
LAMP_COLOURS = ("red", "yellow", "green", "blue", "white")
_MARKERS = "a number in the dictionary 4x4_50"
_COMMON = ("id", "name", "kind", "checkpoint")
_LIMITS = ("at_least", "at_most")

_Read = tuple[Reader, Criterion] | None


def read_checks(root: Value, checkpoints: Sequence[Checkpoint]) -> tuple[Check, ...]:
    """Every check that is right; what is wrong is recorded."""
    fields = root.fields(("checks",))
    found: list[Check] = []
    ids: list[tuple[str, Value]] = []
    known = {checkpoint.checkpoint_id: checkpoint for checkpoint in checkpoints}
    for value in fields["checks"].items() if "checks" in fields else []:
        entry = _entry(value)
        if entry is None:
            continue
        kind, of_entry = entry
        check = _check(value, kind, of_entry, known)
        if (name := of_entry["id"].identifier()) is not None:
            ids.append((name, of_entry["id"]))
        if check is not None:
            found.append(check)
    repeated(iter(ids))
    return tuple(found)


def _entry(value: Value) -> tuple[str, dict[str, Value]] | None:
    """The kind of one check, and its fields; the kind decides which."""
    kind = value.peek("kind")
    if kind is None:
        every = {key for needed, spare, _ in _KINDS.values() for key in (*needed, *spare)}
        value.fields(_COMMON, sorted(every))
        return None
    chosen = kind.one_of(tuple(_KINDS))
    if chosen is None:
        return None
    required, optional, _ = _KINDS[chosen]
    fields = value.fields((*_COMMON, *required), optional)
    return (chosen, fields) if fields.keys() >= {*_COMMON, *required} else None


def _check(
    value: Value, kind: str, fields: dict[str, Value], known: dict[str, Checkpoint]
) -> Check | None:
    identifier, name = fields["id"].identifier(), fields["name"].text()
    from_where = fields["checkpoint"].text() or ""
    if from_where not in known:
        fields["checkpoint"].wrong(
            f"{value.name} names the unknown checkpoint '{from_where}'",
            f"one of {', '.join(known)}",
            did_you_mean(from_where, tuple(known), "choose one of these"),
        )
        return None
    if known[from_where].dwell_s < DWELL_S:
        fields["checkpoint"].wrong(
            f"the robot dwells {known[from_where].dwell_s:g} s at checkpoint '{from_where}'",
            f"at least {DWELL_S:g} s, to read anything for sure",
            "raise its dwell_s in zones.geojson, or choose another checkpoint",
        )
    read = _KINDS[kind][2](fields)
    if identifier is None or name is None or read is None:
        return None
    _check_sight(fields, read[0], known[from_where])
    return Check(identifier, name, from_where, *read)


def _check_sight(fields: dict[str, Value], reader: Reader, checkpoint: Checkpoint) -> None:
    """What is read must be near its checkpoint and face it."""
    pose = checkpoint.pose
    if isinstance(reader, DoorReader):
        middle = tuple((a + b) / 2.0 for a, b in zip(reader.start_m, reader.end_m, strict=True))
        where, away = fields["segment_m"], math.dist(middle, (pose.x_m, pose.y_m))
    else:
        place, where = reader.place, fields["place"]
        off = (pose.x_m - place.x_m, pose.y_m - place.y_m)
        away = math.hypot(*off)
        if off[0] * math.cos(place.yaw_rad) + off[1] * math.sin(place.yaw_rad) <= 0.0:
            where.wrong(
                f"its face looks away from checkpoint '{checkpoint.checkpoint_id}'",
                "facing_deg: the direction in which its face looks",
                "turn it by 180 degrees, or choose another checkpoint",
            )
    if away > REACH_M:
        where.wrong(
            f"it is {away:.0f} m from checkpoint '{checkpoint.checkpoint_id}'",
            f"at most {REACH_M:g} m",
            "correct its place, or choose a nearer checkpoint",
        )


def _place(value: Value) -> Place | None:
    fields = value.fields(("x_m", "y_m", "height_m", "facing_deg"))
    if len(fields) < 4:
        return None
    x, y = (fields[key].number(-1e5, 1e5, "metres") for key in ("x_m", "y_m"))
    height = fields["height_m"].number(0, 10, "metres above the ground")
    facing = fields["facing_deg"].number(-360, 360, "degrees")
    if x is None or y is None or height is None or facing is None:
        return None
    return Place(x, y, height, math.radians(facing))


def _limits(fields: dict[str, Value], low: float, high: float, unit: str) -> Criterion | None:
    """From `at_least` to `at_most`, of which one may be missing."""
    given = {key: fields[key].number(low, high, unit) for key in _LIMITS if key in fields}
    if not given:
        fields["id"].wrong(
            "nothing says what passes", "at_least, at_most or both", "add one of them"
        )
        return None
    at_least, at_most = given.get("at_least", -math.inf), given.get("at_most", math.inf)
    if at_least is None or at_most is None:
        return None
    if at_least > at_most:
        fields["at_most"].wrong(
            f"at_most {at_most:g} is below at_least {at_least:g}",
            "a range that something can be in", "swap them",
        )  # fmt: skip
        return None
    return Criterion(low=at_least, high=at_most)


def _tag(fields: dict[str, Value]) -> _Read:
    place = _place(fields["place"])
    symbol = fields["symbol"].one_of(("qr", "aruco"))
    edge = fields["edge_m"].number(0.02, 1, "metres")
    expect = fields["expect"].text()
    if symbol == "aruco" and fields["expect"].whole_number(0, 49, _MARKERS) is None:
        return None
    if place is None or symbol is None or edge is None or expect is None:
        return None
    return TagReader(place, symbol, edge), Criterion(expect)


def _gauge(fields: dict[str, Value]) -> _Read:
    place = _place(fields["place"])
    radius = fields["radius_m"].number(0.01, 1, "metres")
    scale = _scale(fields["scale"])
    tag = _dial_tag(fields["tag"]) if "tag" in fields else None
    if scale is None:
        return None
    criterion = _limits(fields, scale.min_value, scale.max_value, scale.unit)
    if place is None or radius is None or criterion is None:
        return None
    return GaugeReader(place, radius, scale, tag), criterion


def _scale(value: Value) -> GaugeScale | None:
    fields = value.fields(("unit", "min_value", "max_value", "min_deg", "max_deg"))
    if len(fields) < 5:
        return None
    unit = fields["unit"].text()
    low, high = (fields[key].number(-1e9, 1e9, "1") for key in ("min_value", "max_value"))
    turn = "degrees clockwise from straight up"
    start, end = (fields[key].number(-360, 360, turn) for key in ("min_deg", "max_deg"))
    if unit is None or low is None or high is None or start is None or end is None:
        return None
    if high <= low:
        problem = f"max_value {high:g} is not above min_value {low:g}"
        fields["max_value"].wrong(problem, "the value at the far end", "swap the two ends")
        return None
    if not 30.0 <= end - start <= 350.0:
        fields["max_deg"].wrong(
            f"the scale spans {end - start:g} degrees",
            "30 to 350, clockwise from min_deg to max_deg",
            "angles left of straight up are negative, e.g. -135 to 135",
        )
        return None
    return GaugeScale(unit, low, high, math.radians(start), math.radians(end))


def _dial_tag(value: Value) -> DialTag | None:
    fields = value.fields(("id", "edge_m", "right_m", "up_m"))
    if len(fields) < 4:
        return None
    marker = fields["id"].whole_number(0, 49, _MARKERS)
    edge = fields["edge_m"].number(0.02, 1, "metres")
    right, up = (fields[key].number(-2, 2, "metres") for key in ("right_m", "up_m"))
    if marker is None or edge is None or right is None or up is None:
        return None
    return DialTag(marker, edge, right, up)


def _lamp(fields: dict[str, Value]) -> _Read:
    place = _place(fields["place"])
    radius = fields["radius_m"].number(0.003, 0.5, "metres")
    colours = tuple(item.one_of(LAMP_COLOURS) or "" for item in fields["colours"].items())
    if not colours:
        fields["colours"].wrong("no colours", "one or more", f"of {', '.join(LAMP_COLOURS)}")
        return None
    states = [f"{colour} {how}" for colour in colours for how in ("on", "blinking")]
    expect = fields["expect"].one_of(("off", *states)) if all(colours) else None
    if place is None or radius is None or expect is None:
        return None
    return LampReader(place, radius, colours), Criterion(expect)


def _door(fields: dict[str, Value]) -> _Read:
    items = fields["segment_m"].items()
    if len(items) != 2:
        fields["segment_m"].wrong(
            "a segment has two ends", "[[x, y], [x, y]]", "give the leaf's two ends when closed"
        )
        return None
    start, end = (item.point() for item in items)
    expect = fields["expect"].one_of(("open", "closed"))
    if start is None or end is None or expect is None:
        return None
    if math.dist(start, end) < 0.4:
        fields["segment_m"].wrong(
            f"the leaf is {math.dist(start, end):.2f} m wide", "0.4 m or more", "correct its ends"
        )
        return None
    return DoorReader(start, end), Criterion(expect)


def _thermal(fields: dict[str, Value]) -> _Read:
    place = _place(fields["place"])
    width, height = (fields[key].number(0.01, 10, "metres") for key in ("width_m", "height_m"))
    emissivity = fields["emissivity"].number(0.3, 1, "1: a black body")
    around = fields["surroundings_c"].number(-50, 100, "degrees Celsius")
    limits = _limits(fields, -50.0, 1500.0, "degrees Celsius")
    if place is None or width is None or height is None or limits is None:
        return None
    if emissivity is None or around is None:
        return None
    reader = ThermalReader(place, width, height, emissivity, kelvin(around))
    return reader, Criterion(low=kelvin(limits.low), high=kelvin(limits.high))


_KINDS: dict[
    str, tuple[tuple[str, ...], tuple[str, ...], Callable[[dict[str, Value]], _Read]]
] = {
    "tag": (("place", "symbol", "edge_m", "expect"), (), _tag),
    "gauge": (("place", "radius_m", "scale"), ("tag", *_LIMITS), _gauge),
    "lamp": (("place", "radius_m", "colours", "expect"), (), _lamp),
    "door": (("segment_m", "expect"), (), _door),
    "thermal": (
        ("place", "width_m", "height_m", "emissivity", "surroundings_c"), _LIMITS, _thermal,
    ),
}  # fmt: skip
