from __future__ import annotations

import math
from pathlib import Path

import pytest

from patrol_sim.errors import SdfError
from patrol_sim.sdf import Box, cross_sections, load_world, parse_world

FILE = Path("test.sdf")
HEAD = '<sdf version="1.7">\n<world name="w">\n'
TAIL = "\n</world>\n</sdf>"


def model(shape: str, pose: str = "0 0 0 0 0 0", extra: str = "") -> str:
    return (
        f'<model name="m"><static>true</static><pose>{pose}</pose>\n<link name="l">'
        f'<collision name="c">\n<geometry>{shape}</geometry>\n{extra}</collision></link></model>'
    )


BOX = "<box><size>4 2 1</size></box>"
CYLINDER = "<cylinder><radius>1</radius><length>2</length></cylinder>"


def test_reads_a_model() -> None:
    world = parse_world(HEAD + model(BOX, "1 2 3 0 0 0.5") + TAIL, FILE)
    (read,) = world.models
    assert read.static
    assert read.line == 3
    assert read.pose.translation_m == (1.0, 2.0, 3.0)
    assert read.pose.yaw_rad() == pytest.approx(0.5)
    assert read.links[0].collisions[0].shape == Box((4.0, 2.0, 1.0))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEAD + model("<mesh><uri>a.obj</uri></mesh>") + TAIL, 5, "there is no 'a.obj'"),
        (HEAD + model("<heightmap/>") + TAIL, 5, "this shape is not simulated"),
        (HEAD + model("<blob/>") + TAIL, 5, "<blob>: not supported"),
        (HEAD + model(BOX.replace("4", "four")) + TAIL, 5, "expected 3 finite numbers"),
        (HEAD + model(BOX.replace("4", "nan")) + TAIL, 5, "expected 3 finite numbers"),
        (HEAD + model(BOX.replace("4", "-4")) + TAIL, 5, "must be positive"),
        (HEAD + model(BOX + CYLINDER) + TAIL, 5, "no single shape"),
        (HEAD + model(BOX, "1 2 3") + TAIL, 3, "expected 6 finite numbers"),
        (HEAD + model(BOX) + "\n" + model(BOX) + TAIL, 7, "already used on line 3"),
        (HEAD + "<include><uri>x</uri></include>" + TAIL, 3, "there is no 'x'"),
        (HEAD + '<model name="m"><static>maybe</static></model>' + TAIL, 3, "true or false"),
        (HEAD + '<model name="m"><static>1</static></model>' + TAIL, 3, "no <link>"),
        (HEAD + model(BOX).replace("<pose>", '<pose relative_to="x">') + TAIL, 3, "no frame 'x'"),
        (HEAD + "\n<model>" + TAIL, 5, "not well-formed"),
        (HEAD.replace("1.7", "1.3") + TAIL, 1, "1.3"),
        ("<world/>", 1, "outermost"),
        (HEAD + '<light name="l" type="lamp"/>' + TAIL, 3, "lamp"),
        (HEAD + "<gravity>0 0 -9.8</gravity>\n<gravity>0 0 0</gravity>" + TAIL, 4, "twice"),
        (HEAD + "<physics><max_step_size>0</max_step_size></physics>" + TAIL, 3, "positive"),
    ],
)
def test_names_file_and_line_of_what_is_wrong(text: str, line: int, says: str) -> None:
    with pytest.raises(SdfError) as raised:
        parse_world(text, FILE)
    assert f"{FILE}:{line}: " in str(raised.value)
    assert says in str(raised.value)
    assert raised.value.remedy


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SdfError, match=r"absent\.sdf"):
        load_world(tmp_path / "absent.sdf")


@pytest.mark.parametrize(
    ("shape", "pose", "z_m", "area_m2"),
    [
        (BOX, "0 0 0.5 0 0 1", 0.2, 8.0),
        (BOX, "0 0 0.5 0 0 1", 1.2, None),
        (BOX, f"0 0 0 {math.pi / 2} 0 0", 0.2, 4.0),
        (CYLINDER, "0 0 0 0 0 0", 0.2, math.pi),
        (CYLINDER, f"0 0 0 {math.pi / 2} 0 0", 0.6, 2 * 2 * 0.8),
        ("<sphere><radius>1</radius></sphere>", "0 0 0 0 0 0", 0.6, math.pi * 0.64),
        ("<plane><normal>0 0 1</normal><size>9 9</size></plane>", "0 0 0 0 0 0", 0.0, None),
    ],
)
def test_cross_section_area(shape: str, pose: str, z_m: float, area_m2: float | None) -> None:
    sections = cross_sections(parse_world(HEAD + model(shape, pose) + TAIL, FILE), z_m)
    assert [s.polygon.area for s in sections] == (
        [] if area_m2 is None else [pytest.approx(area_m2, rel=1e-3)]
    )
