"""World files as other projects write them: frames, nested and included models, what is left out.

The poses of FRAMES and of the included models are those that libsdformat 12.3 resolves.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from patrol_core.errors import RondaError
from patrol_core.geometry import Transform3
from patrol_sim.errors import SdfError
from patrol_sim.sdf import World, load_world, parse_world
from patrol_sim.sdf.resources import search_path

FILE = Path("test.sdf")
BOX = '<collision name="c"><geometry><box><size>1 1 1</size></box></geometry></collision>'
FRAMES = f"""<sdf version="1.9"><world name="w">
<frame name="corner"><pose>10 0 0 0 0 1.5707963267948966</pose></frame>
<frame name="shelf" attached_to="corner"><pose>1 0 0.5 0 0 0</pose></frame>
<model name="a"><static>true</static><pose relative_to="shelf">2 0 0 0 0 0.1</pose>
  <frame name="end" attached_to="low"><pose>0 0 1 0.2 0 0</pose></frame>
  <link name="low"><pose>1 1 0 0 0 0.3</pose>{BOX}</link>
  <link name="high"><pose relative_to="end">0.5 0 0 0 0.4 0</pose>
    {BOX.replace("<geometry>", '<pose relative_to="low">0 0 2 0 0 0</pose><geometry>')}</link>
  <joint name="j" type="fixed"><parent>low</parent><child>high</child></joint>
  <model name="in" placement_frame="tip"><pose relative_to="j">0 0 3 0 0 0</pose>
    <frame name="tip"><pose>0 1 0 0 0 0.5</pose></frame>
    <link name="l"><pose>0.1 0 0 0 0 0</pose>{BOX}</link></model>
</model>
<model name="b"><static>true</static>
  <pose relative_to="a::in::tip" degrees="true">0 0 0 90 0 0</pose>
  <link name="l">{BOX}</link></model>
<model name="q"><static>1</static>
  <pose rotation_format="quat_xyzw">1 2 3 0 0 0.6 0.8</pose><link name="l">{BOX}</link></model>
</world></sdf>"""
RESOLVED = {
    ("a", ""): (10, 3, 0.5, 0, 0, 1.670796),
    ("a", "low"): (1, 1, 0, 0, 0, 0.3),
    ("a", "high"): (1.477668, 1.14776, 1, 0.21663, 0.391587, 0.383799),
    ("b", ""): (8.761139, 5.64551, 4.208103, 1.787426, 0.391587, 2.054596),
    ("q", ""): (1, 2, 3, 0, 0, 1.287002),
}
SOLID_OF_HIGH = (-0.842186, 0.198669, 0.707992, -0.2, -0.4, 0)
NESTED = (2.599251, -0.019043, 3.71673, -0.009556, 0.444694, -0.161488)
IN_NESTED = (0.1, 0, 0, 0, 0, 0)


HANGING = '<frame name="{}" attached_to="{}"><pose relative_to="world"/></frame>\n'


def world_of(body: str, version: str = "1.9") -> World:
    return parse_world(f'<sdf version="{version}"><world name="w">\n{body}</world></sdf>', FILE)


def transform(pose: tuple[float, ...]) -> Transform3:
    return Transform3.from_rpy(pose[:3], pose[3:])  # type: ignore[arg-type]


def same(pose: Transform3, wanted: Transform3) -> None:
    np.testing.assert_allclose(pose.matrix(), wanted.matrix(), atol=3e-6)


def test_poses_are_those_of_libsdformat() -> None:
    models = {model.name: model for model in parse_world(FRAMES, FILE).models}
    links = {(m.name, link.name): link for m in models.values() for link in m.links}
    for (model, link), pose in RESOLVED.items():
        same(links[model, link].pose if link else models[model].pose, transform(pose))
    same(links["a", "high"].collisions[0].pose, transform(SOLID_OF_HIGH))
    same(links["a", "in::l"].pose, transform(NESTED).compose(transform(IN_NESTED)))


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ('<frame name="f"><pose\nrelative_to="g"/></frame>', 2, "no frame 'g'"),
        (
            '<frame name="f"><pose relative_to="g"/></frame>\n<frame name="g" attached_to="f"/>',
            3, "circle: f -> g -> f",
        ),
        (
            HANGING.format("f", "g") + HANGING.format("g", "f"), 2, "attached to itself",
        ),
        (f'<model name="m"><link\nname="l"><pose relative_to="world"/>{BOX}</link></model>', 3,
         "no frame 'world'"),
        ('<frame name="f"><pose frame="x"/></frame>', 2, "before 1.7"),
        ('<frame name="f"><pose rotation_format="matrix"/></frame>', 2, "rotation_format"),
        ('<frame name="f"><pose rotation_format="quat_xyzw">1 1 1 0 0 0 0</pose></frame>', 2,
         "must not be zero"),
        ('<include><uri>https://fuel.example/Shelf</uri></include>', 2, "on the network"),
        ('<include><uri>model://nothing</uri></include>', 2, "there is no 'model://nothing'"),
        ('<include><uri>x</uri>\n<experimental:params/></include>', 3, "not supported"),
        ('<include merge="1"><uri>x</uri></include>', 2, "merge"),
        ('<frame name="f"/><model name="f"/>', 2, "already used"),
        ("<a>" * 50 + "</a>" * 50, 2, "elements deep"),
    ],
)  # fmt: skip
def test_refusals_name_the_line(body: str, line: int, says: str) -> None:
    with pytest.raises(SdfError) as raised:
        world_of(body)
    assert raised.value.place is not None and raised.value.place.line == line
    assert says in str(raised.value) and raised.value.remedy


def test_entities_are_refused() -> None:
    text = '<!DOCTYPE sdf [\n<!ENTITY a "aaaa">]><sdf version="1.7"><world name="&a;"/></sdf>'
    with pytest.raises(SdfError, match="entities"):
        parse_world(text, FILE)


def test_what_does_not_count_is_said_with_its_line() -> None:
    model = (
        f'<model name="door"><link name="l">{BOX}<sensor name="s" type="ray"/></link>'
        '<link name="m"/><plugin name="p" filename="f"/>'
        '<joint name="j" type="revolute"><parent>l</parent><child>m</child></joint></model>'
    )
    world = world_of(f"<plugin/>\n<plugin/>\n<actor name='x'/>\n{model}<gz:thing/>\n<!-- -- -->")
    said = "\n".join(world.notes)
    for words in (
        "test.sdf:2: <plugin> is ignored (3 times): plugins do not run here",
        "test.sdf:4: <actor> is ignored: people are put into the world by scenarios",
        "test.sdf:5: a model of several links or with joints stands still",
        "<sensor> is ignored", "<joint> is ignored", "<gz:thing> is ignored",
    ):  # fmt: skip
        assert words in said
    assert world.models[0].static
    assert not world_of("").notes


def test_a_single_link_that_says_nothing_of_its_mass_weighs_a_kilogram() -> None:
    world = world_of(f'<model name="m"><link name="l">{BOX}</link></model>')
    (model,) = world.models
    assert not model.static and model.links[0].inertial is not None
    assert model.links[0].inertial.mass_kg == 1.0
    strange = "<inertial><inertia><ixx>9</ixx><iyy>0</iyy></inertia></inertial>"
    world = world_of(f'<model name="m"><link name="l">{strange}{BOX}</link></model>')
    assert "none that a solid can have" in world.notes[0]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder of models: a shelf in two versions, and a rack of shelves."""
    shelf = tmp_path / "models" / "shelf"
    rack = tmp_path / "models" / "rack"
    shelf.mkdir(parents=True)
    rack.mkdir()
    for version in ("1.5", "1.7"):
        (shelf / f"shelf-{version}.sdf").write_text(
            f'<sdf version="{version}"><model name="shelf_{version[-1]}"><static>true</static>'
            f'<pose>0 0 7 0 0 0</pose><link name="board">{BOX}</link>'
            '<frame name="top"><pose>0 0 2 0 0 0</pose></frame></model></sdf>'
        )
    (shelf / "model.config").write_text(
        '<model><sdf version="1.5">shelf-1.5.sdf</sdf>'
        '<sdf version="1.7">shelf-1.7.sdf</sdf></model>'
    )
    (rack / "model.sdf").write_text(
        '<sdf version="1.9"><model name="rack"><include><uri>model://shelf</uri>'
        "<name>left</name><pose>1 0 0 0 0 0</pose><placement_frame>top</placement_frame></include>"
        "\n<include><uri>../shelf/shelf-1.5.sdf</uri><name>right</name></include></model></sdf>"
    )
    return tmp_path / "models"


def test_includes_are_found_placed_and_named(library: Path) -> None:
    body = (
        "<include><uri>model://rack</uri><name>one</name><pose>5 0 0 0 0 0</pose>"
        "<static>true</static></include>"
        f"<include><uri>file://{library}/shelf</uri></include>"
        "<include><uri>https://example.org/models/Ground Plane</uri></include>"
        "<include><uri>model://sun</uri></include>"
    )
    text = f'<sdf version="1.9"><world name="w">{body}</world></sdf>'
    world = parse_world(text, FILE, [library])
    rack, shelf, ground = world.models
    assert (rack.name, rack.static) == ("one", True)
    assert [link.name for link in rack.links] == ["left::board", "right::board"]
    assert rack.links[0].pose.translation_m == (1.0, 0.0, -2.0)
    assert rack.links[1].pose.translation_m == (0.0, 0.0, 7.0)
    assert shelf.name == "shelf_7" and shelf.pose.translation_m == (0.0, 0.0, 7.0)
    assert ground.name == "ground_plane" and world.lights[0].name == "sun"


def test_a_model_that_includes_itself_is_refused(library: Path) -> None:
    (library / "rack" / "model.sdf").write_text(
        '<sdf version="1.7">\n<model name="rack"><include><uri>model://rack</uri></include>'
        "</model></sdf>"
    )
    world = library / "w.sdf"
    world.write_text(
        '<sdf version="1.7"><world name="w"><include><uri>model://rack</uri></include></world></sdf>'
    )
    with pytest.raises(SdfError, match=r"model\.sdf:2: .*includes itself"):
        load_world(world, [library])


def test_folders_come_from_the_variables_of_gazebo(library: Path) -> None:
    found = search_path({"SDF_PATH": "/b:", "GZ_SIM_RESOURCE_PATH": f"{library}:/a", "HOME": "/"})
    assert found == (library, Path("/a"), Path("/b"))


TAGS = (
    "world", "model", "link", "frame", "joint", "include", "pose", "static", "collision", "visual",
    "geometry", "box", "size", "mesh", "uri", "scale", "inertial", "mass", "inertia", "ixx",
    "light", "physics", "surface", "friction", "ode", "mu", "child", "name", "scene", "ambient",
)  # fmt: skip
WORDS = st.sampled_from(
    ["", "0", "1", "true", "nan", "1 2 3", "0 0 0 0 0 0", "1e400", "a", "a::b", "model://a",
     "x.obj", "model://sun", "world", "__model__", "1.7", "1.9", "\0", "é" * 300, "-1 -1 -1",
     "quat_xyzw"]
)  # fmt: skip
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["name", "version", "relative_to", "attached_to", "type", "placement_frame",
                     "rotation_format", "a:b"]),
    WORDS, max_size=3,
)  # fmt: skip


def element(tag: str, attributes: dict[str, str], inside: str) -> str:
    words = "".join(f" {name}={value!r}" for name, value in attributes.items())
    return f"<{tag}{words}>\n{inside}</{tag}>"


def refusal(text: str) -> RondaError | None:
    """What the loader says against a text; any other exception is a fault."""
    try:
        parse_world(text, FILE, [])
    except RondaError as error:
        return error
    return None


TREES = st.recursive(
    st.builds(element, st.sampled_from(TAGS), ATTRIBUTES, WORDS),
    lambda inner: st.builds(
        element, st.sampled_from(TAGS), ATTRIBUTES, st.lists(inner, max_size=4).map("".join)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES, st.sampled_from(["world", "model", "link"]))
def test_any_tree_is_a_world_or_an_error_with_words(tree: str, where: str) -> None:
    inside = {
        "world": tree,
        "model": f"<model name='a'>{tree}</model>",
        "link": f"<model name='a'><static>1</static><link name='b'>{tree}</link></model>",
    }[where]
    error = refusal(f"<sdf version='1.9'><world name='w'>{inside}</world></sdf>")
    assert error is None or str(error).startswith(("test.sdf:", "sun:"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(FRAMES)), st.integers(0, 60), st.text(max_size=8))
@example(0, 0, "\x00")
def test_any_damage_to_a_file_gives_a_world_or_an_error(at: int, gone: int, put: str) -> None:
    error = refusal(FRAMES[:at] + put + FRAMES[at + gone :])
    assert error is None or str(error).startswith("test.sdf:")
