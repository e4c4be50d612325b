"""Several robots in one graph: what is started for each, and how crosstalk is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from patrol_core.errors import ConfigError, RondaError
from patrol_core.processes import BASE, PROCESSES
from patrol_core.site.own_docks import with_own_docks
from ronda_cli.fleet import crosstalk, members_of, write_launch
from ronda_cli.launcher.evaluate import evaluate
from ronda_cli.launcher.packages import source_packages
from ronda_cli.setting import Setting, load_setting
from ronda_cli.simulation import SimOptions

OPTIONS = SimOptions(kiosk_port=8470, console_port=8480)


@pytest.fixture(scope="module")
def court() -> Setting:
    return load_setting("court")


def test_each_robot_has_every_process_a_namespace_and_a_dock(
    court: Setting, tmp_path: Path
) -> None:
    members = members_of("a, b", court.site, OPTIONS, tmp_path)
    file = write_launch(tmp_path / "fleet.launch.xml", court, OPTIONS, members)
    specs = evaluate(file, {}, source_packages(), os.environ)
    assert len(specs) == 1 + 2 * (len(PROCESSES) - 1)
    lines = [" ".join(spec.argv) for spec in specs]
    assert 'robots:="a,b"' in next(line for line in lines if "sim_node" in line)
    for member, dock in zip(members, court.site.docks, strict=True):
        own = [line for line in lines if f"__ns:=/{member.name}" in line]
        assert len(own) == len([p for p in PROCESSES if p is not BASE])
        assert all(str(member.folder) in line for line in own)
        assert sum(f'own_docks:="{dock.dock_id}"' in line for line in own) == 4
    assert [member.console_port for member in members] == [8480, 8481]
    assert members[0].route_id != members[1].route_id


@pytest.mark.parametrize("names", ["a,a", "a,,b", "A", "a/b", "a,b,c"])
def test_names_that_are_none_and_robots_without_dock_are_refused(
    court: Setting, tmp_path: Path, names: str
) -> None:
    with pytest.raises(RondaError, match=r"different names|has 2 dock"):
        members_of(names, court.site, OPTIONS, tmp_path)


def test_crosstalk_is_told_by_node_and_topic() -> None:
    apart = {
        "/a/scan": ({"/base"}, {"/a/nav", "/a/ronda_cli"}),
        "/b/scan": ({"/base"}, {"/b/nav"}),
        "/clock": ({"/base"}, {"/a/nav", "/b/nav"}),
    }
    assert crosstalk(apart, ["a", "b"], ["ronda_cli"]) == []
    mixed = apart | {"/a/cmd_vel": ({"/b/gate"}, {"/base"}), "/plan": ({"/a/nav"}, set())}
    assert crosstalk(mixed, ["a", "b"], []) == [
        "/b/gate publishes /a/cmd_vel",
        "/a/nav publishes /plan",
    ]


def test_a_robot_sees_its_own_docks_in_its_order(court: Setting) -> None:
    site = with_own_docks(court.site, "north_dock, south_dock")
    assert [dock.dock_id for dock in site.docks] == ["north_dock", "south_dock"]
    assert with_own_docks(court.site, "") is court.site
    with pytest.raises(ConfigError, match=r"'east_dock'.*among south_dock, north_dock"):
        with_own_docks(court.site, "east_dock")
