"""A broken site is told with file, line and remedy, whatever is broken, and all at once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_core.errors import ConfigError
from patrol_core.site import SiteError, check_site, load_site
from ronda_cli.commands.site import app

YARD = Path(__file__).parents[2] / "sites" / "yard"


@dataclass(frozen=True)
class Broken:
    """`old` is replaced by `new` in `file`; the mistake is told at `at` (default: at `new`).

    `at` is a text of the broken file: its line is the one expected. An empty `at`: no line.
    """

    name: str
    file: str
    old: str
    new: str
    remedy: str
    at: str | None = None
    told_in: str | None = None


SITE, ZONES, MAP, PEOPLE = "site.yaml", "zones.geojson", "map.yaml", "visitors.yaml"
OUTLINE = "[-7.3, -4.8], [7.3, -4.8], [7.3, 4.8], [-7.3, 4.8], [-7.3, -4.8]"
TREE = "[2.6, 1.2], [3.8, 1.2], [3.8, 2.4], [2.6, 2.4], [2.6, 1.2]"
CASES = [
    Broken("a tab", SITE, "  latitude_deg", "\tlatitude_deg", "spaces"),
    Broken("a misspelt key", SITE, "timezone:", "timezon:", "did you mean 'timezone'"),
    Broken("a key with another unit", SITE, "speed_mps", "speed_kmh", "did you mean 'speed_mps'"),
    Broken("a key twice", SITE, "name: Yard", "name: Yard\nname: Gard", "remove", "name: Gard"),
    Broken("no retention", SITE, "retention:", "schedules_:", "add 'retention'", "format: 2"),
    Broken("half a retention", SITE, "  photos_days: 14\n", "", "photos_days", "incidents_days"),
    Broken("half a day", SITE, "photos_days: 14", "photos_days: 14.5", "round"),
    Broken("statements kept for no time", SITE, "  tracks_days: 2",
           "  tracks_days: 2\n  statements_days: 0", "days", "statements_days"),
    Broken("kept for ever", SITE, "tracks_days: 2", "tracks_days: 99999", "days"),
    Broken("no such latitude", SITE, "51.2254", "512254", "degrees north"),
    Broken("a quoted number", SITE, "6.7763", '"6.7763"', "unquoted"),
    Broken("a number with its unit", SITE, "offset_m: 0.9", "offset_m: 0.9 m", "without its unit"),
    Broken("not a number", SITE, "corner_radius_m: 1.0", "corner_radius_m: .nan", "plain number"),
    Broken("a mile wide", SITE, "speed_mps: 0.8", "speed_mps: 30", "metres a second"),
    Broken("too far inwards", SITE, "offset_m: 0.9", "offset_m: 6", "smaller offset_m"),
    Broken("an unknown direction", SITE, "counterclockwise\n", "clockwize\n", "'clockwise'"),
    Broken("an unknown checkpoint", SITE, "north_side]", "north_sid]", "'north_side'"),
    Broken("a checkpoint twice", SITE, "[gate, north_side]", "[gate, gate]", "rename"),
    Broken("a stop without an id", SITE, "[gate, north_side]", "[{speed_mps: 1}, north_side]",
           "add 'id'"),
    Broken("an unknown stop with options", SITE, "[gate, north_side]",
           "[gate, {id: north_sid, speed_mps: 0.5}]", "'north_side'"),
    Broken("a stop too fast", SITE, "[gate, north_side]", "[{id: gate, speed_mps: 9}, north_side]",
           "metres a second"),
    Broken("a stop at no hours", SITE, "[gate, north_side]",
           '[{id: gate, hours: ["mon 25:00-26:00"]}, north_side]', "HH:MM"),
    Broken("an unknown policy", SITE, "[gate, north_side]",
           "[gate, north_side]\n    on_failure: {otherwise: procede}", "'proceed'", "procede"),
    Broken("endless retries", SITE, "[gate, north_side]",
           "[gate, north_side]\n    on_failure: {retries: 99}", "tries", "retries"),
    Broken("a battery that returns before it starts", SITE, "[gate, north_side]",
           "[gate, north_side]\n    battery: {start_at: 0.3, return_at: 0.4}", "raise start_at",
           "battery"),
    Broken("half unpredictable", SITE, "[gate, north_side]",
           "[gate, north_side]\n    unpredictable: maybe", "true", "maybe"),
    Broken("an alarm outside", SITE, "retention:",
           "alarms: [{id: far, name: Far, at: [900, 2]}]\nretention:", "nearest place inside",
           "far"),
    Broken("an alarm of 300 of 100", SITE, "retention:",
           "alarms: [{id: far, name: Far, at: [1, 2], priority: 300}]\nretention:", "of 100",
           "far"),
    Broken("an unknown route", SITE, "route: perimeter", "route: perimetre", "'perimeter'"),
    Broken("an unknown day", SITE, "[mon, tue", "[mon, tues", "'tue'"),
    Broken("an hour too late", SITE, '"22:00"', '"25:00"', "22:30"),
    Broken("no laps", SITE, "laps: 2", "laps: 0", "laps"),
    Broken("an unknown time zone", SITE, "Europe/Berlin", "Europe/Berln", "'Europe/Berlin'"),
    Broken("an id with a space", SITE, "id: shed_dock", "id: Shed dock", "rename"),
    Broken("no docks", SITE, "docks:", "docks: []\nschedules_:", "add one", "docks: []"),
    Broken("a dock outside", SITE, "y_m: -0.85", "y_m: -85", "inside"),
    Broken("a dock behind", SITE, "yaw_deg: 90", "yaw_deg: -90", "yaw_deg", "outline_m"),
    Broken("a marker that there is not", SITE, "{id: 5, edge", "{id: 50, edge", "4x4_50"),
    Broken("a marker of no size", SITE, "edge_m: 0.16, ", "", "edge_m", "{id: 5"),
    Broken("lanes that are not there", SITE, "map: map.yaml", "map: map.yaml\nlanes: lanes.json",
           "remove 'lanes'", "lanes:"),
    Broken("a list", SITE, "datum:\n", "datum: []\nold_datum:\n", "key: value", "datum: []"),
    Broken("a mapping", SITE, "days: [mon, ", "days: {mon: 1} #", "write it as"),
    Broken("an unclosed list", SITE, "[gate, north_side]", "[gate, north_side", "mend", "docks:"),
    Broken("no map file", SITE, "map: map.yaml", "map: plan.yaml", "add plan", "", "plan.yaml"),
    Broken("cut off", ZONES, '      "geometry": {"type": "Point", "coordinates": [-1, 3.9]}\n'
           "    }\n  ]\n}\n", "", "ends too early", '"north_side"'),
    Broken("a comma too many", ZONES, "[3, -3.9]}", "[3, -3.9],}", "mend this line"),
    Broken("another collection", ZONES, "FeatureCollection", "Features", "FeatureCollection"),
    Broken("an open ring", ZONES, ", [2.6, 2.4], [2.6, 1.2]", ", [2.6, 2.4]", "close the ring"),
    Broken("a ring that crosses itself", ZONES, OUTLINE, OUTLINE.replace("[7.3, 4.8], [-7.3, 4.8]",
           "[-7.3, 4.8], [7.3, 4.8]"), "reorder"),
    Broken("two corners", ZONES, TREE, "[2.6, 1.2], [3.8, 1.2], [2.6, 1.2]", "add corners"),
    Broken("no corners", ZONES, OUTLINE, "", "add corners", '"coordinates": [['),
    Broken("degrees", ZONES, TREE, "[6.77631, 51.22541], [6.77632, 51.22541], "
           "[6.77632, 51.22542], [6.77631, 51.22541]", "not degrees"),
    Broken("a hole", ZONES, TREE + "\n      ]]", TREE + "], [\n[3, 1.5], [3.1, 1.5], [3.1, 1.6], "
           "[3, 1.5]]]", "drop the hole", "[3, 1.5], [3.1"),
    Broken("no outline", ZONES, '"kind": "outline"', '"kind": "public"', "add the site's", "{"),
    Broken("two outlines", ZONES, '"kind": "privacy", "hours": ["mon-fri 08:00-17:00"]',
           '"kind": "outline"', "keep one", "{"),
    Broken("an id twice", ZONES, '"shed_front"', '"tree"', "rename", '"kind": "speed"'),
    Broken("an unknown kind", ZONES, '"keep_out"', '"keepout"', "'keep_out'"),
    Broken("no kind", ZONES, ', "kind": "keep_out"', "", "add 'kind'", '"id": "tree"'),
    Broken("no limit", ZONES, ', "speed_limit_mps": 0.4', "", "speed_limit_mps", '"shed_front"'),
    Broken("a limit where none belongs", ZONES, '"kind": "keep_out"',
           '"kind": "keep_out", "speed_limit_mps": 1', "remove it"),
    Broken("half hours", ZONES, "mon-fri 08:00-17:00", "mon-fri 8-17", "HH:MM-HH:MM"),
    Broken("hours without days", ZONES, "mon-fri 08:00-17:00", "08:00-17:00", "'daily'"),
    Broken("a checkpoint outside", ZONES, "[3, -3.9]", "[3, -39]", "move the checkpoint inside"),
    Broken("a checkpoint in a keep-out", ZONES, "[3, -3.9]", "[2.8, 1.4]", "shrink the zone"),
    Broken("a checkpoint in a wall", ZONES, "[-1, 3.9]", "[-1, 1]", "free space"),
    Broken("a checkpoint at a wall", ZONES, "[-1, 3.9]", "[-1, 2.1]", "away from the obstacle"),
    Broken("a point in three dimensions", ZONES, "[3, -3.9]", "[3, -3.9, 0]", "give two"),
    Broken("a coordinate that is none", ZONES, "[3, -3.9]", "[3, NaN]", "plain number"),
    Broken("a zone elsewhere", ZONES, TREE, TREE.replace("1.2]", "51.2]").replace("2.4]", "52.4]"),
           "coordinates", '"Polygon", "coordinates": [[\n        [2.6, 51.2]'),
    Broken("a negative dwell", ZONES, '"dwell_s": 3', '"dwell_s": -3', "seconds"),
    Broken("a zone that is a point", ZONES, '"Polygon"', '"Point"', "'Polygon'"),
    Broken("no resolution", MAP, "resolution: 0.05", "resolution: 0", "m a cell"),
    Broken("no image", MAP, "image: map.pgm", "image: mop.pgm", "correct the name"),
    Broken("a turned map", MAP, "-6, 0.0]", "-6, 1.57]", "not supported"),
    Broken("a shifted map", MAP, "origin: [-9", "origin: [9", "origin", "map: map.yaml", SITE),
    Broken("coarser than its image", MAP, "resolution: 0.05", "resolution: 0.01", "resolution",
           "map: map.yaml", SITE),
    Broken("another mode", MAP, "mode: trinary", "mode: raw", "choose one"),
    Broken("opening hours", PEOPLE, "mon-fri 08:00-17:00", "weekdays", "HH:MM"),
    Broken("half a contact", PEOPLE, "    where:\n      en: at the tool",
           "    there:\n      en: at the tool",
           "did you mean 'where'"),
    Broken("a place of visitors outside", PEOPLE, "[-0.6, -1.2]", "[-60, -1.2]", "as a question",
           "- id: shed"),
]  # fmt: skip


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    return Path(shutil.copytree(YARD, tmp_path / "yard"))


def line_of(text: str, part: str) -> int:
    return text.count("\n", 0, text.index(part)) + 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_with_file_line_and_remedy(case: Broken, yard: Path) -> None:
    file = yard / case.file
    good = file.read_text()
    assert case.old in good
    bad = good.replace(case.old, case.new, 1)
    file.write_text(bad)
    told_in = yard / (case.told_in or case.file)
    at = case.new if case.at is None else case.at
    line = line_of(told_in.read_text(), at) if at else None

    problems = check_site(yard).problems

    found = [(p.place.file, p.place.line, p.remedy) for p in problems if p.place is not None]
    assert any(
        where == told_in and number == line and case.remedy in remedy
        for where, number, remedy in found
    ), f"expected {told_in}:{line} with {case.remedy!r}, got\n" + "\n".join(map(str, problems))
    assert all(problem.expected and problem.remedy for problem in problems)


def test_nobody_is_to_wait_in_a_keep_clear_zone(yard: Path) -> None:
    file = yard / ZONES
    kept_clear = file.read_text().replace('"speed", "speed_limit_mps": 0.4', '"keep_clear"')
    file.write_text(kept_clear)
    assert check_site(yard).problems == ()
    file.write_text(kept_clear.replace("[3, -3.9]", "[-1, -1.5]"))
    (problem,) = check_site(yard).problems
    assert problem.problem == "checkpoint 'gate' lies in the keep-clear zone 'shed_front'"
    assert "move the checkpoint" in problem.remedy


def test_the_files_themselves(yard: Path) -> None:
    def told(file: str, data: bytes | None) -> ConfigError:
        before = (yard / file).read_bytes()
        (yard / file).unlink() if data is None else (yard / file).write_bytes(data)
        problems = check_site(yard).problems
        (yard / file).write_bytes(before)
        assert len(problems) >= 1
        return problems[0]

    image = (yard / "map.pgm").read_bytes()
    assert "add visitors.yaml" in told("visitors.yaml", None).remedy
    assert "save it as UTF-8" in told("site.yaml", b"name: \xff").remedy
    assert "empty" in told("site.yaml", b"# nothing\n").problem
    assert "control character" in told("site.yaml", b"name: \x01").problem
    assert "'key: value'" in told("site.yaml", b"- a\n- b\n").remedy
    assert "'key: value'" in told("zones.geojson", b"[]").remedy
    assert "ends too early" in told("zones.geojson", b"").remedy
    assert "deeply" in told("site.yaml", b"[" * 100_000).problem
    assert "deeply" in told("site.yaml", b"- " * 100_000).problem
    assert "deeply" in told("zones.geojson", b"[" * 100_000).problem
    assert "not a word" in told("site.yaml", b"format: 2\n? [a]\n: b\n").problem
    assert "convert the image to PGM" in told("map.pgm", b"\x89PNG\r\n").remedy
    assert "copy it again" in told("map.pgm", image[:5000]).remedy
    assert "convert" in told("map.pgm", b"P5\n2 2\n65535\n" + bytes(8)).remedy
    assert check_site(yard).problems == ()


def test_every_mistake_is_told_at_once(yard: Path) -> None:
    for file, old, new in (
        (SITE, "51.2254", "north"),
        (SITE, "laps: 2", "laps: 0"),
        (ZONES, "[3, -3.9]", "[3, -39]"),
        (MAP, "resolution: 0.05", "resolution: 0"),
        (PEOPLE, "{en: Caretaker", "{en: ''"),
    ):
        path = yard / file
        path.write_text(path.read_text().replace(old, new))
    with pytest.raises(SiteError) as caught:
        load_site(yard)
    files = [problem.place.file.name for problem in caught.value.problems if problem.place]
    assert files == [SITE, SITE, PEOPLE, ZONES, MAP]
    assert "and 4 more mistakes" in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="no such site folder"):
        load_site(tmp_path / "nowhere")


def test_tabs_and_unquoted_hours_are_no_mistakes(yard: Path) -> None:
    zones, site = yard / ZONES, yard / SITE
    zones.write_text(zones.read_text().replace("  ", "\t"))
    site.write_text(site.read_text().replace('"22:00"', "22:00"))
    loaded = load_site(yard)
    assert loaded.schedules[0].starts_s == (22 * 3600,)
    assert len(loaded.zones) == 3


def test_a_wider_robot_needs_more_room(yard: Path) -> None:
    assert load_site(yard, half_width_m=0.25).name == "Yard"
    with pytest.raises(SiteError, match="from an obstacle"):
        load_site(yard, half_width_m=1.2)


def test_the_command_names_place_and_remedy_and_fails(yard: Path) -> None:
    good = CliRunner().invoke(app, ["check", str(yard)])
    assert good.exit_code == 0
    assert "Yard: all right (3 zones, 2 checkpoints, 1 route" in good.output
    site = yard / SITE
    site.write_text(site.read_text().replace("51.2254", "512254").replace("laps: 2", "laps: 0"))
    bad = CliRunner().invoke(app, ["check", str(yard)])
    assert bad.exit_code == 1
    assert f"{site}:{line_of(site.read_text(), '512254')}" in bad.output
    assert "check the unit: degrees north" in bad.output
    assert "2 mistakes" in bad.output
