"""Exports, read back by others: the csv module and shapely."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest
import shapely
from tests.report_records import OPERATOR, SITE, START_S, VISITORS_WORDS

from patrol_core.public_words import public_message
from patrol_mission.report.exports import COLUMNS, csv_tables, geojson
from patrol_mission.report.summary import PatrolSummary

Patrols = tuple[PatrolSummary, PatrolSummary]
DOCS = Path(__file__).parents[3] / "docs" / "REPORTS.md"


def read(tables: dict[str, str], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(tables[name], newline=""), strict=True))


def test_tables_read_back(patrols: Patrols) -> None:
    tables = csv_tables(patrols, SITE)
    for name, columns in COLUMNS.items():
        header = next(csv.reader(io.StringIO(tables[name])))
        assert header == list(columns)
    first, second = read(tables, "patrols")
    assert (first["distance_m"], first["held_s"], first["gaps"]) == ("49.8", "5.0", "1")
    assert first["start_utc"] == "2026-10-24T19:00:00.000Z"
    assert second["outcome"] == "not finished"
    track = read(tables, "track")
    assert [row["stretch"] for row in track] == ["1"] * 200 + ["2"] * 121
    way = [(float(row["x_m"]), float(row["y_m"])) for row in track if row["stretch"] == "1"]
    assert shapely.LineString(way).length == pytest.approx(49.75)
    visits = {(row["checkpoint_id"], row["state"]) for row in read(tables, "visits")}
    assert {("gate", "reached"), ("north_side", "left out")} <= visits
    assert [row["verdict"] for row in read(tables, "incidents")] == ["false", "", ""]


def test_geojson_lies_where_the_robot_was(patrols: Patrols) -> None:
    text = json.dumps(geojson(patrols, SITE), allow_nan=False)
    shapes = shapely.from_geojson(text)
    features = json.loads(text)["features"]
    assert isinstance(shapes, shapely.GeometryCollection)
    for shape, feature in zip(shapes.geoms, features, strict=True):
        kind, fields = feature["properties"]["type"], feature["properties"]
        for lon, lat in shapely.get_coordinates(shape):
            x_m, y_m = SITE.frame.to_local(math.radians(lat), math.radians(lon))
            if kind == "track":
                assert -0.02 <= x_m <= 5.02 and abs(y_m) < 0.02
            elif kind == "incident":
                assert math.dist((x_m, y_m), (1.0, 2.0)) < 0.02
            else:
                pose = SITE.checkpoint(fields["checkpoint_id"]).pose
                assert math.dist((x_m, y_m), (pose.x_m, pose.y_m)) < 0.02
    kinds = [f["properties"]["kind"] for f in features if "kind" in f["properties"]]
    assert kinds == ["object", "behaviour"], "what has no place is not on the map"
    lines = [s for s in shapes.geoms if isinstance(s, shapely.MultiLineString)]
    assert [len(line.geoms) for line in lines] == [2, 0], "nothing is drawn across a hole"


def test_nothing_of_visitors_and_no_names(patrols: Patrols) -> None:
    text = "".join(csv_tables(patrols, SITE).values()) + json.dumps(geojson(patrols, SITE))
    assert VISITORS_WORDS not in text and OPERATOR not in text
    assert "the words are not exported" in text
    assert public_message(f"look: A visitor reports: {VISITORS_WORDS}").endswith(
        "A visitor reports something"
    )
    assert public_message("reached") == "reached"


def test_no_cell_is_a_formula(hostile_patrols: Patrols) -> None:
    tables = csv_tables(hostile_patrols, SITE)
    for name in COLUMNS:
        for row in read(tables, name):
            for column, value in row.items():
                number = column.endswith(("_m", "_deg", "_rad", "_mps", "_s"))
                assert number or not value.startswith(("=", "+", "-", "@")), (column, value)
    assert all(row["patrol_id"] == "second" or row["patrol_id"].startswith("'=")
               for row in read(tables, "patrols"))  # fmt: skip


def test_every_column_is_explained() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name, columns in COLUMNS.items():
        section = text.split(f"### {name}.csv\n")[1].split("\n### ")[0].split("\n## ")[0]
        rows = [f"| `{column}` | {meaning} |" for column, meaning in columns.items()]
        missing = [row for row in rows if row not in section]
        assert not missing, "\n".join(missing)


def test_stamps_are_utc(patrols: Patrols) -> None:
    events = read(csv_tables(patrols[:1], SITE), "events")
    assert events[0]["time_utc"] == "2026-10-24T19:00:00.000Z"
    assert START_S == 1792868400.0
