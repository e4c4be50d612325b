"""`./ronda learn` and verdicts on records of made-up patrols: nothing changes unless told."""

from __future__ import annotations

import dataclasses
import shutil
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests.unit.perception.learning_data import START_S, patrols

from patrol_core.errors import ConfigError, RondaError
from patrol_core.geometry import Pose2
from patrol_core.learned import learned_values, version_in_force, versions_in_force
from patrol_core.types.learning import VerdictKind
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import Finding
from patrol_perception.learning.params import LearnParams
from patrol_perception.learning.places_file import read_places
from patrol_perception.params import PerceptionParams
from patrol_records.reader import RecordReader
from patrol_records.store import RecordStore
from ronda_cli.app import build
from ronda_cli.commands import learn as command
from ronda_cli.environment.paths import ROOT
from ronda_cli.learning.study import Study
from ronda_cli.learning.versions import (
    known_versions,
    read_card,
    version_before,
    write_version,
)
from ronda_cli.records import Records
from ronda_cli.verdicts import give, new_verdict

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=timezone.utc)
BAD = {"min_extent_m": 0.05}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "yard"
    shutil.copytree(ROOT / "sites" / "yard", folder, ignore=shutil.ignore_patterns("learned"))
    return folder


def stored(folder: Path, count: int) -> list[str]:
    """The runs of `patrols`, as records on disk."""
    names = []
    for run in patrols(count, scraps_told=True):
        findings = [
            Finding(
                i.finding_id, 1, i.opened_s, i.kind, i.x_m, i.y_m, i.length_m, i.width_m,
                i.confidence, i.first_seen_s, i.reason, i.evidence,
            )
            for i in run.incidents
        ]  # fmt: skip
        start = PatrolEvent(START_S, "p", "patrol_started", "perimeter", "1 lap", Pose2(0, 0))
        with closing(RecordStore(folder / run.name)) as store:
            store.add(findings, [start], (), run.verdicts, run.candidates)
        names.append(str(folder / run.name))
    return names


def study(site: Path, runs: list[str]) -> Study:
    return Study.of(site, runs, LearnParams(), seed=0)


def test_what_was_learned_is_a_version_and_the_old_one_comes_back(
    site: Path, tmp_path: Path
) -> None:
    first = write_version(site, BAD, (), {"changed": BAD}, NOW)
    runs = stored(tmp_path, 12)
    give(
        Records(runs[0], ""),
        new_verdict(VerdictKind.KNOWN, "bo", "our bin", (5.0, 0.0), 1, "daily 06:00-20:00"),
    )
    learned = study(site, runs)
    assert learned.lesson.is_better and version_in_force(site) == first == 1
    assert learned.apply(NOW + timedelta(hours=1), force=False) == 2
    values = learned_values(site, "perception", PerceptionParams)
    assert values == {"evidence.min_extent_m": learned.lesson.after.min_extent_m}
    card = read_card(site, 2)
    assert card["based_on_version"] == 1 and len(card["hash"]) == 12 and not card["forced"]
    assert set(card["split"]["fitted_on"]).isdisjoint(card["split"]["held_back"])
    assert card["measured_on_held_back"]["groups"][0]["after"]["precision"] == 1.0
    (place,) = read_places(site)
    assert (place.source, place.hours, place.why) == ("yard-0/1", "daily 06:00-20:00", "our bin")
    again = study(site, runs)
    assert again.lesson.changes == {} and again.new_places == again.old_places
    with pytest.raises(RondaError, match="no threshold would do better"):
        again.apply(NOW, force=True)
    assert version_before(site) == 1
    command.run(site=str(site), back=True)
    assert versions_in_force(site) == [0, 1, 2, 1] and known_versions(site) == [1, 2]
    command.run(site=str(site), back=True)
    assert version_in_force(site) == 0 and version_before(site) is None
    with pytest.raises(RondaError, match="nothing to go back from"):
        command.run(site=str(site), back=True)


def test_nothing_changes_without_apply_and_the_picture_is_drawn(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_version(site, BAD, (), {"changed": BAD}, NOW)
    runs = stored(tmp_path, 12)
    picture = tmp_path / "new" / "lesson.png"
    command.run(runs, site=str(site), out=picture)
    assert version_in_force(site) == 1 and picture.stat().st_size > 5000
    told = capsys.readouterr().out
    assert "min_extent_m: 0.05 -> " in told and "nothing was changed" in told


def test_with_too_little_it_says_how_much_and_applies_nothing(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = stored(tmp_path, 2)
    with pytest.raises(RondaError, match="nothing is applied: too little is known"):
        command.run(runs, site=str(site), apply=True, out=tmp_path / "p.png")
    assert "2 of the 10 things to be told" in capsys.readouterr().out
    assert not (site / "learned").exists()


def test_what_is_not_better_where_it_was_held_back_needs_force(site: Path, tmp_path: Path) -> None:
    learned = study(site, stored(tmp_path, 12))
    worse = dataclasses.replace(learned.lesson.after, min_extent_m=0.5)
    lesson = dataclasses.replace(learned.lesson, after=worse, cost_after=9.0)
    doubtful = dataclasses.replace(learned, lesson=lesson)
    with pytest.raises(RondaError, match=r"not better on the patrols held back; to do.*--force"):
        doubtful.apply(NOW, force=False)
    assert known_versions(site) == []
    assert doubtful.apply(NOW, force=True) == 1
    assert read_card(site, 1)["forced"] and read_card(site, 1)["changed"] == {"min_extent_m": 0.5}


def test_a_run_of_another_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no run of depot.*--site"):
        command.run(stored(tmp_path, 1), site="depot")


def test_list_shows_versions_with_their_hash(
    site: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    write_version(site, BAD, (), {"changed": BAD}, NOW)
    study(site, stored(tmp_path, 12)).apply(NOW, force=False)
    command.run(site=str(site), versions=True)
    told = capsys.readouterr().out
    assert read_card(site, 2)["hash"] in told and "as shipped" in told


def test_a_damaged_list_of_places_is_named(site: Path) -> None:
    write_version(site, {}, (), {}, NOW)
    (site / "learned" / "0001" / "places.yaml").write_text("places: [{source: 3}]\n")
    with pytest.raises(ConfigError, match=r"places.yaml: not a list of places.*--back"):
        read_places(site)


def test_verdicts_are_stored_or_refused_in_words(tmp_path: Path) -> None:
    (run,) = stored(tmp_path, 1)
    give(Records(run, ""), new_verdict(VerdictKind.MISSED, " cy ", "a bag", (1.0, 2.0)))
    with closing(RecordReader(Path(run))) as reader:
        newest = reader.verdicts()[-1]
    assert (newest.verdict, newest.who, newest.incident_id) == (VerdictKind.MISSED, "cy", 0)
    for words, told in (
        ({"who": " "}, "--who is empty"),
        ({"why": ""}, "--why is empty"),
        ({"hours": "monday"}, "--hours is 'monday'.*mon-fri"),
        ({"hours": "daily 06:00-20:00"}, "--hours with 'true'"),
    ):
        given = {"who": "cy", "why": "so"} | words
        with pytest.raises(ConfigError, match=told):
            new_verdict(
                VerdictKind.TRUE, given["who"], given["why"], (0.0, 0.0), 1, given.get("hours", "")
            )


def test_the_command_line_gives_verdicts_and_shows_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    (run,) = stored(tmp_path, 1)
    given = build(["incidents"])
    words = ["--who", "di", "--run", run]
    given(["incidents", "verdict", "3", "true", "--why", "a bag", *words], standalone_mode=False)
    missed = ["incidents", "missed", "--why", "a box", *words, "--", "-3.5", "7.2"]
    given(missed, standalone_mode=False)
    given(["incidents", "list", "--run", run], standalone_mode=False)
    told = capsys.readouterr().out
    assert "  3  new" in told and "object  at 15.0, 0.0 m  " in told
    assert "  said to be true" in told
    given(["incidents", "show", "3", "--run", run], standalone_mode=False)
    told = capsys.readouterr().out
    assert "said to be false" in told and "said to be true by di: a bag" in told
    with closing(RecordReader(Path(run))) as reader:
        verdicts = [v for v in reader.verdicts() if v.who == "di"]
    assert [(v.verdict.value, v.x_m, v.y_m) for v in verdicts] == [
        ("true", 15.0, 0.0),
        ("missed", -3.5, 7.2),
    ]
    with pytest.raises(ConfigError, match="no incident 9 in the records"):
        given(["incidents", "verdict", "9", "true", "--why", "x", *words], standalone_mode=False)
