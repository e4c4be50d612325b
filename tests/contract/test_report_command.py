"""`./ronda report`: what it writes, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.report_records import write_records
from typer.testing import CliRunner, Result

from patrol_core.errors import ConfigError
from patrol_mission.report.exports import COLUMNS
from ronda_cli.commands.report import app


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    write_records(folder / "yard-20261024-205900")
    return folder


def ronda(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_each_command_says_where_its_file_is(runs: Path, tmp_path: Path) -> None:
    run = runs / "yard-20261024-205900"
    assert ronda("patrol", str(run), "--patrol", "first").output == f"{run}/report.html\n"
    assert "Patrol of Saturday 24 October 2026" in (run / "report.html").read_text()
    assert ronda("week", "--runs", str(runs)).output == f"{runs}/yard-week-2026-10-25.html\n"
    replay = ronda("replay", str(run), "--night", "2026-10-24").output
    assert replay.startswith(f"{run}/replay-2026-10-24.html (0.")
    tables, features = tmp_path / "tables", tmp_path / "night.geojson"
    written = ronda("export", str(run), "--csv", str(tables), "--geojson", str(features)).output
    assert written.split() == [*(f"{tables}/{name}.csv" for name in COLUMNS), str(features)]
    assert all((tables / f"{name}.csv").is_file() for name in COLUMNS)
    assert json.loads(features.read_text())["type"] == "FeatureCollection"


def test_the_week_takes_only_runs_of_its_site(runs: Path, tmp_path: Path) -> None:
    write_records(runs / "depot-20261024-205900")
    out = tmp_path / "week.html"
    ronda("week", "--runs", str(runs), "--site", "yard", "--out", str(out))
    assert "From 1 run " in out.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("patrol", "nowhere"), "no records of a run 'nowhere'"),
        (("patrol", "RUN", "--patrol", "x"), "no patrol 'x'"),
        (("week", "--runs", "RUNS", "--ending", "tomorrow"), "--ending tomorrow"),
        (("week", "--runs", "EMPTY"), "no run is here"),
        (("export", "RUN"), "nothing to write"),
        (("export", "RUN", "--csv", "/proc/none"), "cannot write it"),
        (("replay", "RUN", "--night", "2020-01-01"), "no patrol began in the night of 2020-01-01"),
        (("replay", "OTHER"), "does not tell the site"),
    ],
)
def test_mistakes_are_told(
    runs: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    write_records(tmp_path / "other")
    (tmp_path / "empty").mkdir()
    named = {
        "RUN": runs / "yard-20261024-205900", "RUNS": runs, "EMPTY": tmp_path / "empty",
        "OTHER": tmp_path / "other",
    }  # fmt: skip
    with pytest.raises(ConfigError, match=words) as error:
        ronda(*(str(named.get(argument, argument)) for argument in arguments))
    assert error.value.remedy or error.value.expected
