"""What a check on the round gave is an event of the patrol, passed or not."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.gate_world import make_site

from patrol_core.bus import Mailbox
from patrol_core.geometry import Pose2
from patrol_core.topics import AMCL_POSE, CHECK_RESULTS, PATROL_STATUS
from patrol_core.types.inspection import CheckOutcome, CheckResult
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.motion import PoseEstimate
from patrol_records.params import RecordsParams
from patrol_records.reader import RecordReader
from patrol_records.recorder import Recorder


def result(stamp_s: float, outcome: CheckOutcome) -> CheckResult:
    reason = f"Tank: {outcome.value}."
    return CheckResult("tank", stamp_s, "gauge", outcome, math.nan, "%", "", 0.9, reason, ())


@pytest.mark.parametrize("patrol_id", ["p1", ""])
def test_readings_are_events_of_the_patrol_under_way(tmp_path: Path, patrol_id: str) -> None:
    recorder = Recorder(tmp_path, make_site(), RecordsParams(), epoch_s=1000.0)
    recorder.setup()
    box = Mailbox(recorder.reads)
    status = PatrolStatus(7.0, patrol_id, PatrolState.DWELLING, "r", 1, 1, "", 0.5, "")
    box.store(PATROL_STATUS, status, 7.0)
    box.store(AMCL_POSE, PoseEstimate(7.0, Pose2(3.0, 4.0, 0.0)), 7.0)
    box.store(CHECK_RESULTS, result(6.0, CheckOutcome.UNREAD), 7.0)
    box.store(CHECK_RESULTS, result(6.5, CheckOutcome.PASSED), 7.0)
    recorder.step(box.snapshot(), 7.0)
    recorder.close()
    reader = RecordReader(tmp_path)
    events = [(e.stamp_s, e.kind, e.subject, e.message, e.pose.x_m) for e in reader.events("p1")]
    reader.close()
    told = [
        (1006.0, "check_unread", "tank", "Tank: unread.", 3.0),
        (1006.5, "check_passed", "tank", "Tank: passed.", 3.0),
    ]
    assert events == (told if patrol_id else [])
