"""Meshes in a world: read from three kinds of files, seen by the lidar, touched, on the map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.simulated import ROOT, drive, make_world, rover, said

from patrol_core.errors import Place
from patrol_core.geometry import Pose2
from patrol_core.site import load_site
from patrol_core.topics import SCAN
from patrol_core.types.maps import OCCUPIED
from patrol_sim.errors import SdfError
from patrol_sim.map_maker import make_map
from patrol_sim.model_builder import build_model
from patrol_sim.params import ideal_params
from patrol_sim.scenario import Scenario, Start
from patrol_sim.sdf import World, cross_sections, load_world, parse_world
from patrol_sim.sdf.meshes import solids_of, triangles_of
from patrol_sim.sdf.types import Mesh
from patrol_sim.simulator import Simulator

Corners = list[tuple[float, float, float]]
CUBE: Corners = [(x, y, z) for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)]
CUBE_FACES = [
    (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
    (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3),
]  # fmt: skip
ROOM: Corners = [(x, y, z) for z in (0.0, 1.0) for x, y in (
    (-4.0, -4.0), (4.0, -4.0), (4.0, 4.0), (-4.0, 4.0),
    (-3.8, -3.8), (3.8, -3.8), (3.8, 3.8), (-3.8, 3.8),
)]  # fmt: skip


def room_faces() -> list[tuple[int, ...]]:
    """A ring of walls without floor and roof, closed: a hollow solid. Its corners: ROOM."""
    faces: list[tuple[int, ...]] = []
    for i in range(4):
        j = (i + 1) % 4
        for a, b, c, d in (
            (i, j, j + 8, i + 8),
            (j + 4, i + 4, i + 12, j + 12),
            (i + 8, j + 8, j + 12, i + 12),
            (j, i, i + 4, j + 4),
        ):
            faces += [(a, b, c), (a, c, d)]
    return faces


def obj(corners: Corners, faces: Sequence[tuple[int, ...]], name: str = "part") -> str:
    lines = [f"o {name}", *(f"v {x} {y} {z}" for x, y, z in corners)]
    return "\n".join([*lines, *(f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces)]) + "\n"


def stl() -> str:
    loops = [
        "facet normal 0 0 0\nouter loop\n"
        + "".join("vertex {} {} {}\n".format(*CUBE[i]) for i in face)
        + "endloop\nendfacet\n"
        for face in CUBE_FACES
    ]
    return f"solid cube\n{''.join(loops)}endsolid cube\n"


def dae() -> str:
    """The cube in centimetres, 200 of them along x by its node; Y_UP counts for nothing."""
    numbers = " ".join(str(100.0 * v) for corner in CUBE for v in corner)
    indices = " ".join(str(i) for face in CUBE_FACES for i in face)
    return f"""<?xml version="1.0"?>
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<asset><created>2020-01-01T00:00:00</created><modified>2020-01-01T00:00:00</modified>
<unit name="centimeter" meter="0.01"/><up_axis>Y_UP</up_axis></asset>
<library_geometries><geometry id="g" name="cube"><mesh><source id="p">
<float_array id="pa" count="24">{numbers}</float_array><technique_common>
<accessor source="#pa" count="8" stride="3"><param name="X" type="float"/>
<param name="Y" type="float"/><param name="Z" type="float"/></accessor></technique_common></source>
<vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
<triangles count="12"><input semantic="VERTEX" source="#v" offset="0"/><p>{indices}</p></triangles>
</mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="s"><node id="n" name="node">
<translate>200 0 0</translate><instance_geometry url="#g"/></node></visual_scene>
</library_visual_scenes><scene><instance_visual_scene url="#s"/></scene></COLLADA>"""


def mesh_of(file: Path, submesh: str = "", centred: bool = False, x: float = 1.0) -> Mesh:
    return Mesh(file, (x, 1.0, 1.0), submesh, centred, Place(Path("w.sdf"), 7))


@pytest.mark.parametrize(
    ("name", "text", "west"), [("c.obj", obj(CUBE, CUBE_FACES), 0.0), ("c.STL", stl(), 0.0),
                               ("c.dae", dae(), 2.0)],
)  # fmt: skip
def test_reads_it(tmp_path: Path, name: str, text: str, west: float) -> None:
    file = tmp_path / name
    file.write_text(text)
    read = triangles_of(mesh_of(file))
    assert len(read.corners_m) == 8 and len(read.faces) == 12
    np.testing.assert_allclose(read.corners_m.min(axis=0), (west, 0.0, 0.0), atol=1e-6)
    np.testing.assert_allclose(read.corners_m.max(axis=0), (west + 1.0, 1.0, 1.0), atol=1e-6)
    assert [len(solid) for solid in solids_of(mesh_of(file))] == [8]


def test_scale_middle_and_parts(tmp_path: Path) -> None:
    file = tmp_path / "two.dae"
    node = '<node id="n" name="node">'
    other = '<node id="m" name="far"><translate>900 0 0</translate>'
    whole = dae().replace(node, f'{other}<instance_geometry url="#h"/></node>{node}')
    geometry = whole[whole.index("<geometry ") : whole.index("</library_geometries>")]
    second = geometry.replace('"g"', '"h"').replace('"p"', '"pb"').replace('"pa"', '"pc"')
    second = second.replace("#pa", "#pc").replace('"#p"', '"#pb"').replace('"v"', '"vb"')
    file.write_text(whole.replace(geometry, geometry + second.replace("#v", "#vb")))
    assert len(triangles_of(mesh_of(file)).faces) == 24 and len(solids_of(mesh_of(file))) == 2
    part = triangles_of(mesh_of(file, "far", x=-3.0))
    np.testing.assert_allclose(part.corners_m.max(axis=0), (-27.0, 1.0, 1.0), atol=1e-6)
    assert len(solids_of(mesh_of(file, "far", x=-3.0))[0]) == 8, "mirrored, it still is convex"
    middle = triangles_of(mesh_of(file, "far", centred=True, x=-3.0))
    np.testing.assert_allclose(middle.corners_m.max(axis=0), (1.5, 0.5, 0.5), atol=1e-6)
    with pytest.raises(SdfError, match=r"w\.sdf:7: .*no part 'none'"):
        triangles_of(mesh_of(file, "none"))


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.obj", b""), ("a.obj", b"v 1 2\nf 1 2 9\n"), ("a.stl", b"solid x\n"),
     ("a.stl", b"\0" * 90), ("a.dae", b"<COLLADA/>"), ("a.dae", b"no"),
     ("a.obj", b"v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"),
     ("a.obj", b"v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n")],
)  # fmt: skip
def test_bad_files_are_refused_with_the_line(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SdfError, match=r"w\.sdf:4: "):
        parse_world(world_text(f"<mesh>\n<uri>{name}</uri></mesh>"), tmp_path / "w.sdf", [])


def world_text(geometry: str, pose: str = "0 0 0 0 0 0") -> str:
    return (
        f'<sdf version="1.7"><world name="w"><model name="m">\n<static>1</static>'
        f'<pose>{pose}</pose><link name="l"><collision name="c"><geometry>\n{geometry}</geometry>'
        "</collision></link></model></world></sdf>"
    )


@pytest.fixture
def room(tmp_path: Path) -> World:
    """The rover's ground with a room round it, which is one concave mesh."""
    (tmp_path / "room.obj").write_text(obj(ROOM, room_faces()))
    text = world_text("<mesh><uri>room.obj</uri></mesh>")
    read = parse_world(text, tmp_path / "w.sdf", [])
    ground = make_world()
    return World(**{f: getattr(read, f) for f in World.__slots__} | {
        "models": (*ground.models, *read.models)
    })  # fmt: skip


def test_a_hollow_mesh_is_seen_driven_in_and_touched(room: World) -> None:
    start = Pose2(0.5, 0.0)
    scenario = Scenario("t", (Start(start),))
    simulator = Simulator(room, [rover()], scenario, 1, params=ideal_params())
    simulator.step(0.02)
    (scan,) = said(simulator, SCAN)
    eye = start.compose(Pose2(0.1, 0.0))
    for angle, measured in zip(scan.angles_rad(), scan.ranges_m, strict=True):
        to_x = ((3.8 if math.cos(angle) > 0.0 else -3.8) - eye.x_m) / math.cos(angle)
        to_y = (3.8 if math.sin(angle) > 0.0 else -3.8) / math.sin(angle)
        assert measured == pytest.approx(min(to_x, to_y), abs=1e-4)
    drive(simulator, 0.5, 0.0, 3.0)
    assert not simulator.truth().contacts
    drive(simulator, 0.5, 0.0, 5.0)
    assert [contact.other for contact in simulator.truth().contacts] == ["m"]
    nose = simulator.robot().pose.x_m + 0.45
    assert nose == pytest.approx(3.8, abs=0.05)


def test_its_cut_is_the_wall(room: World) -> None:
    area = shapely.union_all([s.polygon for s in cross_sections(room, 0.2)])
    assert area.area == pytest.approx(8.0**2 - 7.6**2, rel=0.02)
    assert not area.contains(shapely.Point(0.0, 0.0)) and area.contains(shapely.Point(3.9, 0.0))


def test_a_mesh_that_may_move_falls(tmp_path: Path) -> None:
    (tmp_path / "c.obj").write_text(obj(CUBE, CUBE_FACES))
    text = world_text("<mesh><uri>c.obj</uri></mesh>", "0 0 1 0 0 0").replace(
        "<static>1</static>", ""
    )
    built = build_model(parse_world(text, tmp_path / "w.sdf", []), [])
    assert built.model.nv == 6 and built.model.ngeom == 2


def test_the_yard_with_meshes_has_the_same_map(tmp_path: Path) -> None:
    """All boxes of the yard as meshes of one cube: the same map, cell by cell."""
    site = load_site(ROOT / "sites" / "yard")
    text = (ROOT / "sim" / "worlds" / "yard.sdf").read_text()
    boxes = load_world(ROOT / "sim" / "worlds" / "yard.sdf")
    (tmp_path / "cube.obj").write_text(
        obj([(x - 0.5, y - 0.5, z - 0.5) for x, y, z in CUBE], CUBE_FACES)
    )
    for old, new in (
        ("<box><size>", "<mesh><uri>cube.obj</uri><scale>"),
        ("</size></box>", "</scale></mesh>"),
    ):
        text = text.replace(old, new)
    meshes = parse_world(text, tmp_path / "yard.sdf", [])
    grids = [make_map(w, site, 0.0, np.random.default_rng(0))[0] for w in (boxes, meshes)]
    occupied = [grid.cells == OCCUPIED for grid in grids]
    assert occupied[0].sum() > 500
    assert np.mean(occupied[0] != occupied[1]) < 0.002
