"""The behaviour file is read, and every mistake in it is told with line, expectation, remedy."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from tests.unit.perception.behaviour_play import YARD

from patrol_core.site import SiteError, load_site
from patrol_core.site.behaviour import RuleKind
from patrol_core.site.behaviour_file import read_behaviour
from patrol_core.site.model import Retention, Site, Zone

ROOT = Path(__file__).parents[3]
ALWAYS = dataclasses.replace(YARD, zone_id="lawn", hours=())
GOOD = """\
rules:
  - id: stay
    kind: loitering
    radius_m: 3
    for_s: 60
    zones: [yard, lawn]
    hours: ["daily 20:00-06:00"]
  - id: run
    kind: running
    speed_mps: 2.5
    for_s: 1.6
  - {id: lie, kind: lying, for_s: 4}
  - {id: many, kind: crowd, people: 5, radius_m: 3, for_s: 20}
  - {id: shut, kind: closed_zone, zones: [yard], for_s: 5}
  - {id: free, kind: keep_free, zones: [lawn], for_s: 60, length_m: 2}
"""


def site_of(folder: Path, *zones: Zone) -> Site:
    return Site(
        "test", folder, 0.9, 0.1, "UTC", ((0, 0), (1, 0), (1, 1)), zones or (YARD, ALWAYS), (), (),
        (), (), Retention(1, 1, 1), Path("map.yaml"),
    )  # fmt: skip


def test_every_kind_is_read(tmp_path: Path) -> None:
    (tmp_path / "behaviour.yaml").write_text(GOOD, encoding="utf-8")
    rules = read_behaviour(site_of(tmp_path))
    assert {rule.kind for rule in rules} == set(RuleKind)
    stay = rules[0]
    assert (stay.zone_ids, stay.radius_m, stay.for_s) == (("yard", "lawn"), 3.0, 60.0)
    assert stay.hours[0].contain(2, 3600)
    assert (rules[-1].zone_ids, rules[-1].length_m) == (("lawn",), 2.0)


def test_a_site_without_the_file_has_no_rules(tmp_path: Path) -> None:
    assert read_behaviour(site_of(tmp_path)) == ()


def test_the_depot_has_a_rule_of_each_kind_and_the_yard_none() -> None:
    depot, yard = (
        read_behaviour(load_site(ROOT / "sites" / name, with_map=False))
        for name in ("depot", "yard")
    )
    assert {rule.kind for rule in depot} == set(RuleKind) and yard == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("kind: loitering", "kind: loitring", 3, "did you mean 'loitering'"),
        ("radius_m: 3\n", "radius: 3\n", 4, "did you mean 'radius_m'"),
        ("    radius_m: 3\n", "", 2, "add 'radius_m'"),
        ("for_s: 60", "for_s: 60 s", 5, "without its unit"),
        ("for_s: 60", "for_s: 1", 5, "5 to 1800"),
        ("for_s: 60", "for_s: -60", 5, "seconds"),
        ("speed_mps: 2.5", "speed_mps: 25", 10, "m/s"),
        ("speed_mps: 2.5", "speed_mps: 2.5\n    radius_m: 1", 11, "remove it"),
        ("[yard, lawn]", "[yrd, lawn]", 6, "did you mean 'yard'"),
        ("[yard, lawn]", "[]", 6, "name a zone"),
        ("daily 20:00", "daily 8pm", 7, "HH:MM"),
        ("for_s: 1.6", "for_s: 60", 11, "0.6 to 5"),
        ("people: 5", "people: 5.5", 13, "round"),
        ("people: 5", "people: 1", 13, "2 to 100"),
        ("id: run", "id: stay", 8, "rename"),
        ("id: run", "id: Run!", 8, "rename"),
        ("    kind: running\n", "", 8, "add 'kind'"),
        ("zones: [yard], for_s: 5", "zones: [lawn], for_s: 5", 14, "never closed"),
        ("zones: [yard], for_s: 5", "for_s: 5", 14, "add 'zones'"),
        ("rules:\n", "ruls:\n", 1, "did you mean 'rules'"),
        ("rules:\n", "rules: 3\nold:\n", 1, "list"),
        ("[yard, lawn]", "[yard, lawn", 7, "mend"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    old: str, new: str, line: int, told: str, tmp_path: Path
) -> None:
    assert old in GOOD
    (tmp_path / "behaviour.yaml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        read_behaviour(site_of(tmp_path))
    words = "\n".join(str(problem) for problem in caught.value.problems)
    assert told in words
    assert f"behaviour.yaml:{line}: " in words
    assert all(problem.expected and problem.remedy for problem in caught.value.problems)
