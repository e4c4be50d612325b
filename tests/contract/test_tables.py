"""The topic table says who writes what; the components that are really built keep to it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from patrol_core import topics
from patrol_core.actions import ACTIONS, SERVICES
from patrol_core.component import Component, ProcessContext
from patrol_core.processes import PROCESSES, Process
from patrol_core.robot import load_robot
from patrol_core.site import load_site
from patrol_core.topics import TOPICS, Topic
from patrol_core.types.sensors import CompressedImage, DepthImage, ThermalImage
from patrol_gate.gate import Gate
from ronda_cli.environment.paths import ROOT

PICTURES = (CompressedImage, DepthImage, ThermalImage)
HOSTED = [process for process in PROCESSES if process.assembly]
ROWS = {
    row.name: row
    for row in (
        *TOPICS,
        *(r for a in ACTIONS for r in (a.goal, a.feedback, a.result, a.cancel)),
        *(r for s in SERVICES for r in (s.request, s.response)),
    )
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Component]]:
    context = ProcessContext(
        load_site(ROOT / "sites" / "yard"),
        load_robot(ROOT / "urdf" / "config" / "rover.yaml"),
        tmp_path_factory.mktemp("run"),
    )
    components: dict[str, list[Component]] = {}
    for process in HOSTED:
        assembly = importlib.import_module(process.assembly)
        components[process.name] = assembly.build(context, assembly.PARAMS())
    return components


def written(built: dict[str, list[Component]], process: str) -> set[str]:
    return {row.name for component in built[process] for row in component.writes}


@pytest.mark.parametrize("process", HOSTED, ids=lambda process: process.name)
def test_a_process_writes_what_the_table_grants_it_and_nothing_else(
    built: dict[str, list[Component]], process: Process
) -> None:
    granted = {row.name for row in ROWS.values() if process.name in row.writers}
    assert written(built, process.name) | {topics.DIAGNOSTICS.name} == granted


def test_the_gate_alone_moves_the_robot() -> None:
    granted = {row.name for row in TOPICS if "gate" in row.writers}
    assert {row.name for row in Gate.writes} | {topics.DIAGNOSTICS.name} == granted
    assert topics.CMD_VEL.writers == ("gate",)


@pytest.mark.parametrize("process", HOSTED, ids=lambda process: process.name)
def test_every_row_that_is_read_is_in_the_table(
    built: dict[str, list[Component]], process: Process
) -> None:
    reads: list[Topic[Any]] = [row for c in built[process.name] for row in c.reads]
    assert all(ROWS.get(row.name) is row for row in reads)


@pytest.mark.parametrize("row", topics.UNBLURRED, ids=lambda row: row.name)
def test_only_perception_reads_the_unblurred_picture_and_depth(
    built: dict[str, list[Component]], row: Topic[Any]
) -> None:
    readers = {
        name
        for name, components in built.items()
        if any(row in component.reads for component in components)
    }
    assert readers == {"perception"}
    assert row not in Gate.reads


def test_only_base_and_perception_publish_pictures() -> None:
    pictures = {row: row.writers for row in TOPICS if row.value_type in PICTURES}
    assert {row for row, writers in pictures.items() if writers == ("base",)} == {
        *topics.UNBLURRED
    }
    assert {row for row, writers in pictures.items() if writers != ("base",)} == {
        topics.CAMERA_BLURRED
    }
    assert topics.CAMERA_BLURRED.writers == ("perception",)


def test_rates_are_those_of_the_process_table(built: dict[str, list[Component]]) -> None:
    rates = {process.name: process.rate_hz for process in HOSTED}
    for name, components in built.items():
        assert {component.rate_hz for component in components} == {rates[name]}, name


def test_run_folder_is_not_written_before_setup(tmp_path: Path) -> None:
    context = ProcessContext(
        load_site(ROOT / "sites" / "yard"),
        load_robot(ROOT / "urdf" / "config" / "rover.yaml"),
        tmp_path,
    )
    for process in HOSTED:
        assembly = importlib.import_module(process.assembly)
        assembly.build(context, assembly.PARAMS())
    assert list(tmp_path.iterdir()) == []
