"""The numbers of a patrol whose numbers are known, and its page."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.report_records import OPERATOR, SITE, START_S
from tests.unit.report.conftest import HOSTILE

from patrol_core.errors import ConfigError
from patrol_core.types.maps import OccupancyGrid
from patrol_mission.report.coverage import Reach
from patrol_mission.report.form import PATROL_FORM, PATROL_VERSION, Policy, patrol_form
from patrol_mission.report.page import render_patrol
from patrol_mission.report.summary import PatrolSummary, summarize
from patrol_records.reader import RecordReader
from patrol_records.store import RecordStore

POLICIES = (Policy("running", "Nobody runs"), Policy("lying", "Nobody lies"))
Patrols = tuple[PatrolSummary, PatrolSummary]


@pytest.fixture(scope="module")
def form(patrols: Patrols) -> dict[str, Any]:
    return patrol_form(patrols[0], SITE, POLICIES, battery_wh=500.0)


def test_the_form_is_json_with_a_version(form: dict[str, Any]) -> None:
    assert json.loads(json.dumps(form, allow_nan=False)) == form
    assert (form["format"], form["version"]) == (PATROL_FORM, PATROL_VERSION)


def test_golden_numbers(form: dict[str, Any]) -> None:
    numbers = form["numbers"]
    assert numbers["duration_s"] == 240.0
    assert numbers["distance_m"] == pytest.approx(49.75)
    assert numbers["moving_s"] == pytest.approx(99.5)
    assert numbers["held_s"] == pytest.approx(5.0)
    assert numbers["battery_used_fraction"] == pytest.approx(0.05)
    assert numbers["energy_wh"] == pytest.approx(25.0)
    assert 0.0 < numbers["route_covered_fraction"] < 1.0


def test_what_was_to_be_done_and_what_was_done(form: dict[str, Any]) -> None:
    assert form["patrol"]["laps_wanted"] == 2
    assert form["laps"] == [{"number": 1, "start_s": START_S + 5.0, "end_s": START_S + 60.0}]
    gate, north = form["visits"]
    assert (gate["state"], gate["stamps_s"], gate["worst_idleness_s"]) == (
        "done", [START_S + 30.0], 210.0,
    )  # fmt: skip
    assert (north["state"], north["why"]) == ("skipped", "blocked: plain words")


def test_a_row_for_every_check_and_rule(form: dict[str, Any]) -> None:
    gate, lamp = form["checks"]
    assert (gate["outcome"], gate["counts"]["passed"]) == ("passed", 1)
    assert gate["reason"].startswith("Way out: read open")
    assert (lamp["outcome"], lamp["reason"]) == ("not read", "")
    assert [(p["rule_id"], p["incidents"]) for p in form["policies"]] == [
        ("running", [2]), ("lying", []),
    ]  # fmt: skip


def test_gaps_interventions_and_verdicts(form: dict[str, Any]) -> None:
    (gap,) = form["gaps"]
    assert (gap["start_s"] - START_S, gap["end_s"] - START_S) == (99.5, 180.0)
    assert gap["after"] == f"Operator: by {OPERATOR}"
    assert [one["words"] for one in form["interventions"]] == [
        "drove it by hand for 12 s",
        f"pause by {OPERATOR}",
    ]
    thing, _, told = form["incidents"]
    assert thing["verdict"]["words"] == "false alarm"
    assert told["x_m"] is None and told["from_people"]
    assert thing["evidence"][0]["threshold"] is None
    assert [len(s["points"]) for s in form["track"]] == [200, 2], "thinned where it stands"


def test_a_patrol_without_an_end_ends_with_its_last_sign(patrols: Patrols) -> None:
    second = patrols[1]
    assert not second.ended and second.end_s == START_S + 18099.5
    form = patrol_form(second, SITE)
    assert form["track"] == [] and form["numbers"]["distance_m"] == 0.0
    (gap,) = form["gaps"]
    assert "did not know its place" in gap["why"]
    assert all(visit["state"] == "done" for visit in form["visits"])


def test_unknown_and_missing_patrols_are_told(night: Path, tmp_path: Path) -> None:
    reader = RecordReader(night)
    with pytest.raises(ConfigError, match=r"no patrol 'x'.*expected one of first, second"):
        summarize(reader, SITE, "x")
    reader.close()
    RecordStore(tmp_path).close()
    reader = RecordReader(tmp_path)
    with pytest.raises(ConfigError, match="hold no patrol"):
        summarize(reader, SITE)
    reader.close()


class Elements(HTMLParser):
    """Counts elements, keeps links and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        assert not any(name.startswith("on") for name, _ in attrs), "no script in an attribute"

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_it_all(form: dict[str, Any], grid: OccupancyGrid, night: Path) -> None:
    page = Elements(render_patrol(form, grid, night / "photos", Reach(8.0)))
    for words in ("50 m", "5 s in all", "broken once", "kept", "not read", "25 Wh",
                  "obstacle at … m", "false alarm", "place unknown", "1 of 2"):  # fmt: skip
        assert words in page.text, words
    assert all(link.startswith(("data:image/", "#")) for link in page.links)
    assert "script" not in page.tags


def test_hostile_text_stays_text(
    hostile_patrols: Patrols, grid: OccupancyGrid, hostile_night: Path
) -> None:
    for patrol in hostile_patrols:
        form = patrol_form(patrol, SITE, (Policy("running", HOSTILE),))
        form["site"]["name"] = form["site"]["zones"][0]["kind"] = HOSTILE
        form["visits"][0]["name"] = HOSTILE
        page = render_patrol(form, grid, hostile_night / "photos", Reach(8.0))
        read = Elements(page)
        assert "script" not in read.tags and "onerror=alert(2)>" not in page
        assert HOSTILE in read.text, "but it can be read"
