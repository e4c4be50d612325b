"""A check that fails on a patrol in closed loop is an incident, and stands in the report."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from patrol_core.site.checks import Check, Criterion, DoorReader
from patrol_core.types.perception import FindingKind
from patrol_records.reader import RecordReader
from ronda_cli.evaluation.trial import TrialOptions, TrialRunner
from ronda_cli.records import Records
from ronda_cli.reporting import write_patrol_report


def test_a_gate_that_should_be_open(tmp_path: Path) -> None:
    runner = TrialRunner(TrialOptions("yard", people=0))
    gate = DoorReader((1.65, -5.0), (4.35, -5.0))
    check = Check("way_out", "Way out", "gate", gate, Criterion("open"))
    site = dataclasses.replace(runner.setting.site, checks=(check,))
    runner.setting = dataclasses.replace(runner.setting, site=site)
    trial = runner.run(3001, time.perf_counter, tmp_path)
    assert trial.verdict.completed, trial.verdict.message
    reader = RecordReader(tmp_path)
    found = [i for i in reader.incidents() if i.kind is FindingKind.CHECK]
    reader.close()
    (incident,) = found
    assert incident.reason == "Way out: read closed, expected open."
    records = Records(str(tmp_path), "")
    page = write_patrol_report(records, site, runner.setting.robot).read_text(encoding="utf-8")
    assert '<span class="mark bad">failed</span>' in page
    assert page.count(incident.reason) == 3, "the check's row, the incident, the time line"
