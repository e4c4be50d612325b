"""The generic host: parameters are checked, ticks are logged, what was remembered comes back."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.utilities import try_shutdown
from tests.echo_assembly import HEARD

from patrol_core.errors import ConfigError
from patrol_core.geometry import Pose2
from patrol_core.params import param
from patrol_core.processes import Process
from patrol_core.tick_log import read_ticks
from patrol_core.topics import AMCL_POSE, INITIALPOSE, PATROL_COMMAND
from patrol_core.types.mission import PatrolCommand, PatrolVerb
from patrol_core.types.motion import PoseEstimate
from patrol_host_ros.host import ProcessHost
from patrol_host_ros.memory import Memory, MemoryFile
from patrol_host_ros.parameters import HostSettings, make_context, read_parameters
from patrol_host_ros.rows import advertised
from patrol_perception.params import PerceptionParams

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Inner:
    gain: float = param(0.5, "Gain", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Params:
    mode: str = param("slow", "Pace", choices=("slow", "fast"))
    count: int = param(3, "How many", 1, 9)
    inner: Inner = field(default_factory=Inner)


@pytest.fixture(autouse=True)
def ros() -> Iterator[None]:
    rclpy.init(domain_id=os.getpid() % 90 + 10)
    yield
    while _nodes:
        _nodes.pop().destroy_node()
    try_shutdown()


_Parameter: Any = Parameter
_nodes: list[Any] = []
"""Left in the graph by the test that runs."""


def node(**values: Any) -> Any:
    overrides = [
        _Parameter(name.replace("__", "."), value=value) for name, value in values.items()
    ]
    made = Node(
        "host",
        enable_rosout=False,
        parameter_overrides=overrides,
        automatically_declare_parameters_from_overrides=True,
    )
    _nodes.append(made)
    return made


def test_parameters_are_a_tree_with_defaults() -> None:
    settings, params = read_parameters(node(mode="fast", inner__gain=1, seed=4), Params)
    assert settings == HostSettings(seed=4)
    assert params == Params("fast", 3, Inner(1.0))


def test_what_the_robots_own_file_says_goes_before_what_the_node_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "/**:\n  ros__parameters:\n    inner: {gain: 0.5}\n"
    (tmp_path / "perception.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("RONDA_PARAMS", str(tmp_path))
    _, params = read_parameters(node(mode="fast", inner__gain=1.0), Params, "perception")
    assert params == Params("fast", 3, Inner(0.5))


def test_parameters_are_declared_with_their_meaning_and_read_only() -> None:
    made = node(inner__gain=0.25)
    read_parameters(made, Params)
    descriptor = made.describe_parameter("inner.gain")
    assert descriptor.description == "Gain"
    assert (descriptor.floating_point_range[0].to_value, descriptor.read_only) == (1.0, True)
    assert made.get_parameter("inner.gain").value == 0.25
    assert made.get_parameter("count").value == 3
    assert "slow, fast" in made.describe_parameter("mode").additional_constraints


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"inner__gian": 0.3}, "did you mean 'inner.gain'"),
        ({"inner__gain": 1.5}, "expected 0 to 1"),
        ({"mode": "still"}, "one of slow, fast"),
        ({"count": "many"}, "type int"),
        ({"seed": -1}, "'seed' is -1"),
    ],
)
def test_a_wrong_parameter_is_refused_in_words(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_parameters(node(**values), Params)


def test_a_process_needs_its_site(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'site' is not set"):
        make_context(HostSettings(robot="r", run_folder=str(tmp_path)))


def test_memory_gives_back_what_was_kept(tmp_path: Path) -> None:
    def faded(estimate: PoseEstimate) -> PoseEstimate:
        return PoseEstimate(estimate.stamp_s, estimate.pose, (1.0, *estimate.covariance[1:]))

    memory = Memory(AMCL_POSE, INITIALPOSE, faded)
    file = MemoryFile(memory, tmp_path, "nav")
    assert file.recalled() is None
    file.keep(PoseEstimate(7.0, Pose2(1.0, 2.0, 0.5)), 7.0)
    file.keep(PoseEstimate(7.1, Pose2(9.0, 9.0, 0.5)), 7.1)
    recalled = MemoryFile(memory, tmp_path, "nav").recalled()
    assert (recalled.stamp_s, recalled.pose.x_m, recalled.covariance[0]) == (7.0, 1.0, 1.0)
    assert MemoryFile(memory, tmp_path, "mission").recalled() is None


def test_a_logged_tick_names_what_each_component_saw(tmp_path: Path) -> None:
    from patrol_core.processes import MISSION
    from patrol_host_ros.host import ProcessHost

    arguments = {
        "site": ROOT / "sites" / "yard",
        "robot": ROOT / "urdf" / "config" / "rover.yaml",
        "run_folder": tmp_path,
        "log_ticks": "true",
    }
    words = [word for name, value in arguments.items() for word in ("-p", f"{name}:={value}")]
    try_shutdown()
    rclpy.init(args=["--ros-args", *words], domain_id=os.getpid() % 90 + 10)
    host: Any = ProcessHost(MISSION)
    host._seat.deliver(AMCL_POSE, PoseEstimate(7.0, Pose2(1.0, 2.0, 0.5)))
    host._tick()
    host.close()
    (life,) = read_ticks(tmp_path / "ticks-mission.jsonl")
    assert (life.process, life.given["seed"]) == ("mission", 0)
    tick = life.ticks[0]
    assert any(numbers.get("amcl_pose") == 1 for numbers, _ in tick.seen.values())
    (told,) = (told for told in tick.arrived if told.row == "amcl_pose")
    assert (told.digest, told.as_value(AMCL_POSE).pose) == (None, Pose2(1.0, 2.0, 0.5))
    assert any(told.row == "patrol_status" and told.digest for told in tick.said)


def test_what_the_site_has_learned_counts_for_more_than_what_the_node_was_given(
    tmp_path: Path,
) -> None:
    version = tmp_path / "learned" / "0001"
    version.mkdir(parents=True)
    (version / "perception.yaml").write_text(
        "/**: {ros__parameters: {evidence: {min_scans: 20}}}\n"
    )
    (tmp_path / "learned" / "in_force.yaml").write_text("- {version: 1}\n")
    given: dict[str, Any] = {
        "site": str(tmp_path),
        "evidence__min_scans": 14,
        "evidence__min_views": 7,
    }
    made = node(**given)
    _, params = read_parameters(made, PerceptionParams, "perception")
    assert (params.evidence.min_scans, params.evidence.min_views) == (20, 7)
    assert made.get_parameter("evidence.min_scans").value == 20
    _, plain = read_parameters(node(**given), PerceptionParams, "nav")
    assert plain.evidence.min_scans == 14


def test_a_row_that_others_write_too_is_heard_and_ones_own_words_are_no_news(
    tmp_path: Path,
) -> None:
    overrides = {
        "site": str(ROOT / "sites" / "yard"), "run_folder": str(tmp_path),
        "robot": str(ROOT / "urdf" / "config" / "rover.yaml"),
    }  # fmt: skip
    host = ProcessHost(
        Process("speaker", 10.0, "tests.echo_assembly"),
        parameter_overrides=[_Parameter(name, value=value) for name, value in overrides.items()],
    )
    other = node()
    _nodes.append(host)
    say = advertised(other, PATROL_COMMAND)
    executor = SingleThreadedExecutor()
    executor.add_node(host)
    end_s, said_s = time.monotonic() + 20.0, 0.0
    while "anna" not in HEARD and time.monotonic() < end_s:
        if time.monotonic() - said_s > 0.5:
            said_s = time.monotonic()
            say(PatrolCommand(2.0, PatrolVerb.PAUSE, "anna"))
        executor.spin_once(timeout_sec=0.1)
    end_s = time.monotonic() + 1.0
    while time.monotonic() < end_s:
        executor.spin_once(timeout_sec=0.05)
    assert HEARD.count("myself") == 2, "within the process, each once"
    assert "anna" in HEARD
