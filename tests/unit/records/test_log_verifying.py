from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patrol_core.component import Inputs, Sample
from patrol_core.topics import GATE_STATUS, LOGGED_ACTS
from patrol_core.types.audit import LoggedAct, OperatorAct
from patrol_core.types.perception import FindingKind, Incident
from patrol_core.types.status import Authority, GateReset, GateState, GateStatus
from patrol_records.errors import StoreError
from patrol_records.log.entries import LogEntry
from patrol_records.log.keeper import CHECKPOINT, VERIFIER, LogKeeper
from patrol_records.log.notes import Checkpoint, open_note
from patrol_records.log.store import LogStore
from patrol_records.log.verifying import verify_log, verify_records

Tampering = Callable[[sqlite3.Connection], object]


def logged(folder: Path, count: int = 40) -> Checkpoint:
    """A log, and the checkpoint that somebody has kept of it."""
    with LogStore(folder, writable=True) as log:
        log.append([LogEntry(1.0, f"act:{n}", "act", {"n": n}) for n in range(count)])
        return Checkpoint("ronda/robot", log.size, log.root())


def tampered(folder: Path, change: Tampering) -> None:
    db = sqlite3.connect(folder / "log.db")
    db.executescript("DROP TRIGGER entries_stay; DROP TRIGGER entries_remain;")
    change(db)
    db.commit()
    db.close()


def test_an_untouched_log_is_as_it_was(tmp_path: Path) -> None:
    kept = logged(tmp_path)
    with LogStore(tmp_path, writable=True) as log:
        log.append([LogEntry(2.0, "act:more", "act", {})])
        verdict = verify_log(log, kept)
    assert (verdict.entries, verdict.problems) == (41, ())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda db: db.execute("UPDATE entries SET entry = 'x' WHERE number = 7"), "entry 7 was"),
        (lambda db: db.execute("DELETE FROM entries WHERE number = 7"), "entry 7 is missing"),
        (lambda db: db.execute("UPDATE nodes SET hash = zeroblob(32) WHERE level = 3"), "hash of"),
        (
            lambda db: db.executescript(
                "UPDATE entries SET number = -1 WHERE number = 3; UPDATE entries SET number = 3 "
                "WHERE number = 4; UPDATE entries SET number = 4 WHERE number = -1;"
            ),
            "entry 3 was changed",
        ),
    ],
)
def test_every_change_is_found_and_told(change: Tampering, expected: str, tmp_path: Path) -> None:
    kept = logged(tmp_path)
    with LogStore(tmp_path, writable=True) as log:
        tampered(tmp_path, change)
        problems = verify_log(log, kept).problems
    assert any(expected in problem for problem in problems), problems


def test_a_log_that_was_written_anew_is_found_by_the_checkpoint_alone(tmp_path: Path) -> None:
    kept = logged(tmp_path / "true")
    with LogStore(tmp_path / "forged", writable=True) as log:
        log.append([LogEntry(1.0, f"act:{n}", "act", {"n": n + (n == 7)}) for n in range(40)])
        assert verify_log(log, None).problems == ()
        assert "are not those of the checkpoint" in verify_log(log, kept).problems[0]


def test_a_log_that_was_cut_off_is_found(tmp_path: Path) -> None:
    kept = logged(tmp_path / "true")
    logged(tmp_path / "short", 30)
    with LogStore(tmp_path / "short", writable=False) as log:
        assert verify_log(log, kept).problems == (
            "entries 30 to 39 are missing: the checkpoint knows 40",
        )


class Rig:
    """A keeper of the log whose records have one incident, with a photo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.row: dict[str, Any] | None = {
            "finding_id": "f", "revision": 0, "reason": "a bag", "photo": "f.jpg", "before": None
        }  # fmt: skip
        self.failing = False
        (folder / "f.jpg").write_bytes(b"a picture")
        started = {"site": "a", "retention": {"incidents_days": 30, "photos_days": 7}}
        self.keeper = LogKeeper(
            folder,
            folder / "run",
            "ronda/robot",
            self._row_of,
            folder,
            0.0,
            started,
            lambda *_: (),
        )

    def _row_of(self, _: str, __: int) -> dict[str, Any] | None:
        if self.failing:
            raise StoreError("the disk does not answer")
        return self.row

    def found(self, now_s: float = 1.0) -> None:
        incident = Incident(now_s, 4, "f", 0, FindingKind.OBJECT, 0, 0, "a bag", False)
        self.step(now_s, incidents=incident)

    def problems(self, days: float = 0.0) -> list[str]:
        """Of the records so many days later."""
        self.keeper.close()
        with LogStore(self.folder, writable=False) as log:
            now_s = 1.0 + days * 86400.0
            verdict = verify_records(log, "run", lambda *_: self.row, self.folder, now_s)
        return list(verdict.problems)

    def step(
        self, now_s: float, gate: GateStatus | None = None, **events: object
    ) -> list[LoggedAct]:
        states = {} if gate is None else {GATE_STATUS.name: Sample(gate, now_s, 1)}
        inputs = Inputs(states, {key: (value,) for key, value in events.items()})
        return list(self.keeper.step(inputs, now_s).of(LOGGED_ACTS))

    def kinds(self) -> list[str]:
        with LogStore(self.folder, writable=False) as log:
            return [kept.kind for kept in log.entries()]


def act(act_id: str) -> OperatorAct:
    return OperatorAct(1.0, act_id, "ada", "operator", "command", "pause", "")


def test_an_act_is_acknowledged_when_it_is_logged_and_logged_once(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for _ in range(2):
        [logged_act] = rig.step(1.0, operator_acts=act("a"))
        assert (logged_act.act_id, logged_act.index) == ("a", 1)
    rig.keeper.close()
    assert rig.kinds() == ["started", "act"]


def test_who_has_the_robot_is_logged_when_it_changes(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for now_s, state, authority in (
        (1.0, GateState.PASSING, Authority.MISSION), (1.1, GateState.PASSING, Authority.MISSION),
        (1.2, GateState.PASSING, Authority.TELEOP), (1.3, GateState.LATCHED, Authority.ESTOP),
    ):  # fmt: skip
        rig.step(now_s, GateStatus(now_s, state, authority, ("pressed",), 0, 0, 0, 0, 0, 0))
    rig.keeper.close()
    assert rig.kinds() == ["started", "authority", "authority", "latched"]


def test_records_that_were_not_touched_fit_the_log(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.found()
    assert rig.problems() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rig: rig.row.update(reason="no bag"), "incident 4 (revision 0) was changed"),
        (lambda rig: setattr(rig, "row", None), "is gone from the records"),
        (lambda rig: (rig.folder / "f.jpg").write_bytes(b"another"), "has another picture"),
        (lambda rig: (rig.folder / "f.jpg").unlink(), "has lost its picture"),
        (lambda rig: rig.row.update(photo=None), "has lost its picture"),
    ],
)
def test_records_that_were_changed_do_not_fit_the_log(
    change: Callable[[Rig], object], expected: str, tmp_path: Path
) -> None:
    rig = Rig(tmp_path)
    rig.found()
    change(rig)
    [problem] = rig.problems()
    assert expected in problem


def test_what_retention_has_removed_is_no_change(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.found()
    (tmp_path / "f.jpg").unlink()
    assert rig.row is not None
    rig.row["photo"] = None
    assert rig.problems(5.0) and not rig.problems(8.0)
    rig.row["reason"] = "no bag"
    assert rig.problems(8.0), "a row that is there is as it was"
    rig.row = None
    assert rig.problems(28.0) and not rig.problems(31.0)


def test_what_cannot_be_logged_at_once_is_logged_later(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    (tmp_path / "log.db").mkdir()
    rig.failing = True
    rig.found(1.0)
    rig.step(2.0, gate_reset=GateReset(2.0, "ada", "all clear"))
    (tmp_path / "log.db").rmdir()
    rig.step(20.0)
    rig.failing = False
    rig.step(21.0)
    rig.keeper.close()
    assert rig.kinds() == ["started", "reset", "incident"]


def test_a_checkpoint_is_left_beside_the_log(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.step(1.0, operator_acts=act("a"))
    rig.step(70.0, operator_acts=act("b"))
    rig.step(130.0)
    key = (tmp_path / VERIFIER).read_text()
    kept = open_note((tmp_path / CHECKPOINT).read_text(), key)
    with LogStore(tmp_path, writable=False) as log:
        assert kept.size == log.size == 3
        assert verify_log(log, kept).problems == ()


def test_a_log_that_cannot_be_opened_acknowledges_nothing_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "log.db").mkdir()
    rig = Rig(tmp_path)
    assert rig.step(1.0, operator_acts=act("a")) == []
    assert "nothing is logged" in caplog.text
