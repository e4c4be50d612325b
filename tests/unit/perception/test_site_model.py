"""What the site model learns, expects and forgets; its files, and what they refuse."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_core.types.perception import FindingKind
from patrol_perception.site_model.model import SiteModel
from patrol_perception.site_model.model_file import (
    append_observations,
    load_model,
    newest_model,
    read_observations,
    save_model,
)
from patrol_perception.site_model.observations import Observations, Sighting, hour_of, patch_of

VAN = Sighting(FindingKind.OBSTRUCTION, 10.3, 4.2, 5.2, 2.0)
BAG = Sighting(FindingKind.OBJECT, 10.3, 4.2, 0.4, 0.3)
EVENING, NIGHT = 20 * 3600, 3 * 3600
TUESDAY, SUNDAY = 1, 6


def hour(name: str, second: int, *things: Sighting, weekday: int = TUESDAY) -> Observations:
    watched = frozenset({patch_of(VAN.x_m, VAN.y_m)})
    return Observations(name, hour_of(weekday, second), things, watched)


def learnt(evenings: int = 5, nights: int = 5) -> SiteModel:
    """The van was there every evening, and never at night."""
    return SiteModel().learn(
        [hour(f"e{k}", EVENING, VAN) for k in range(evenings)]
        + [hour(f"n{k}", NIGHT) for k in range(nights)]
    )


def test_the_van_of_every_evening_is_no_news_in_the_evening_and_is_at_night() -> None:
    model = learnt()
    evening, night = model.expects(VAN, TUESDAY, EVENING), model.expects(VAN, TUESDAY, NIGHT)
    assert evening.sure > 0.8 and night.sure < 0.1
    assert "5 of 10" in evening.why and "about 20 h" in evening.why
    assert "about 03 h" in night.why


def test_an_hour_beside_is_nearly_the_same_and_other_days_say_little() -> None:
    model = learnt()
    assert model.expects(VAN, TUESDAY, EVENING + 3600).sure > 0.6
    assert model.expects(VAN, TUESDAY, EVENING - 4 * 3600).sure < 0.2
    assert model.expects(VAN, SUNDAY, EVENING).sure < model.expects(VAN, TUESDAY, EVENING).sure


def test_another_place_another_size_and_a_hole_are_news() -> None:
    model = learnt()
    gone = dataclasses.replace(VAN, kind=FindingKind.MISSING)
    for other in (dataclasses.replace(VAN, x_m=14.0), BAG, gone):
        expected = model.expects(other, TUESDAY, EVENING)
        assert expected.sure == 0.0 and "nothing like it" in expected.why


def test_the_empty_model_expects_nothing_and_two_evenings_are_not_enough() -> None:
    assert SiteModel().expects(VAN, TUESDAY, EVENING).sure == 0.0
    assert learnt(2, 0).expects(VAN, TUESDAY, EVENING).sure < 0.7
    assert learnt(3, 0).expects(VAN, TUESDAY, EVENING).sure > 0.7


def test_what_came_only_sometimes_is_never_sure() -> None:
    hours = [hour(f"e{k}", EVENING, *([VAN] if k % 2 else [])) for k in range(20)]
    assert 0.4 < SiteModel().learn(hours).expects(VAN, TUESDAY, EVENING).sure < 0.6


def test_the_same_hour_is_learnt_once_and_the_old_model_stays_as_it_was() -> None:
    first = learnt()
    second = first.learn([hour("e0", EVENING, VAN)])
    assert (second.places, second.looks) == (first.places, first.looks)
    assert (first.version, second.version) == (1, 2)


def test_versions_lie_beside_each_other_and_read_back_as_they_were(tmp_path: Path) -> None:
    assert newest_model(tmp_path) == SiteModel()
    first = learnt()
    second = first.learn([hour("late", NIGHT, BAG)])
    for model in (first, second):
        save_model(model, tmp_path)
    assert newest_model(tmp_path) == second
    assert newest_model(tmp_path, version=1) == first
    with pytest.raises(ConfigError, match="there already"):
        save_model(second, tmp_path)
    with pytest.raises(ConfigError, match=r"no site model of version 7.*1, 2"):
        newest_model(tmp_path, version=7)


def test_observations_read_back_and_a_cut_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "hours.jsonl"
    hours = [hour("a", EVENING, VAN, BAG), hour("b", NIGHT)]
    for one in hours:
        append_observations(path, one)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"name": "c", "ho')
    assert read_observations(path) == hours


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 2), ("places", [{"thing": {}}]), ("looks", [[1, 2]]), ("version", "x"),
        ("looks", [[1, 2, {"48": 1}]]), ("learnt", None),
    ],
)  # fmt: skip
def test_a_model_that_is_none_is_refused_with_its_file(
    tmp_path: Path, key: str, value: object
) -> None:
    path = save_model(learnt(), tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ConfigError, match=r"site_model-0001\.json.*expected"):
        load_model(path)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r'\{"name": "a", "hour": [0-9"\[\]{}, ]*\}'))
def test_no_line_of_observations_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "hours.jsonl"
    path.write_bytes(text.encode("utf-8", "replace") + b"\n")
    with pytest.raises(ConfigError, match=r"hours.jsonl:\d"):
        read_observations(path)
