"""What a run notes of its site, and what comes of it on the next one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.perception.ray_world import Watch, box

from patrol_core.geometry import Pose2
from patrol_core.site.local_time import site_local_time
from patrol_core.types.learning import VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_perception.claims import Claim
from patrol_perception.learning.places import JudgedPlace
from patrol_perception.outline import Outline
from patrol_perception.params import SiteModelParams
from patrol_perception.site_model.model import SiteModel
from patrol_perception.site_model.model_file import OBSERVATIONS, read_observations, save_model
from patrol_perception.site_model.observations import Sighting, hour_of, patch_of
from patrol_perception.site_model.recall import Observer, Recall, recall_from

CLOCK = site_local_time("Europe/Berlin", 1780380000.0)
"""Tuesday, 8 in the morning."""
BEHIND_A_WALL = Sighting(FindingKind.OBJECT, 9.0, 8.0, 0.4, 0.4)
IN_VIEW = Sighting(FindingKind.OBJECT, 6.0, 4.0, 0.4, 0.4)


def test_hours_are_noted_with_what_was_in_view(tmp_path: Path) -> None:
    watch = Watch(mapped=[box(9.0, 6.0, 8.0, 0.2)])
    watch.drive(Pose2(4.0, 2.0, 0.0), 1.0, 0.3)
    assert watch.scene.look is not None
    observer = Observer(tmp_path, CLOCK, reach_m=9.0)
    for now_s in (0.0, 10.0, 3600.0):
        observer.note(watch.scene.look, [("a", IN_VIEW), ("b", BEHIND_A_WALL)], now_s)
    observer.close()
    first, second = read_observations(tmp_path / OBSERVATIONS)
    assert (first.name, second.name) == (f"{tmp_path.name} 0", f"{tmp_path.name} 3600")
    assert (first.hour, second.hour) == (hour_of(1, 8 * 3600), hour_of(1, 9 * 3600))
    assert first.sightings == (IN_VIEW,)
    assert patch_of(6.0, 4.0) in first.watched
    assert patch_of(9.0, 8.0) not in first.watched and patch_of(20.0, 2.0) not in first.watched


def test_the_model_in_the_folder_says_what_is_no_news(tmp_path: Path) -> None:
    claim = Claim(IN_VIEW.kind, Outline(6.05, 4.0, 0.4, 0.4, 0.0), 0.9, 0.0, "it", ())
    assert recall_from(tmp_path, CLOCK, SiteModelParams())(claim, 0.0) == (False, "")
    watch = Watch()
    watch.drive(Pose2(4.0, 2.0, 0.0), 1.0, 0.1)
    assert watch.scene.look is not None
    for start_s in range(4):
        observer = Observer(tmp_path, CLOCK, reach_m=9.0)
        observer.note(watch.scene.look, [("a", IN_VIEW)], float(start_s))
        observer.close()
    save_model(SiteModel().learn(read_observations(tmp_path / OBSERVATIONS)), tmp_path)
    recall = recall_from(tmp_path, CLOCK, SiteModelParams(folder=str(tmp_path)))
    known, words = recall(claim, 60.0)
    assert known and "4 of 4 earlier hours" in words
    assert recall(claim, 12 * 3600.0)[0] is False


@pytest.mark.parametrize(
    ("verdict", "hours", "x_m", "length_m", "is_no_news"),
    [
        (VerdictKind.KNOWN, "", 6.1, 0.4, True), (VerdictKind.KNOWN, "", 8.0, 0.4, False),
        (VerdictKind.KNOWN, "", 6.1, 2.0, False), (VerdictKind.IGNORE, "", 6.4, 2.0, True),
        (VerdictKind.IGNORE, "", 6.9, 0.4, False),
        (VerdictKind.KNOWN, "tue 07:00-09:00", 6.1, 0.4, True),
        (VerdictKind.KNOWN, "tue 09:00-17:00", 6.1, 0.4, False),
    ],
)  # fmt: skip
def test_what_a_person_said_of_a_place_is_no_news_there_in_its_hours(
    verdict: VerdictKind, hours: str, x_m: float, length_m: float, is_no_news: bool
) -> None:
    place = JudgedPlace(
        "run/1", verdict, IN_VIEW.kind, 6.0, 4.0, 0.4, 0.4, hours, "anna", "it is ours", 0.0
    )
    recall = Recall(SiteModel(), (place,), CLOCK, SiteModelParams())
    outline = Outline(x_m, 4.0, length_m, 0.4, 0.0)
    known, words = recall(Claim(IN_VIEW.kind, outline, 0.9, 0.0, "it", ()), 60.0)
    assert known is is_no_news
    assert ("anna said" in words and "it is ours" in words) is is_no_news
