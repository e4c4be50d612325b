"""A visit at a checkpoint: when results come, what fails, and until when it is repeated."""

from __future__ import annotations

import dataclasses
import math

import cv2
import numpy as np
from tests.unit.inspection.scenes import PLACE, aruco, paint, shot, spoilt, wall

from patrol_core.site.checks import Check, Criterion, TagReader
from patrol_core.types.inspection import CheckOutcome, CheckResult
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.perception import FindingKind, Incident
from patrol_core.types.sensors import CompressedImage
from patrol_perception.findings import FindingBook
from patrol_perception.inspection.inspector import Inspector, criterion_words
from patrol_perception.inspection.params import InspectionParams
from patrol_perception.params import EvidenceParams
from patrol_perception.view import Image

CHECK = Check("asset", "Pümp", "pump_room", TagReader(PLACE, "aruco", 0.24), Criterion("12"))
BLURRED = CompressedImage(0.0, "c", "jpeg", cv2.imencode(".jpg", wall(90.0))[1].tobytes())
SHOWN = {number: spoilt(paint(wall(), aruco(number), 0.32)) for number in (12, 13)}


def made() -> tuple[Inspector, FindingBook]:
    book = FindingBook(EvidenceParams(), np.random.default_rng(1000))
    return Inspector((CHECK,), InspectionParams(), book), book


def status(state: PatrolState, lap: int = 1, checkpoint: str = "pump_room") -> PatrolStatus:
    return PatrolStatus(0.0, "p", state, "r", lap, 2, checkpoint, 0.5, "")


def visit(inspector: Inspector, picture: Image, lap: int, now_s: float) -> list[CheckResult]:
    """Drive up, dwell for three pictures, drive on."""
    results = inspector.follow(status(PatrolState.PATROLLING, lap), now_s)
    assert not inspector.watching
    for index in range(3):
        time_s = now_s + 0.2 * index
        results += inspector.follow(status(PatrolState.DWELLING, lap), time_s)
        if inspector.watching:
            results += inspector.look(shot(picture, time_s), BLURRED, time_s)
    return results + inspector.follow(status(PatrolState.PATROLLING, lap, "next"), now_s + 1.0)


def test_a_check_that_passes_is_told_once_a_visit_with_an_annotated_picture() -> None:
    inspector, book = made()
    for lap in (1, 2):
        (result,) = visit(inspector, SHOWN[12], lap, 10.0 * lap)
        assert (result.outcome, result.reading) == (CheckOutcome.PASSED, "12")
    assert result.picture is not None and book.due(30.0) == []
    data = np.frombuffer(result.picture.data, np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert picture is not None and picture.shape[0] > BLURRED_ROWS
    green = (picture[..., 1].astype(int) - picture[..., 2]) > 60
    assert green[:BLURRED_ROWS].sum() > 50  # the frame; beneath it nothing of the raw picture
    assert abs(int(np.median(np.asarray(picture[:BLURRED_ROWS], np.uint8))) - 90) <= 2


BLURRED_ROWS = wall().shape[0]


def test_a_check_that_fails_is_a_finding_until_it_is_stored_and_one_over_the_laps() -> None:
    inspector, book = made()
    (result,) = visit(inspector, SHOWN[13], 1, 10.0)
    assert (result.outcome, result.reading) == (CheckOutcome.FAILED, "13")
    (finding,) = book.due(11.0)
    assert finding.kind is FindingKind.CHECK and finding.photo == result.picture
    assert finding.reason == "Pümp: read 13, expected 12."
    assert (finding.x_m, finding.y_m) == (PLACE.x_m, PLACE.y_m)
    assert book.due(11.5) == [] and book.due(12.1) == [finding]
    stored = Incident(12.2, 1, finding.finding_id, 1, finding.kind, 0.0, 0.0, "", True)
    book.acknowledge([stored])
    assert book.due(20.0) == []
    visit(inspector, SHOWN[13], 2, 30.0)
    (again,) = book.due(31.0)
    assert (again.finding_id, again.revision) == (finding.finding_id, 2)
    book.acknowledge([dataclasses.replace(stored, revision=2)])
    visit(inspector, SHOWN[12], 3, 50.0)
    assert book.due(60.0) == []
    book.acknowledge([])
    assert book.entries == [], "what passes again is over"


def test_what_could_not_be_read_says_why_and_is_no_finding() -> None:
    inspector, book = made()
    (result,) = visit(inspector, wall(), 1, 10.0)
    assert result.outcome is CheckOutcome.UNREAD and math.isnan(result.value)
    assert "could not be read: no tag was seen in 3 pictures" in result.reason
    assert book.due(20.0) == []


def test_elsewhere_or_without_a_patrol_nothing_is_watched() -> None:
    inspector, _ = made()
    for where in (status(PatrolState.DWELLING, checkpoint="gate"), None):
        assert inspector.follow(where, 1.0) == [] and not inspector.watching
    inspector.follow(status(PatrolState.DWELLING), 2.0)
    assert inspector.watching
    assert [r.outcome for r in inspector.follow(None, 3.0)] == [CheckOutcome.UNREAD]


def test_criteria_in_words() -> None:
    for low, high, words in ((2.0, math.inf, "at least 2 "), (1.0, 2.0, "1 to 2 ")):
        check = dataclasses.replace(CHECK, criterion=Criterion(low=low, high=high))
        assert criterion_words(check) == words
