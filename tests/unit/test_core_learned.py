"""Learned values: which are in force, what may be learned, and the hash that names it all."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from patrol_core.configuration import config_hash
from patrol_core.errors import ConfigError
from patrol_core.learned import (
    PLACES_FILE,
    file_in_force,
    learned_values,
    version_in_force,
    versions_in_force,
)
from patrol_core.robot import load_robot
from patrol_core.site import load_site
from patrol_perception.params import EvidenceParams, PerceptionParams
from ronda_cli.environment.paths import ROOT

HEAD = "/**:\n  ros__parameters:\n    "


def keep(site: Path, version: int, body: str, in_force: bool = True) -> None:
    folder = site / "learned" / f"{version:04d}"
    folder.mkdir(parents=True)
    (folder / "perception.yaml").write_text(HEAD + body)
    (folder / PLACES_FILE).write_text("places: []\n")
    if in_force:
        with (site / "learned" / "in_force.yaml").open("a") as file:
            file.write(f"- {{version: {version}}}\n")


def values(site: Path, process: str = "perception") -> dict[str, object]:
    return dict(learned_values(site, process, PerceptionParams))


def test_the_last_line_is_in_force_and_zero_is_what_was_shipped(tmp_path: Path) -> None:
    assert version_in_force(tmp_path) == 0 and values(tmp_path) == {}
    keep(tmp_path, 1, "evidence: {min_scans: 20}")
    keep(tmp_path, 2, "evidence: {min_scans: 30}")
    assert values(tmp_path) == {"evidence.min_scans": 30}
    with (tmp_path / "learned" / "in_force.yaml").open("a") as file:
        file.write("- {version: 1}\n- {version: 0}\n- {vers")  # the last one was cut off
    assert versions_in_force(tmp_path) == [0, 1, 2, 1, 0]
    assert values(tmp_path) == {} and file_in_force(tmp_path, PLACES_FILE) is None


def test_nothing_but_thresholds_of_evidence_can_be_learned(tmp_path: Path) -> None:
    keep(tmp_path, 1, "tracks: {leg_share: 0.5}")
    with pytest.raises(ConfigError, match=r"0001.perception.yaml: 'tracks.leg_share' cannot be"):
        values(tmp_path)
    assert values(tmp_path, "gate") == values(tmp_path, "nav") == {}


def test_a_learned_value_out_of_bounds_names_its_file(tmp_path: Path) -> None:
    keep(tmp_path, 1, "evidence: {min_extent_m: 7.0}")
    with pytest.raises(ConfigError, match=r"0001.perception.yaml: .*min_extent_m.*0.02 to 1"):
        values(tmp_path)


@pytest.mark.parametrize(
    "line", ["- {version: 3}", "- {version: yes}", "nothing", "- 1", "[{", "- {version: -1}", ""]
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    keep(tmp_path, 1, "evidence: {}")
    with (tmp_path / "learned" / "in_force.yaml").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(ConfigError, match=r"in_force.yaml:2: .*to do: remove this line"):
        version_in_force(tmp_path)


def test_the_hash_changes_with_parameters_site_map_robot_and_places(tmp_path: Path) -> None:
    folder = tmp_path / "yard"
    shutil.copytree(ROOT / "sites" / "yard", folder)
    site = load_site(folder)
    robot = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
    params, code = PerceptionParams(), ("patrol_core",)
    hashes = [config_hash(params, site, robot, code)]
    assert len(hashes[0]) == 12 and config_hash(params, site, robot, code) == hashes[0]
    other = dataclasses.replace(params, evidence=EvidenceParams(min_scans=15))
    hashes.append(config_hash(other, site, robot, code))
    hashes.append(config_hash(params, site, dataclasses.replace(robot, name="x"), code))
    hashes.append(config_hash(params, site, robot, ("patrol_perception",)))
    for name in ("zones.geojson", "map.pgm", "checks.yaml"):
        with (folder / name).open("ab") as file:
            file.write(b"\n")
        hashes.append(config_hash(params, site, robot, code))
    rules = folder / "rules.yaml"
    hashes.append(config_hash(params, site, robot, code, (rules,)))
    rules.touch()
    hashes.append(config_hash(params, site, robot, code, (rules,)))
    keep(folder, 1, "evidence: {}")
    hashes.append(config_hash(params, site, robot, code))
    assert len(set(hashes)) == len(hashes)
