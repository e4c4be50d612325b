"""`./ronda incidents`: what there is, what is done about it, and its whole history."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.test_records import FINDING, PHOTO

from patrol_core.errors import ConfigError
from patrol_records.entries import Circumstances
from patrol_records.store import RecordStore
from ronda_cli.app import build
from ronda_cli.verdicts import duration_s

HOUR_S = 3600.0


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two causes: one found on two laps, one once."""
    monkeypatch.setenv("COLUMNS", "160")
    now_s = time.time() - HOUR_S
    first = replace(FINDING, stamp_s=now_s, first_seen_s=now_s - 4.0)
    again = replace(first, finding_id="f2", stamp_s=now_s + 600.0, first_seen_s=now_s + 596.0)
    other = replace(first, finding_id="f3", x_m=30.0, photo=PHOTO)
    with closing(RecordStore(tmp_path)) as store:
        store.add([first, again, other], circumstances=Circumstances("mission", "p1", "lap", "a"))
    return str(tmp_path)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    build(["incidents"])(["incidents", *words], standalone_mode=False)
    return capsys.readouterr().out


def test_one_cause_is_one_line(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "list", "--run", run)
    assert "2 new, 0 acknowledged, 0 shelved, 0 resolved" in said
    first, _, second, _ = said.splitlines()[1:]
    assert "   1  new" in first and "2 times, last 20" in first and "photo" not in first
    assert (
        "   3  new" in second and "30.0, 2.0 m" in second and second.rstrip().endswith("  photo")
    )
    said = told(capsys, "list", "--run", run, "--count", "1")
    assert "1 more: --count 2 shows them" in said


def test_from_new_to_resolved(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--who", "di", "--run", run, "--why")
    said = told(capsys, "acknowledge", "2", *words, "on my way")
    assert "incident 2 of" in said and "acknowledged since" in said
    said = told(capsys, "shelve", "1", "--for", "8h", *words, "waits for a key")
    assert "shelved until" in said
    assert "1 new, 0 acknowledged, 1 shelved" in told(capsys, "list", "--run", run)
    assert "shelved" in told(capsys, "list", "--state", "shelved", "--run", run).splitlines()[1]
    told(capsys, "verdict", "2", "true", *words, "a bag")
    said = told(capsys, "resolve", "2", *words, "taken away")
    assert "resolved since" in said
    with pytest.raises(ConfigError, match=r"incident 1 is resolved.*reopen it first"):
        told(capsys, "shelve", "1", "--for", "1d", *words, "later")
    said = told(capsys, "reopen", "1", *words, "it is back")
    assert "new since" in said
    said = told(capsys, "show", "2", "--run", run)
    assert "authority   mission" in said and "patrol      p1 on route lap" in said
    history = [line.split("  ", 1)[1] for line in said.splitlines() if line[:2] == "20"]
    assert [line.split(" by ")[0].split(" until ")[0] for line in history] == [
        "incident 1: found", "incident 2: found", "incident 2: acknowledged",
        "incident 1: shelved", "incident 2: said to be true", "incident 2: resolved",
        "incident 1: opened again",
    ]  # fmt: skip
    assert history[2].endswith("by di: on my way")


def test_what_cannot_be_is_told_in_words(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"no incident 9 .*list --state all"):
        told(capsys, "acknowledge", "9", "--why", "x", "--run", run)
    with pytest.raises(ConfigError, match="--why is empty"):
        told(capsys, "resolve", "1", "--why", " ", "--who", "di", "--run", run)
    for words in ("", "h", "8", "8x", "-3d", "0h", "1.5d", "99999w"):
        with pytest.raises(ConfigError, match="--for is"):
            duration_s(words)
    assert [duration_s(words) for words in ("30m", "8h", "3d", "2w")] == [
        1800.0, 8 * HOUR_S, 72 * HOUR_S, 336 * HOUR_S,
    ]  # fmt: skip


def test_acts_are_by_who_is_logged_in(
    run: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "edda")
    told(capsys, "acknowledge", "1", "--why", "seen", "--run", run)
    said = told(capsys, "show", "1", "--run", run)
    assert "acknowledged by edda: seen" in said
