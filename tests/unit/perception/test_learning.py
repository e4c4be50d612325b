"""What counts as what, what is fitted, and what it is judged on."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.perception.learning_data import (
    GOOD,
    SCRAP,
    START_S,
    candidate,
    incident,
    patrols,
    run_of,
    verdict,
)

from patrol_core.site.local_time import site_local_time
from patrol_core.types.learning import VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_perception.learning.fit import THRESHOLDS, cost, fit, grid
from patrol_perception.learning.lesson import learn, split
from patrol_perception.learning.params import LearnParams
from patrol_perception.learning.places import (
    merged,
    place_from_document,
    place_to_document,
    places_of,
)
from patrol_perception.learning.scores import compare, score
from patrol_perception.learning.things import Source, label
from patrol_perception.params import EvidenceParams

SHIPPED, PARAMS = EvidenceParams(), LearnParams()
LAX = dataclasses.replace(SHIPPED, min_extent_m=0.05)
STRICT = dataclasses.replace(SHIPPED, min_extent_m=0.8)
CLOCK = site_local_time("Europe/Berlin")
TRUE, FALSE, KNOWN, IGNORE, MISSED = VerdictKind


def test_verdicts_become_labels_and_the_rest_is_left_out() -> None:
    run = run_of(
        "run",
        [
            incident(1, 0.0, TRUE), incident(2, 10.0, FALSE), incident(3, 20.0, KNOWN),
            incident(4, 30.0, IGNORE),
        ],
        [
            candidate("a", GOOD, 0.0, "f1"), candidate("beside a", SCRAP, 0.6),
            candidate("b", GOOD, 10.0, "f2"), candidate("beside b", SCRAP, 10.3),
            candidate("c", GOOD, 20.0, "f3"), candidate("d", GOOD, 30.0, "f4"),
            candidate("e", SCRAP, 40.2), candidate("person", SCRAP, 50.0, moved=True),
            candidate("other", SCRAP, 60.0), candidate("early", SCRAP, 70.0, stamp_s=0.0),
        ],
        [verdict(MISSED, 0, 40.0), verdict(MISSED, 0, 90.0)],
    )  # fmt: skip
    labelled = label([run], PARAMS.near_m)
    assert [(thing.source, len(thing.looks)) for thing in labelled.things] == [
        (Source.TRUE, 2), (Source.FALSE, 1), (Source.MISSED, 1), (Source.PRESUMED, 1),
        (Source.MOVED, 1), (Source.PRESUMED, 1),
    ]  # fmt: skip
    assert {thing.patrol for thing in labelled.things} == {"run/p"}
    assert [thing.to_be_told for thing in labelled.things] == [
        True,
        False,
        True,
        False,
        False,
        False,
    ]
    assert labelled.left_out == Counter(
        {
            "incidents known": 1,
            "incidents ignore": 1,
            "missed where nothing was judged: no threshold finds it": 1,
            "candidates outside patrols, or of incidents no longer kept": 1,
        }
    )


def test_nothing_is_presumed_of_a_patrol_that_was_not_judged_to_the_end() -> None:
    open_ = [incident(1, 0.0, TRUE), incident(2, 10.0, None)]
    seen = [candidate("a", GOOD, 0.0, "f1"), candidate("x", SCRAP, 50.0)]
    unlooked = run_of("unlooked", [], [candidate("y", SCRAP, 50.0)])
    labelled = label([run_of("open", open_, seen), unlooked], PARAMS.near_m)
    assert [thing.source for thing in labelled.things] == [Source.TRUE]
    assert labelled.left_out["candidates of patrols that were not judged to the end"] == 2


def test_one_thing_told_in_two_pieces_is_one() -> None:
    pieces = [incident(1, 0.0, TRUE), incident(2, 0.6, TRUE), incident(3, 0.7, FALSE)]
    looks = [candidate(f"c{i}", GOOD, i / 5.0, f"f{i}") for i in (1, 2, 3)]
    things = label([run_of("r", pieces, looks)], PARAMS.near_m).things
    assert [(t.source, len(t.looks)) for t in things] == [(Source.TRUE, 2), (Source.FALSE, 1)]


def test_the_newest_verdict_counts() -> None:
    first = incident(1, 0.0, FALSE)
    second = dataclasses.replace(first, verdicts=(*first.verdicts, verdict(TRUE, 1)))
    (thing,) = label([run_of("r", [second], [candidate("a", GOOD, 0.0, "f1")])], 0.5).things
    assert thing.source is Source.TRUE


@pytest.mark.parametrize(("scraps_told", "bad"), [(True, LAX), (False, STRICT)])
def test_a_threshold_far_off_is_found_again(scraps_told: bool, bad: EvidenceParams) -> None:
    things = label(patrols(6, scraps_told), PARAMS.near_m).things
    if not scraps_told:
        things = tuple(t for t in things if t.source is not Source.PRESUMED)
    fitted = fit(things, (bad,), PARAMS)
    assert cost(things, bad, PARAMS) > cost(things, fitted, PARAMS) == 0.0
    if scraps_told:  # in the middle of what tells them apart
        assert 0.15 < fitted.min_extent_m < 0.33


def test_where_nothing_helps_nothing_changes() -> None:
    things = label(patrols(6, scraps_told=True), PARAMS.near_m).things
    assert fit(things, (SHIPPED, SHIPPED), PARAMS) == SHIPPED


def test_every_threshold_is_tried_within_the_bounds_of_its_parameter() -> None:
    bounds = {f.name: f.metadata["bounds"] for f in dataclasses.fields(EvidenceParams)}
    for threshold in THRESHOLDS:
        present = getattr(SHIPPED, threshold.name)
        values = grid(threshold, present)
        assert present in values and values == sorted(values)
        assert all(type(value) is type(present) for value in values)
        limits = bounds[threshold.name]
        assert all(limits.low <= value <= limits.high for value in values)


@given(st.integers(2, 30), st.floats(0.1, 0.9), st.integers(0, 5))
@settings(max_examples=15)
def test_no_patrol_is_in_both_parts_and_none_is_lost(count: int, share: float, seed: int) -> None:
    names = [f"run-{i}/p" for i in range(count)]
    parts = split(names * 2, share, seed)
    assert sorted((*parts.fit, *parts.held)) == sorted(names)
    assert parts.fit and parts.held
    assert parts == split(list(reversed(names)), share, seed)


def test_a_lesson_is_judged_on_what_was_held_back_and_is_the_same_twice() -> None:
    labelled = label(patrols(12, scraps_told=True), PARAMS.near_m)
    lesson = learn(labelled, LAX, PARAMS, 0, CLOCK)
    assert lesson.is_better and set(lesson.changes) == {"min_extent_m"}
    whole = lesson.rows[0]
    assert whole.group == "all" and whole.things == 4 * len(lesson.split.held)
    assert (whole.before.precision, whole.after.precision) == (0.5, 1.0)
    assert whole.before.recall == whole.after.recall == 1.0
    assert lesson == learn(labelled, LAX, PARAMS, 0, CLOCK)


def test_with_too_little_nothing_is_fitted_and_it_says_how_much_is_wanted() -> None:
    lesson = learn(label(patrols(3, True), PARAMS.near_m), LAX, PARAMS, 0, CLOCK)
    assert lesson.after == LAX and not lesson.is_better
    assert "4 of the 10 things to be told, in the patrols to fit on" in lesson.lacking


def test_groups_are_those_of_hour_distance_and_size() -> None:
    things = label(patrols(2, scraps_told=True), PARAMS.near_m).things
    rows = {row.group: row for row in compare(things, LAX, SHIPPED, CLOCK)}
    hour = CLOCK(START_S)[1] // 3600
    part = next(name for name in rows if name.startswith(("night", "morn", "after", "even")))
    assert str(hour // 6 * 6) in part
    assert rows["nearest 2 to 4 m"].things == 8
    assert rows["length 0 to 0.3 m"].before.false_alarms == 4
    assert rows["length 0 to 0.3 m"].after.false_alarms == 0
    assert rows["length 0.3 to 0.6 m"].after.recall == 1.0
    assert score([], SHIPPED).recall != score([], SHIPPED).recall  # NaN: there was nothing


def test_what_no_threshold_judges_gives_no_label_and_what_people_do_no_place() -> None:
    gone = dataclasses.replace(incident(1, 0.0, TRUE), kind=FindingKind.MISSING)
    seen = dataclasses.replace(incident(2, 10.0, IGNORE), kind=FindingKind.BEHAVIOUR)
    run = run_of("run", [gone, seen], [candidate("beside", SCRAP, 0.2)])
    labelled = label([run], PARAMS.near_m)
    assert labelled.things == ()
    assert places_of([run]) == ()


def test_a_place_with_hours_that_are_none_is_refused() -> None:
    (place,) = places_of([run_of("r", [incident(1, 3.0, KNOWN)])])
    document = place_to_document(place) | {"hours": "at night"}
    with pytest.raises(ValueError, match="at night"):
        place_from_document(document)


def test_places_go_to_the_site_model_and_outlive_their_records() -> None:
    runs = [
        run_of("r", [incident(1, 3.0, KNOWN), incident(2, 5.0, TRUE), incident(3, 9.0, IGNORE)])
    ]
    places = places_of(runs)
    assert [(p.source, p.verdict, p.x_m) for p in places] == [
        ("r/1", KNOWN, 3.0),
        ("r/3", IGNORE, 9.0),
    ]
    assert tuple(place_from_document(place_to_document(p)) for p in places) == places
    other = (dataclasses.replace(places[0], source="gone/7"),)
    assert merged((*other, *places), places[:1], {"r"}) == (*other, places[0])
