"""Versions of a site: whole or not at all, none rewritten, nothing done by hand overwritten."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.simulated import ROOT

from patrol_core.errors import ConfigError
from patrol_core.site.history import BY_HAND, HISTORY, ConflictError, History, Note

NOTE = Note("ada", "supervisor", 100.0, "slower at the gate")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "sites" / "yard", tmp_path / "yard")
    return tmp_path / "yard"


def slower(history: History) -> dict[str, str]:
    files = history.files()
    return files | {"site.yaml": files["site.yaml"].replace("0.8", "0.6")}


def test_a_save_keeps_the_site_as_it_was_and_as_it_is(folder: Path) -> None:
    history = History(folder)
    before = history.files()
    assert not history.is_begun
    assert history.newest(1.0).note == Note(BY_HAND, "", 1.0, "as it was found")
    saved = history.save(1, slower(history), NOTE)
    assert (saved.number, saved.note) == (2, NOTE)
    assert "0.6" in (folder / "site.yaml").read_text(encoding="utf-8")
    assert history.newest(2.0) == saved
    assert history.version(1).files == before and history.version(2) == saved
    assert saved.digest != history.version(1).digest
    back = history.save(2, history.version(1).files, NOTE)
    assert back.number == 3 and history.files() == before
    assert back.digest == history.version(1).digest and history.numbers() == [1, 2, 3]


def test_who_stands_on_an_older_version_is_told(folder: Path) -> None:
    history = History(folder)
    history.newest(1.0)
    files = slower(history)
    history.save(1, files, NOTE)
    with pytest.raises(ConflictError, match=r"at version 2 by now, not at 1: slower.*ada"):
        history.save(1, files, NOTE)
    assert history.numbers() == [1, 2]


def test_what_was_changed_by_hand_meanwhile_is_a_version_and_a_conflict(folder: Path) -> None:
    history = History(folder)
    history.newest(1.0)
    files = slower(history)
    (folder / "site.yaml").write_bytes(b"name: mine\r\n")
    with pytest.raises(ConflictError, match=r"version 2.*by hand"):
        history.save(1, files, NOTE)
    assert history.version(2).files["site.yaml"] == "name: mine\r\n"
    history.save(2, files, NOTE)
    assert history.files() == files


@pytest.mark.parametrize("number", [0, 7])
def test_an_unknown_version_is_said(folder: Path, number: int) -> None:
    history = History(folder)
    history.newest(1.0)
    with pytest.raises(ConfigError, match=f"no version {number}.*expected 1 to 1"):
        history.version(number)


def test_a_damaged_version_is_said_with_its_place(folder: Path) -> None:
    history = History(folder)
    history.newest(1.0)
    path = folder / HISTORY / "000001.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"000001.json: .*cannot be read"):
        history.newest(2.0)


def test_a_site_that_is_no_text_is_said(folder: Path) -> None:
    (folder / "zones.geojson").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        History(folder).newest(1.0)
