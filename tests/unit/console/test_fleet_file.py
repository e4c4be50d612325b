"""The file of further robots: what it says, and what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.simulated import ROOT

from patrol_console.fleet import MAX_ROBOTS, read_fleet
from patrol_core.component import ProcessContext
from patrol_core.errors import ConfigError
from patrol_core.robot import load_robot
from patrol_core.site import load_site

ENTRY = f"{{site: {ROOT}/sites/depot, robot: {ROOT}/urdf/config/rover.yaml, run_folder: runs/x}}"


@pytest.fixture
def own(tmp_path: Path) -> ProcessContext:
    robot = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
    return ProcessContext(load_site(ROOT / "sites" / "depot"), robot, tmp_path, 7, 5.0)


def test_each_robot_has_a_site_and_records_of_its_own(tmp_path: Path, own: ProcessContext) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text(f"robots:\n  south: {ENTRY}\n  north_2: {ENTRY}\n")
    found = read_fleet(file, "ronda", own)
    assert [one.name for one in found] == ["south", "north_2"]
    assert found[0].context.run_folder == tmp_path / "runs/x"
    assert found[0].context.site.name == own.site.name
    assert found[0].context.epoch_s == 5.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file"),
        ("robots: [south]", "robots"),
        ("robots: {South: {}}", "robots"),
        (f"robots: {{ronda: {ENTRY}}}", "own name"),
        ("robots: {south: {site: x, run_folder: y}}", "robots.south.robot"),
        (f"robots: {{south: {ENTRY}}}\nmore: 1", "more"),
        ("robots: {south: {site: nowhere, robot: nothing, run_folder: y}}", "nothing"),
        ("robots: {", "YAML"),
        (
            "robots:\n" + "".join(f"  r{n}: {ENTRY}\n" for n in range(MAX_ROBOTS + 1)),
            f"{MAX_ROBOTS + 1} of them",
        ),
    ],
)
def test_a_mistake_names_the_file_and_what_is_wrong(
    tmp_path: Path, own: ProcessContext, text: str, words: str
) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_fleet(file, "ronda", own)
    assert words in str(caught.value) and str(tmp_path) in str(caught.value)
