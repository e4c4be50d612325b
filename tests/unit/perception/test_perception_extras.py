"""Behaviour and names through the component as a host drives it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.perception.onnx_files import fixed
from tests.unit.perception.ray_world import Person
from tests.unit.perception.rover import ROBOT
from tests.unit.perception.test_naming_network import answer
from tests.unit.perception.test_perception_component import Host, site

from patrol_core import topics
from patrol_core.component import ProcessContext
from patrol_core.errors import ConfigError
from patrol_core.geometry import Pose2
from patrol_core.params import ParamValue, make_params
from patrol_core.site import SiteError
from patrol_core.types.perception import FindingKind
from patrol_perception.assembly import PARAMS, build

RULE = "rules:\n  - {id: stay, kind: loitering, radius_m: 2, for_s: 5}\n"


def host(
    folder: Path, values: dict[str, ParamValue] | None = None, *, camera: bool = True
) -> Host:
    """A host whose component has other parameters, in a site folder of its own."""
    made = Host(camera=camera, folder=folder)
    context = ProcessContext(replace(site(), folder=folder), ROBOT, folder, 1000)
    given = {"camera.detector": "none", **(values or {})}
    (made.component,) = build(context, make_params(PARAMS, given))
    made.component.setup()
    return made


def network(folder: Path) -> str:
    """A detector that sees small suitcases all over the picture."""
    tiles = [(1, 4.0 + 8.0 * (k % 8), 28.0 + 8.0 * (k // 8), 8.0, 8.0, 0.8) for k in range(32)]
    (folder / "net.onnx").write_bytes(fixed(answer("v8", tiles)))
    (folder / "net.txt").write_text("person\nsuitcase\ndog\n", encoding="utf-8")
    return str(folder / "net.onnx")


def test_who_stays_is_found_with_rule_and_place(tmp_path: Path) -> None:
    (tmp_path / "behaviour.yaml").write_text(RULE, encoding="utf-8")
    watched = host(tmp_path, camera=False)
    watched.world.people = [Person([(0.0, 4.0, 9.0), (3.0, 7.0, 8.0), (99.0, 7.0, 8.0)])]
    said = [f for _ in range(95) for f in watched.tick(Pose2(5.0, 5.0)).of(topics.FINDINGS)]
    stays = [finding for finding in said if finding.kind is FindingKind.BEHAVIOUR]
    assert len({finding.finding_id for finding in stays}) == 1
    assert np.hypot(stays[0].x_m - 7.0, stays[0].y_m - 8.0) < 0.3
    assert "rule 'stay'" in stays[0].reason


def test_a_finding_is_named_by_the_network(tmp_path: Path) -> None:
    named = host(tmp_path, {"naming.model": network(tmp_path)})
    last = named.drive(4.0)[-1]
    assert last.kind is FindingKind.OBJECT
    assert "Looks like: suitcase, 0.80." in last.reason
    assert last.evidence[-1].name == "looks like suitcase"


def test_a_broken_network_ends_the_process_with_a_sentence(tmp_path: Path) -> None:
    model = network(tmp_path)
    Path(model).write_bytes(b"no network")
    with pytest.raises(ConfigError, match="cannot be read as a network"):
        host(tmp_path, {"naming.model": model})


def test_without_onnxruntime_it_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    nameless = host(tmp_path, {"naming.model": network(tmp_path), "camera.detector": "onnx"})
    outputs = nameless.tick(Pose2(5.0, 3.0))
    (health,) = outputs.of(topics.DIAGNOSTICS)
    assert health.name == "perception/naming" and "not installed" in health.message
    assert len(outputs.of(topics.TRACKS)) == 1
    assert len(outputs.of(topics.CAMERA_BLURRED)) == 1
    assert nameless.tick(Pose2(5.0, 3.0)).of(topics.DIAGNOSTICS) == []


def test_wrong_rules_end_the_process_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "behaviour.yaml").write_text(RULE.replace("stay,", "Stay,"), encoding="utf-8")
    with pytest.raises(SiteError, match=r"behaviour\.yaml:2"):
        host(tmp_path)
