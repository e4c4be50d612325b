"""A text that gets new values keeps every byte of what stays, comments and order among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.site.feature_text import write_json
from patrol_core.site.rewriting import plain, rewritten, write_flow
from patrol_core.site.yaml_tree import Problems, Value, parse_json, parse_yaml

FILE = Path("site.yaml")
SITE = """# The yard.
name: Yard  # as people call it

routes:
  # Round the fence.
  - id: perimeter
    speed_mps: 0.8  # wet leaves in autumn
    checkpoints: [gate, north_side]
  # Only at night.
  - {id: night, speed_mps: 0.5, checkpoints: [gate]}

schedules:
  - id: nightly
    route: perimeter
    start: "22:00"
    from: 2026-11-01
retention: {photos_days: 14}
"""


def root_of(text: str) -> Value:
    root = parse_yaml(text, FILE, "the site", Problems())
    assert root is not None
    return root


def changed(text: str, **new: Any) -> str:
    root = root_of(text)
    return rewritten(text, root.node, plain(root.node) | new, write_flow)


def routes() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plain(root_of(SITE).node)["routes"]
    return found


def test_values_are_read_as_json_has_them() -> None:
    value = plain(root_of(SITE).node)
    assert value["routes"][0]["speed_mps"] == 0.8
    assert value["schedules"][0] == {
        "id": "nightly", "route": "perimeter", "start": "22:00", "from": "2026-11-01"
    }  # fmt: skip


def test_nothing_new_changes_nothing() -> None:
    assert changed(SITE, routes=routes()) == SITE


def test_one_number_changes_one_number() -> None:
    first, second = routes()
    assert changed(SITE, routes=[first | {"speed_mps": 0.6}, second]) == SITE.replace(
        "speed_mps: 0.8  #", "speed_mps: 0.6  #"
    )


def test_an_entry_goes_and_the_others_keep_their_lines() -> None:
    kept = changed(SITE, routes=[routes()[1]])
    assert "perimeter\n    speed" not in kept and "# Only at night.\n  - {id: night" in kept
    assert plain(root_of(kept).node)["routes"] == [routes()[1]]


def test_new_entries_and_keys_come_last() -> None:
    first, second = routes()
    new = {"id": "new", "speed_mps": 1, "checkpoints": [{"id": "gate", "hours": ["daily 1"]}]}
    text = changed(SITE, routes=[new, first | {"path": "lap"}, second])
    assert "    checkpoints: [gate, north_side]\n    path: lap\n  # Only" in text
    assert text.index("id: night") < text.index("  - id: new\n    speed_mps: 1\n")
    assert "[{id: gate, hours: [daily 1]}]" in text


def test_a_list_that_was_not_there_is_added() -> None:
    assert changed("name: Yard", schedules=[{"id": "a"}]) == "name: Yard\nschedules: [{id: a}]\n"


@pytest.mark.parametrize("word", ["no", "true", "12", "a: b", "# a", "", "ä", "- x", "22:00"])
def test_words_that_yaml_takes_for_something_else_are_quoted(word: str) -> None:
    text = changed(SITE, name=word)
    assert plain(root_of(text).node)["name"] == word


def test_letters_beyond_ascii_before_it_move_nothing() -> None:
    text = "# ä 🤖 漢\n" + SITE.replace("Yard", "Höf 🤖")
    assert changed(text, retention={"photos_days": 7}) == text.replace("days: 14", "days: 7")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
VALUES = st.one_of(WORDS, st.booleans(), st.integers(-99, 99), st.lists(WORDS, max_size=3))
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["perimeter", "night", "x", "y"])},
        optional={"speed_mps": VALUES, "checkpoints": VALUES, "more": VALUES},
    ),
    unique_by=lambda entry: str(entry["id"]),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(ENTRIES)
def test_whatever_is_written_is_read_back(entries: list[dict[str, Any]]) -> None:
    value = plain(root_of(changed(SITE, routes=entries)).node)
    by_id = {entry["id"]: entry for entry in entries}
    assert {entry["id"]: entry for entry in value["routes"]} == by_id
    assert value | {"routes": 0} == plain(root_of(SITE).node) | {"routes": 0}


def feature(name: str, ring: list[list[float]]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"id": name, "kind": "keep_out"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


RING = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]


def test_features_are_written_as_their_neighbours(yard_zones: str) -> None:
    root = parse_json(yard_zones, FILE, "the zones", Problems())
    assert root is not None
    value = plain(root.node)
    more = value | {"features": [*value["features"], feature("pond", RING)]}
    text = rewritten(yard_zones, root.node, more, write_json)
    new = text[len(yard_zones.rstrip().removesuffix("]\n}").rstrip()) :]
    assert new.startswith(',\n    {\n      "type": "Feature",\n      "properties": {"id": "pond"')
    again = parse_json(text, FILE, "the zones", Problems())
    assert again is not None and plain(again.node) == more
    assert rewritten(text, again.node, value, write_json) == yard_zones


@pytest.fixture
def yard_zones() -> str:
    path = Path(__file__).parents[2] / "sites" / "yard" / "zones.geojson"
    return path.read_text(encoding="utf-8")
