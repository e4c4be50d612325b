"""checks.yaml: what is right is read, what is wrong is told with its line and remedy."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.geometry import Pose2
from patrol_core.site.checks import Check, DoorReader, GaugeReader, LampReader, ThermalReader
from patrol_core.site.checks_file import read_checks
from patrol_core.site.model import Checkpoint
from patrol_core.site.yaml_tree import Problems, read_yaml

CHECKPOINTS = (Checkpoint("pump_room", "Pump room", Pose2(0.0, 0.0), 5.0),
               Checkpoint("gate", "Gate", Pose2(50.0, 0.0), 0.0))  # fmt: skip
GOOD = """\
checks:
  - id: pressure
    name: Pump pressure
    kind: gauge
    checkpoint: pump_room
    place: {x_m: 2, y_m: 0, height_m: 1, facing_deg: 180}
    radius_m: 0.05
    scale: {unit: bar, min_value: 0, max_value: 10, min_deg: -135, max_deg: 135}
    tag: {id: 3, edge_m: 0.08, right_m: 0, up_m: -0.15}
    at_least: 2.5
    at_most: 6
  - id: asset
    name: Asset
    kind: tag
    checkpoint: pump_room
    place: {x_m: 2, y_m: 1, height_m: 1, facing_deg: 180}
    symbol: qr
    edge_m: 0.1
    expect: PUMP-7
  - id: running
    name: Running lamp
    kind: lamp
    checkpoint: pump_room
    place: {x_m: 2, y_m: 1, height_m: 1.2, facing_deg: 180}
    radius_m: 0.015
    colours: [green, red]
    expect: green on
  - id: door
    name: Back door
    kind: door
    checkpoint: pump_room
    segment_m: [[1, 3], [2, 3]]
    expect: closed
  - id: bearing
    name: Bearing
    kind: thermal
    checkpoint: pump_room
    place: {x_m: 2, y_m: 0, height_m: 0.5, facing_deg: 180}
    width_m: 0.2
    height_m: 0.2
    emissivity: 0.95
    surroundings_c: 20
    at_most: 70
"""


def read(text: str, folder: Path) -> tuple[tuple[Check, ...], Problems]:
    file = folder / "checks.yaml"
    file.write_text(text, encoding="utf-8")
    problems = Problems()
    root = read_yaml(file, "the checks", problems)
    return (() if root is None else read_checks(root, CHECKPOINTS)), problems


def test_every_kind_is_read(tmp_path: Path) -> None:
    checks, problems = read(GOOD, tmp_path)
    assert problems.found == []
    gauge, tag, lamp, door, thermal = checks
    assert isinstance(gauge.reader, GaugeReader) and gauge.reader.tag is not None
    assert gauge.reader.scale.max_rad == pytest.approx(math.radians(135.0))
    assert gauge.criterion.holds(2.5, "") and not gauge.criterion.holds(6.1, "")
    assert tag.criterion.holds(math.nan, "PUMP-7") and not tag.criterion.holds(0.0, "PUMP-8")
    assert isinstance(lamp.reader, LampReader) and lamp.reader.colours == ("green", "red")
    assert isinstance(door.reader, DoorReader) and door.reader.end_m == (2.0, 3.0)
    assert isinstance(thermal.reader, ThermalReader)
    assert thermal.criterion.high == pytest.approx(343.15)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("kind: gauge", "kind: guage", 4, "did you mean 'gauge'"),
        ("    kind: gauge\n", "", 2, "add 'kind'"),
        ("checkpoint: pump_room", "checkpoint: pumproom", 5, "did you mean 'pump_room'"),
        ("checkpoint: pump_room", "checkpoint: gate", 5, "at least 3 s"),
        ("id: asset", "id: pressure", 12, "rename one"),
        ("facing_deg: 180", "facing_deg: 0", 6, "turn it by 180"),
        ("x_m: 2", "x_m: 20", 6, "nearer checkpoint"),
        ("max_value: 10", "max_value: -1", 8, "swap the two ends"),
        ("max_deg: 135", "max_deg: -140", 8, "left of straight up"),
        ("at_most: 6", "at_most: 1", 11, "swap them"),
        ("at_most: 6", "at_most: 60", 11, "check the unit: bar"),
        ("    at_least: 2.5\n    at_most: 6\n", "", 2, "add one of them"),
        ("symbol: qr", "symbol: aruco", 19, "4x4_50"),
        ("expect: green on", "expect: blue on", 27, "green on"),
        ("[green, red]", "[green, pink]", 26, "red"),
        ("[green, red]", "[]", 26, "red, yellow"),
        ("[[1, 3], [2, 3]]", "[[1, 3], [1.1, 3]]", 32, "correct its ends"),
        ("[[1, 3], [2, 3]]", "[[1, 3]]", 32, "two ends"),
        ("emissivity: 0.95", "emissivity: 95", 41, "black body"),
        ("height_m: 0.2\n", "height_m: 0.2\n    heigth_m: 1\n", 41, "did you mean 'height_m'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_line_and_remedy(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    assert old in GOOD
    _, problems = read(GOOD.replace(old, new, 1), tmp_path)
    told = [(p.place.line, f"{p.expected} {p.remedy}") for p in problems.found if p.place]
    assert any(where == line and words in text for where, text in told), told


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.data())
def test_no_damage_makes_the_loader_fall(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Lines lost, doubled or exchanged for other values: a check or a mistake, never a crash."""
    lines = GOOD.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(1, len(lines) - 1))
        key = lines[index].partition(":")[0]
        values = ("[]", "{}", ".inf", "~", "[[1, 2], {}]")
        others = ["", "  - 3", *(f"{key}: {value}" for value in values)]
        lines[index] = data.draw(st.sampled_from(others))
    checks, problems = read("\n".join(lines), tmp_path_factory.mktemp("checks"))
    assert all(isinstance(check, Check) for check in checks)
    assert all(problem.place is not None and problem.remedy for problem in problems.found)
