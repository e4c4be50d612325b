"""A small night in the yard, as records of a run: two patrols, each with known numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from patrol_core.geometry import Pose2
from patrol_core.site import Site, load_site
from patrol_core.site.checks import Check, Criterion, DoorReader
from patrol_core.types.learning import IncidentVerdict, VerdictKind
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import Finding, FindingKind, Measure
from patrol_records.entries import RunSample
from patrol_records.store import RecordStore

START_S = 1792868400.0
"""24 October 2026, 21:00 in Berlin: the night before the clocks go back."""
PERIOD_S = 0.5
STEP_M = 0.25
VISITORS_WORDS = "my name is Eve and I saw a fox"
OPERATOR = "Anna Meyer"
_YARD = load_site(Path(__file__).parents[1] / "sites" / "yard")
_GATE = Check(
    "way_out", "Way out", "gate", DoorReader((1.65, -5.0), (4.35, -5.0)), Criterion("open")
)
_LAMP = replace(_GATE, check_id="lamp", name="Lamp")
SITE: Site = replace(_YARD, checks=(_GATE, _LAMP))


@dataclass(frozen=True)
class Texts:
    """What stands in every free text of the records."""

    any: str = "plain words"
    patrol_id: str = "first"


def sample(second: float, patrol_id: str, **values: float | str | None) -> RunSample:
    """The robot `second` s after the start, standing at the origin where nothing else is said."""
    known: dict[str, float | str | None] = {
        "x_m": 0.0, "y_m": 0.0, "yaw_rad": 0.0, "speed_mps": 0.0, "battery_fraction": 0.9,
        "gate_state": "passing", "gate_limit_mps": 1.0, "gate_reasons": "", "localization": "good",
        "patrol_id": patrol_id, "authority": "mission",
    }  # fmt: skip
    return RunSample(START_S + second, **(known | values))  # type: ignore[arg-type]


def first_samples(texts: Texts) -> list[RunSample]:
    """100 s to and fro on a line of 5 m (199 steps, 49.75 m, 5 s of it held, 12 s by
    hand), nothing for 80 s, a minute at the origin; each whole minute the battery loses a
    hundredth."""
    made = []
    for index in range(200):
        along = index % 40
        x_m = STEP_M * (along if along <= 20 else 40 - along)
        held = 60 <= index < 70
        made.append(
            sample(
                PERIOD_S * index, texts.patrol_id, x_m=x_m, speed_mps=0.5,
                gate_state="hold" if held else "passing",
                gate_reasons=f"obstacle at 0.{index} m; {texts.any}" if held else "",
                battery_fraction=0.9 - 0.01 * (index // 120),
                authority="teleop" if 100 <= index < 124 else "mission",
            )
        )  # fmt: skip
    made += [
        sample(180.0 + PERIOD_S * i, texts.patrol_id, battery_fraction=0.85) for i in range(121)
    ]
    return made


def event(second: float, kind: str, subject: str, message: str, patrol_id: str) -> PatrolEvent:
    """One event at the origin."""
    return PatrolEvent(START_S + second, patrol_id, kind, subject, message, Pose2(0.0, 0.0, 0.0))


def first_events(texts: Texts) -> list[PatrolEvent]:
    """Two laps wanted, one driven; one checkpoint reached and its check passed, one left out."""
    told = (
        (0.0, "patrol_started", "perimeter", "2 laps"),
        (5.0, "lap_started", "1", "lap 1 of 2"),
        (30.0, "checkpoint_reached", "gate", texts.any),
        (31.0, "check_passed", "way_out", f"Way out: read open, expected open. {texts.any}"),
        (60.0, "lap_completed", "1", "lap 1 of 2"),
        (80.0, "checkpoint_skipped", "north_side", f"blocked: {texts.any}"),
        (85.0, "operator_command", "pause", f"by {OPERATOR}"),
        (240.0, "patrol_ended", "stopped_by_operator", f"docked early: stopped by {OPERATOR}"),
    )
    return [event(*one, texts.patrol_id) for one in told]


def second_events() -> list[PatrolEvent]:
    """A patrol that begins five hours later and has no end."""
    return [
        event(18000.0, "patrol_started", "perimeter", "1 laps", "second"),
        event(18010.0, "checkpoint_reached", "gate", "Gate", "second"),
        event(18020.0, "checkpoint_reached", "north_side", "North side", "second"),
        event(40000.0, "schedule_ended_early", "nightly", "its end is not recorded", "second"),
    ]


def findings(texts: Texts) -> list[Finding]:
    """An object, a rule that was broken, and what a visitor said, without a place."""

    def finding(name: str, kind: FindingKind, second: float, reason: str) -> Finding:
        stamp_s = START_S + second
        return Finding(
            name, 1, stamp_s, kind, 1.0, 2.0, 0.4, 0.3, 0.8, stamp_s, reason,
            (Measure(texts.any, 4.0, math.nan, texts.any), Measure("age", 4.0, 3.0, "1")),
            config_hash=texts.any,
        )  # fmt: skip

    words = f"A visitor reports: {VISITORS_WORDS} {texts.any}"
    report = finding("c", FindingKind.REPORT, 70.0, words)
    return [
        finding("a", FindingKind.OBJECT, 40.0, f"stands there; {texts.any}"),
        finding("b", FindingKind.BEHAVIOUR, 50.0, "Running (rule 'running'): 3 m/s; told."),
        replace(report, x_m=math.nan, y_m=math.nan),
    ]


def write_records(folder: Path, texts: Texts = Texts()) -> None:
    """The records of that night in a folder."""
    fill(RecordStore(folder), texts)


def fill(store: RecordStore, texts: Texts) -> None:
    """Put that night into a store, and close it."""
    verdict = IncidentVerdict(
        START_S + 5000.0, "v", 1, VerdictKind.FALSE, OPERATOR, texts.any, 1.0, 2.0, ""
    )
    later = [sample(18000.0 + PERIOD_S * i, "second", x_m=None, y_m=None) for i in range(200)]
    store.add(
        findings(texts), [*first_events(texts), *second_events()],
        [*first_samples(texts), *later], [verdict],
    )  # fmt: skip
    store.close()
