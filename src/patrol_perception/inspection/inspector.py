"""Reads the checks of a checkpoint while the robot dwells there, and reports those that fail."""

from __future__ import annotations

import math

from patrol_core.site.checks import (
    Check,
    Criterion,
    DoorReader,
    GaugeReader,
    LampReader,
    Reader,
    TagReader,
    ThermalReader,
)
from patrol_core.types.inspection import CheckOutcome, CheckResult
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.perception import FindingKind
from patrol_core.types.sensors import CompressedImage
from patrol_core.units import celsius
from patrol_perception.claims import Claim
from patrol_perception.findings import Entry, FindingBook
from patrol_perception.inspection.annotate import annotated
from patrol_perception.inspection.door import DoorWatcher
from patrol_perception.inspection.gauge_watcher import GaugeWatcher
from patrol_perception.inspection.lamp import LampWatcher
from patrol_perception.inspection.params import InspectionParams
from patrol_perception.inspection.shot import Shot, Watcher
from patrol_perception.inspection.tag import TagWatcher
from patrol_perception.inspection.thermal import ThermalWatcher
from patrol_perception.inspection.weighing import Reading
from patrol_perception.outline import Outline

_QUALITY = 85
_KINDS = {
    TagReader: ("tag", ""), GaugeReader: ("gauge", ""), LampReader: ("lamp", "lit share"),
    DoorReader: ("door", "m"), ThermalReader: ("thermal", "K"),
}  # fmt: skip


class Inspector:
    """The checks of one site. A visit is one stay at one checkpoint in one lap."""

    def __init__(
        self, checks: tuple[Check, ...], params: InspectionParams, book: FindingBook
    ) -> None:
        self._checks = checks
        self._book = book
        self._params = params
        self._visit: tuple[str, int, str] | None = None
        self._dwelling = False
        self._watchers: dict[str, tuple[Check, Watcher]] = {}
        self._blurred: CompressedImage | None = None
        self._failing: dict[str, Entry] = {}

    @property
    def watching(self) -> bool:
        """Whether shots are wanted now."""
        return self._dwelling and bool(self._watchers)

    def follow(self, status: PatrolStatus | None, now_s: float) -> list[CheckResult]:
        """Take in where the patrol is (None: not known); results of a visit that has ended."""
        visit = None
        if status is not None and status.next_checkpoint:
            visit = (status.patrol_id, status.lap, status.next_checkpoint)
        self._dwelling = status is not None and status.state is PatrolState.DWELLING
        left: list[CheckResult] = []
        if self._visit is not None and visit != self._visit:
            left = [self._result(*pair, now_s) for pair in self._watchers.values()]
            self._visit, self._watchers, self._blurred = None, {}, None
        if self._dwelling and visit is not None and self._visit is None:
            self._visit = visit
            self._watchers = {
                check.check_id: (check, watcher_of(check.reader, self._params))
                for check in self._checks
                if check.checkpoint_id == visit[2]
            }
        return left

    def look(self, shot: Shot, blurred: CompressedImage | None, now_s: float) -> list[CheckResult]:
        """Take a shot, with its blurred picture; what it makes sure, each check once a visit."""
        self._blurred = blurred or self._blurred
        done = []
        for check, watcher in self._watchers.values():
            watcher.take(shot)
            if watcher.reading().sure:
                done.append((check, watcher))
        for check, _ in done:
            del self._watchers[check.check_id]
        return [self._result(check, watcher, now_s) for check, watcher in done]

    def _result(self, check: Check, watcher: Watcher, now_s: float) -> CheckResult:
        reading = watcher.reading()
        outcome = _outcome(check.criterion, reading)
        kind, unit = _KINDS[type(check.reader)]
        if isinstance(check.reader, GaugeReader):
            unit = check.reader.scale.unit
        reason = reason_of(check, reading, outcome)
        picture = None
        if self._blurred is not None:
            picture = annotated(self._blurred, reading.marks, reason, outcome, _QUALITY)
        words = reading.words if reading.sure else ""
        value = reading.value if reading.sure else math.nan
        result = CheckResult(
            check.check_id, now_s, kind, outcome, value, unit, words, reading.confidence, reason,
            reading.evidence, picture,
        )  # fmt: skip
        self._note(check, result)
        return result

    def _note(self, check: Check, result: CheckResult) -> None:
        """Open or revise the finding of a check that fails; one that passes again closes it."""
        if result.outcome is CheckOutcome.PASSED:
            passed = self._failing.pop(check.check_id, None)
            if passed is not None:
                self._book.close(passed)
        if result.outcome is not CheckOutcome.FAILED:
            return
        entry = self._failing.get(check.check_id)
        if entry is None:
            x_m, y_m = place_of(check.reader)
            claim = Claim(
                FindingKind.CHECK, Outline(x_m, y_m, 0.0, 0.0, 0.0), result.confidence,
                result.stamp_s, result.reason, result.evidence,
            )  # fmt: skip
            self._failing[check.check_id] = self._book.open(claim, result.stamp_s, result.picture)
            return
        self._book.amend(
            entry, result.stamp_s, confidence=result.confidence, reason=result.reason,
            evidence=result.evidence, photo=result.picture,
        )  # fmt: skip


def watcher_of(reader: Reader, params: InspectionParams) -> Watcher:
    """What reads one check."""
    if isinstance(reader, TagReader):
        return TagWatcher(reader, params.tag)
    if isinstance(reader, GaugeReader):
        return GaugeWatcher(reader, params.gauge)
    if isinstance(reader, LampReader):
        return LampWatcher(reader, params.lamp)
    if isinstance(reader, DoorReader):
        return DoorWatcher(reader, params.door)
    return ThermalWatcher(reader, params.thermal)


def place_of(reader: Reader) -> tuple[float, float]:
    """Where it is, in `map`."""
    if isinstance(reader, DoorReader):
        (x0, y0), (x1, y1) = reader.start_m, reader.end_m
        return (x0 + x1) / 2.0, (y0 + y1) / 2.0
    return reader.place.x_m, reader.place.y_m


def _outcome(criterion: Criterion, reading: Reading) -> CheckOutcome:
    if not reading.sure:
        return CheckOutcome.UNREAD
    holds = criterion.holds(reading.value, reading.words)
    return CheckOutcome.PASSED if holds else CheckOutcome.FAILED


def reason_of(check: Check, reading: Reading, outcome: CheckOutcome) -> str:
    """One plain sentence for a person."""
    if outcome is CheckOutcome.UNREAD:
        return f"{check.name}: could not be read: {reading.fault}."
    return f"{check.name}: read {reading.words}, expected {criterion_words(check)}."


def criterion_words(check: Check) -> str:
    """What passes."""
    criterion, unit = check.criterion, ""
    low, high = criterion.low, criterion.high
    if criterion.expect:
        return criterion.expect
    if isinstance(check.reader, GaugeReader):
        unit = check.reader.scale.unit
    elif isinstance(check.reader, ThermalReader):
        low, high, unit = celsius(low), celsius(high), "degrees C"
    if math.isinf(low):
        return f"at most {high:g} {unit}"
    if math.isinf(high):
        return f"at least {low:g} {unit}"
    return f"{low:g} to {high:g} {unit}"
