"""The state of a group follows from what was done; one cause is one line; nothing is rewritten."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_records import FINDING, forget

from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.perception import Finding, FindingKind
from patrol_records.entries import Circumstances, InboxLine
from patrol_records.life_cycle import IncidentState, Standing
from patrol_records.queries_inbox import Mark, acts_of, counts, group_of, inbox, incidents_of
from patrol_records.reader import RecordReader
from patrol_records.retention import Limits
from patrol_records.store import RecordStore

ALL = tuple(IncidentState)
DAY_S = 86400.0


class Desk:
    """A store, and what a person sees of it."""

    def __init__(self, folder: Path) -> None:
        self.store, self.reader = RecordStore(folder), RecordReader(folder)
        self._acts = 0

    def close(self) -> None:
        self.reader.close()
        self.store.close()

    def do(self, kind: ActKind, number: int, now_s: float, for_s: float = 0.0) -> None:
        self._acts += 1
        act = IncidentAct(now_s, f"a{self._acts}", number, kind, "ann", "so", for_s)
        self.store.add(acts=[act])

    def find(self, name: str, stamp_s: float, x_m: float = 1.0, revision: int = 1) -> int:
        finding = replace(
            FINDING, finding_id=name, stamp_s=stamp_s, first_seen_s=stamp_s - 1.0, x_m=x_m,
            revision=revision,
        )  # fmt: skip
        return self.store.add([finding])[0].incident_id

    def state(self, now_s: float, number: int = 1) -> IncidentState:
        return group_of(self.reader, number, now_s).state


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Desk(tmp_path)) as desk:
        yield desk


def test_from_new_to_resolved_and_back_by_a_person(desk: Desk) -> None:
    desk.find("f1", 10.0)
    assert desk.state(20.0) is IncidentState.NEW
    for kind, state in (
        (ActKind.ACKNOWLEDGE, IncidentState.ACKNOWLEDGED),
        (ActKind.RESOLVE, IncidentState.RESOLVED),
        (ActKind.REOPEN, IncidentState.NEW),
    ):
        desk.do(kind, 1, 30.0)
        assert desk.state(31.0) is state
    assert [act.act for act in acts_of(desk.reader, 1)] == [
        ActKind.ACKNOWLEDGE, ActKind.RESOLVE, ActKind.REOPEN,
    ]  # fmt: skip


def test_what_is_shelved_comes_back_as_it_was(desk: Desk) -> None:
    desk.find("f1", 10.0)
    desk.do(ActKind.ACKNOWLEDGE, 1, 20.0)
    desk.do(ActKind.SHELVE, 1, 30.0, for_s=100.0)
    assert [desk.state(now_s) for now_s in (129.0, 130.0)] == [
        IncidentState.SHELVED,
        IncidentState.ACKNOWLEDGED,
    ]
    assert inbox(desk.reader, 129.0) == [] and len(inbox(desk.reader, 130.0)) == 1
    assert len(inbox(desk.reader, 129.0, (IncidentState.SHELVED,))) == 1
    assert counts(desk.reader, 129.0)[IncidentState.SHELVED] == 1


def test_a_cause_that_is_seen_again_opens_what_was_resolved(desk: Desk) -> None:
    desk.find("f1", 10.0)
    desk.do(ActKind.RESOLVE, 1, 20.0)
    desk.find("f1", 60.0, revision=2)
    assert desk.state(60.0) is IncidentState.RESOLVED, "a photo that comes late is no new sight"
    again = desk.find("f2", DAY_S, x_m=1.4)
    assert again == 2 and incidents_of(desk.reader, 1) == [1, 2]
    assert desk.state(DAY_S) is IncidentState.NEW
    act = acts_of(desk.reader, 1)[-1]
    assert (act.act, act.who, act.incident_id) == (ActKind.REOPEN, "records", 2)
    desk.do(ActKind.RESOLVE, 2, DAY_S + 10.0)
    desk.find("f2", DAY_S + 10.0 + 120.0, revision=2)
    assert desk.state(2 * DAY_S) is IncidentState.NEW, "seen again on a later lap"


def test_one_cause_is_one_line_by_kind_place_and_time(desk: Desk) -> None:
    places = (-0.3, 0.4, 1.19, 1.21, 3.5)
    numbers = [desk.find(f"f{i}", 10.0 + i, x_m=x_m) for i, x_m in enumerate(places)]
    groups = [desk.reader.incident(n) for n in numbers]
    assert [g.group_id for g in groups if g is not None] == [1, 1, 1, 4, 5]
    other = replace(FINDING, finding_id="o", kind=FindingKind.MISSING, x_m=-0.3, stamp_s=20.0)
    late = replace(FINDING, finding_id="l", x_m=-0.3, stamp_s=9 * DAY_S, first_seen_s=8.9 * DAY_S)
    calls = [
        replace(FINDING, finding_id=f"c{i}", kind=FindingKind.EMERGENCY, x_m=-0.3) for i in (1, 2)
    ]
    nowhere = [
        replace(FINDING, finding_id=f"n{i}", kind=FindingKind.REPORT, x_m=math.nan) for i in (1, 2)
    ]
    added = desk.store.add([other, late, *calls, *nowhere])
    for incident in added:
        line = group_of(desk.reader, incident.incident_id, DAY_S)
        assert (line.group_id, line.incidents) == (incident.incident_id, 1)
    first = group_of(desk.reader, 1, DAY_S)
    assert (first.incidents, first.newest_id, first.x_m) == (3, 3, -0.3)
    assert (first.first_seen_s, first.last_seen_s) == (9.0, 12.0)


def test_a_long_thing_is_one_cause_from_whichever_end_it_is_seen_first(desk: Desk) -> None:
    desk.find("van", 10.0, x_m=28.8)
    desk.find("van", 16.0, x_m=31.2, revision=2)
    desk.find("van", 20.0, x_m=39.0, revision=3)
    again = [desk.find(f"f{i}", 3600.0 + i, x_m=x_m) for i, x_m in enumerate((29.0, 32.5, 34.0))]
    assert incidents_of(desk.reader, 1) == [1, *again[:2]]
    assert group_of(desk.reader, 1, 3700.0).x_m == 28.8
    desk.find("f1", 4000.0, x_m=35.0, revision=2)
    assert desk.find("next", 4100.0, x_m=35.1) == 5
    assert incidents_of(desk.reader, 4) == [4, 5], "only its first incident says where a group is"


def test_the_circumstances_are_those_of_the_opening(desk: Desk) -> None:
    there = Circumstances("mission", "p1", "perimeter", "gate")
    desk.store.add([FINDING], circumstances=there)
    desk.store.add([replace(FINDING, revision=2)], circumstances=Circumstances("teleop"))
    incident = desk.reader.incident(1)
    assert incident is not None and incident.circumstances == there and incident.revision == 2
    assert desk.reader.incident(2) is None


def test_pages_follow_each_other_without_a_gap(desk: Desk) -> None:
    for i in range(25):
        desk.find(f"f{i}", 100.0 + i // 3, x_m=5.0 * i)
    desk.do(ActKind.ACKNOWLEDGE, 7, 200.0)
    desk.do(ActKind.RESOLVE, 8, 200.0)
    seen: list[InboxLine] = []
    while True:
        after = Mark(seen[-1].last_seen_s, seen[-1].group_id) if seen else None
        page = inbox(desk.reader, 300.0, after=after, count=7)
        seen += page
        if not page:
            break
    numbers = [line.group_id for line in seen]
    assert numbers == sorted({*range(1, 26)} - {8}, reverse=True)
    assert inbox(desk.reader, 300.0, kind=FindingKind.CHECK) == []
    assert len(inbox(desk.reader, 300.0, ALL, FindingKind.OBJECT)) == 25


def test_an_act_counts_once_and_one_on_nothing_changes_nothing(desk: Desk) -> None:
    desk.find("f1", 10.0)
    act = IncidentAct(20.0, "same", 1, ActKind.RESOLVE, "ann", "so")
    desk.store.add(acts=[act])
    desk.do(ActKind.REOPEN, 1, 30.0)
    desk.store.add(acts=[act])
    assert desk.state(40.0) is IncidentState.NEW
    desk.do(ActKind.RESOLVE, 99, 50.0)
    assert desk.state(60.0) is IncidentState.NEW
    assert [act.incident_id for act in acts_of(desk.reader, 0)] == [99]


def test_retention_takes_a_group_with_its_acts_when_it_is_empty(desk: Desk) -> None:
    desk.find("f1", 10.0)
    desk.find("f2", 50.0)
    desk.do(ActKind.ACKNOWLEDGE, 1, 60.0)
    desk.do(ActKind.RESOLVE, 99, 20.0)
    forget(desk.store, Limits(30.0, 30.0, 30.0))
    line = group_of(desk.reader, 1, 70.0)
    assert (line.incidents, line.newest_id, line.state) == (1, 2, IncidentState.ACKNOWLEDGED)
    assert acts_of(desk.reader, 0) == []
    forget(desk.store, Limits(60.0, 60.0, 60.0))
    assert inbox(desk.reader, 70.0, ALL) == [] and acts_of(desk.reader, 1) == []


def test_retention_goes_in_short_steps(desk: Desk) -> None:
    findings = [replace(FINDING, finding_id=f"f{i}", x_m=3.0 * i) for i in range(700)]
    desk.store.add(findings)
    limits, left = Limits(20.0, 20.0, 20.0), []
    while desk.store.forget_some(limits):
        left.append(len(desk.reader.incidents()))
    assert left == [400, 100, 0]


_STEPS = st.one_of(
    st.tuples(st.just("find"), st.integers(0, 3), st.integers(1, 3)),
    st.tuples(st.sampled_from(list(ActKind)), st.integers(1, 4), st.integers(0, 300)),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), _STEPS), max_size=12))
def test_the_kept_state_is_what_the_history_makes(
    steps: list[tuple[int, tuple[str | ActKind, int, int]]],
) -> None:
    with TemporaryDirectory() as folder, closing(Desk(Path(folder))) as desk:
        desk.store._db.run("PRAGMA synchronous=OFF")
        now_s = 1000.0
        for apart_s, (what, number, more) in steps:
            now_s += apart_s
            if isinstance(what, ActKind):
                desk.do(what, number, now_s, float(more))
            else:
                desk.find(f"f{number}", now_s, x_m=float(number), revision=more)
        lines = inbox(desk.reader, now_s, ALL)
        found = desk.reader.incidents()
        assert sum(line.incidents for line in lines) == len(found)
        for line in lines:
            mine = [i for i in found if i.group_id == line.group_id]
            standing = Standing(IncidentState.NEW, mine[0].opened_s)
            for act in acts_of(desk.reader, line.group_id):
                standing = standing.after(act)
            assert line.state is standing.at(now_s)
            assert line.newest_id == mine[-1].incident_id
            (seen,) = desk.reader.rows(
                "SELECT max(f.stamp_s) AS last_s FROM findings f JOIN incidents i "
                "ON i.finding_id = f.finding_id WHERE i.group_id = ?",
                line.group_id,
            )
            assert line.last_seen_s == seen["last_s"]


def test_a_finding_that_comes_twice_is_seen_once(desk: Desk) -> None:
    finding: Finding = replace(FINDING, stamp_s=10.0)
    desk.store.add([finding])
    desk.do(ActKind.RESOLVE, 1, 20.0)
    desk.store.add([replace(finding, stamp_s=900.0)])
    assert desk.state(1000.0) is IncidentState.RESOLVED
