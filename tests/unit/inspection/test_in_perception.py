"""The component reads a check by its scans and pictures and publishes what it gave."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.perception import test_perception_component as component

from patrol_core import topics
from patrol_core.geometry import Pose2
from patrol_core.site.checks import Check, Criterion, DoorReader
from patrol_core.types.inspection import CheckOutcome, CheckResult
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.perception import Finding, FindingKind

WALL = DoorReader((5.0, 0.0), (7.0, 0.0))
"""A part of the fence: always there."""


@pytest.mark.parametrize("camera", [True, False], ids=["with a camera", "by lidar alone"])
def test_a_failed_check_is_a_result_and_a_finding(
    camera: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Check("way_out", "Way out", "here", WALL, Criterion("open"))
    site = replace(component.site(), checks=(check,))
    monkeypatch.setattr(component, "site", lambda: site)
    host = component.Host(camera)
    results: list[CheckResult] = []
    findings: list[Finding] = []
    for _ in range(14):
        now_s = host.world.now_s
        status = PatrolStatus(now_s, "p", PatrolState.DWELLING, "r", 1, 1, "here", 0.0, "")
        host.mailbox.store(topics.PATROL_STATUS, status, now_s)
        outputs = host.tick(Pose2(6.0, 2.0, -1.5))
        results += outputs.of(topics.CHECK_RESULTS)
        findings += outputs.of(topics.FINDINGS)
    (result,) = results
    assert (result.check_id, result.outcome) == ("way_out", CheckOutcome.FAILED)
    assert result.reason == "Way out: read closed, expected open."
    assert (result.picture is not None) == camera
    told = [finding for finding in findings if finding.kind is FindingKind.CHECK]
    assert {finding.reason for finding in told} == {result.reason}
