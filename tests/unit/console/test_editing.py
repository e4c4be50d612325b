"""Zones, checkpoints, routes and schedules are changed over HTTP, checked, versioned, undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.editing_desk import Desk

from patrol_console.accounts.permissions import Role
from patrol_console.editing.editor import Editor
from patrol_console.editing.part import SiteNumber
from patrol_core.geometry import Pose2
from patrol_core.topics import AMCL_POSE
from patrol_core.types.motion import PoseEstimate


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


def zone(name: str, kind: str, west: float, south: float, size: float = 1.0) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"id": name, "kind": kind},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_what_is_there_is_shown_and_sent_back_changes_no_byte(desk: Desk) -> None:
    before = desk.text("site.yaml"), desk.text("zones.geojson")
    shown = desk.load()
    assert shown["version"] == 1 and shown["problems"] == []
    documents = shown["documents"]
    assert [one["properties"]["id"] for one in documents["zones"]] == [
        "tree", "shed_front", "shed_window"
    ]  # fmt: skip
    assert [one["properties"]["name"] for one in documents["checkpoints"]] == [
        "Gate", "North side"
    ]  # fmt: skip
    assert documents["routes"][0]["speed_mps"] == 0.8
    assert documents["schedules"][0]["start"] == "22:00"
    assert desk.save(documents).json()["version"] == 2
    assert (desk.text("site.yaml"), desk.text("zones.geojson")) == before


def test_a_change_is_in_the_files_in_the_history_and_in_the_log(desk: Desk) -> None:
    documents = desk.load()["documents"]
    documents["zones"].append(zone("pond", "keep_out", 4.5, -1.0))
    documents["routes"][0]["speed_mps"] = 0.6
    documents["schedules"][0] |= {"start": ["21:00", "23:00"], "priority": None}
    answer = desk.save(documents)
    assert answer.status == 200 and answer.json()["version"] == 2
    text = desk.text("site.yaml")
    assert "# Back, cheeks and nose" in text and "speed_mps: 0.6" in text
    assert 'start: ["21:00", "23:00"]' in text and "priority" not in text
    shown = desk.load()
    newest, oldest = shown["history"]
    assert (newest["who"], newest["words"], newest["s"]) == ("supervisor", "tried", 1000.0)
    assert oldest["who"] == "by hand"
    assert shown["documents"]["zones"][-1] == documents["zones"][-1]
    assert [act[:4] for act in desk.acts] == [
        ("by hand", "", "site_changed", "ronda: version 1"),
        ("supervisor", "supervisor", "site_changed", "ronda: version 2"),
    ]
    assert newest["sha256"] in desk.acts[1][4]


def test_the_robots_site_follows(desk: Desk) -> None:
    number = SiteNumber(desk.robot.link)
    documents = desk.load()["documents"]
    documents["checkpoints"][0]["geometry"]["coordinates"] = [3.2, -3.8]
    assert desk.save(documents).status == 200 and number() == 1
    desk.robot.tick(1.1)
    assert desk.robot.link.site.checkpoint("gate").pose.x_m == 3.2 and number() == 2


def test_mistakes_are_told_as_by_site_check_and_nothing_is_saved(desk: Desk) -> None:
    documents = desk.load()["documents"]
    documents["checkpoints"][0]["geometry"]["coordinates"] = [30, 0]
    documents["routes"][0]["checkpoints"].append("gaet")
    checked = desk.ask("POST", "/check", {"documents": documents}).json()["problems"]
    assert [(p["file"], p["where"]) for p in checked] == [
        ("zones.geojson", "checkpoints/gate"), ("site.yaml", "routes/perimeter")
    ]  # fmt: skip
    assert checked[0]["words"] == "checkpoint 'gate' lies outside the outline"
    assert checked[1]["remedy"] == "did you mean 'gate'?" and checked[1]["line"] == 17
    answer = desk.save(documents)
    assert answer.status == 422 and answer.json()["problems"] == checked
    assert desk.load()["version"] == 1


def test_a_mistake_is_told_of_the_entry_that_has_it(desk: Desk) -> None:
    documents = desk.load()["documents"]
    (nightly,) = documents["schedules"]
    documents["schedules"] = [nightly, nightly | {"id": "Early"}, nightly | {"id": "late"}]
    problems = desk.ask("POST", "/check", {"documents": documents}).json()["problems"]
    assert [problem["where"] for problem in problems] == ["schedules/Early"]


def test_a_change_on_an_older_version_is_a_conflict(desk: Desk) -> None:
    documents = desk.load()["documents"]
    assert desk.save(documents).status == 200
    answer = desk.save(documents)
    assert answer.status == 409 and "version 2" in answer.json()["error"]
    (desk.site / "site.yaml").write_text(desk.text("site.yaml") + "# mine\n", encoding="utf-8")
    answer = desk.save(documents, 2)
    assert answer.status == 409 and "by hand" in answer.json()["error"]
    assert desk.load()["version"] == 3 and "# mine" in desk.text("site.yaml")


def test_undo_is_a_new_version_equal_to_the_old_one(desk: Desk) -> None:
    before = desk.text("zones.geojson")
    documents = desk.load()["documents"]
    documents["zones"].append(zone("pond", "keep_out", 4.5, -1.0))
    desk.save(documents)
    body = {"base": 2, "version": 1, "words": "no pond"}
    assert desk.ask("POST", "/undo", body).json()["version"] == 3
    assert desk.text("zones.geojson") == before
    assert len(desk.load()["history"]) == 3
    assert desk.ask("POST", "/undo", body).status == 409
    assert desk.ask("POST", "/undo", body | {"base": 3, "version": 9}).status == 422


def test_who_would_be_closed_in_is_said_before(desk: Desk) -> None:
    documents = desk.load()["documents"]
    documents["zones"].append(zone("pond", "keep_out", 4.5, -1.0))
    estimate = PoseEstimate(0.0, Pose2(5.0, -0.5, 0.0))
    desk.robot.hear(AMCL_POSE, estimate)
    desk.robot.tick()
    answer = desk.save(documents)
    assert answer.status == 422
    assert answer.json()["warnings"] == [
        "the robot is in the keep-out zone 'pond': it will hold"
    ]  # fmt: skip
    assert desk.save(documents, although=True).status == 200
    assert "although the robot is in" in desk.acts[-1][4]


def test_private_ground_is_not_laid_open_by_the_way(desk: Desk) -> None:
    documents = desk.load()["documents"]
    window = documents["zones"][2]
    window["properties"]["hours"] = ["daily 08:00-17:00"]
    answer = desk.ask("POST", "/check", {"documents": documents}).json()
    assert "'shed_window' are hidden no more, or at other hours" in answer["warnings"][0]
    del window["properties"]["hours"]
    assert desk.ask("POST", "/check", {"documents": documents}).json()["warnings"] == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_supervisors_edit(desk: Desk, role: Role) -> None:
    assert desk.ask("GET", role=role).status == 403
    assert desk.ask("PUT", value={}, role=role).status == 403


def test_a_site_with_a_mistake_is_shown_with_it_and_can_be_undone(desk: Desk) -> None:
    desk.load()
    good = desk.text("site.yaml")
    (desk.site / "site.yaml").write_text("routes: [\n", encoding="utf-8")
    shown = desk.load()
    assert shown["version"] == 2 and shown["documents"] is None and shown["problems"]
    body = {"base": 2, "version": 1, "words": "as it was"}
    assert desk.ask("POST", "/undo", body).status == 200 and desk.text("site.yaml") == good


def test_a_full_disk_is_said_and_nothing_has_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = desk.load()["documents"]
    before = desk.text("site.yaml")
    documents["routes"][0]["speed_mps"] = 0.6

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("patrol_core.site.trial.shutil.copytree", full)
        assert desk.save(documents).status == 503
    with monkeypatch.context() as patched:
        patched.setattr("patrol_core.whole_file.os.fsync", full)
        answer = desk.save(documents)
    assert answer.status == 422 and "No space left" in answer.json()["error"]
    assert desk.text("site.yaml") == before and desk.save(documents).status == 200


def test_what_came_in_by_other_ways_is_in_the_log_once_there_is_a_history(desk: Desk) -> None:
    editor = Editor(desk.robot.link, desk.station)
    editor.look()
    assert desk.acts == [] and not (desk.site / "history").exists()
    desk.load()
    (desk.site / "site.yaml").write_text(desk.text("site.yaml") + "# mine\n", encoding="utf-8")
    editor.look()
    editor.look()
    assert [act[3] for act in desk.acts] == ["ronda: version 1", "ronda: version 2"]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"base": 1}, {"base": "1", "documents": {}, "words": "x"}, [],
        {"base": 1, "words": " ", "documents": {}}, {"base": 1, "words": "x", "documents": None},
    ],
)  # fmt: skip
def test_what_is_no_change_is_refused(desk: Desk, body: Any) -> None:
    assert desk.ask("PUT", value=body).status == 400


def test_what_is_nested_too_deeply_is_refused(desk: Desk) -> None:
    documents = desk.load()["documents"]
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    documents["zones"][0]["geometry"]["coordinates"] = deep
    assert desk.save(documents).status == 422
