"""What a newer program has written is refused with both numbers, and left as it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.mission_robot import make_site

from patrol_console.accounts.store import AccountStore
from patrol_console.errors import ConsoleError
from patrol_core.errors import ConfigError
from patrol_core.own_params import checked_own_params, own_params
from patrol_gate.params import GateParams
from patrol_mission.journal import Journal, JournalError
from patrol_records.errors import StoreError
from patrol_records.log.entries import LogEntry
from patrol_records.log.store import LogStore

OWN = "/**:\n  ros__parameters:\n    required_inputs: [imu/data]\n"


def numbered(file: Path, number: int) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"PRAGMA user_version={number}")


def number_of(file: Path) -> int:
    with closing(sqlite3.connect(file)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_accounts(tmp_path: Path) -> None:
    file = tmp_path / "accounts.db"
    AccountStore(file).close()
    assert number_of(file) == 1
    numbered(file, 0)
    AccountStore(file).close()
    assert number_of(file) == 1
    numbered(file, 7)
    with pytest.raises(ConsoleError, match=r"version 7; expected version 1 or older.*upgrade"):
        AccountStore(file)
    assert number_of(file) == 7


def test_log(tmp_path: Path) -> None:
    with LogStore(tmp_path, writable=True) as log:
        log.append([LogEntry(1.0, "act:1", "act", {"who": "ada"})])
        file = log.path
    numbered(file, 7)
    for writable in (True, False):
        with pytest.raises(StoreError, match=r"version 7; expected version 1 or older"):
            LogStore(tmp_path, writable=writable)
    assert number_of(file) == 7
    numbered(file, 0)
    with LogStore(tmp_path, writable=True) as log:
        assert log.size == 1
    assert number_of(file) == 1


def test_journal(tmp_path: Path) -> None:
    file = tmp_path / "mission.json"
    file.write_text('{"form": 7, "something": "else"}', encoding="utf-8")
    with pytest.raises(JournalError, match="form 7, and this program reads 1"):
        Journal(file, make_site(), "run", 0.0).recall()


def test_parameters_of_one_robot_come_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text(OWN, encoding="utf-8")
    assert own_params(str(tmp_path), "gate") == {"required_inputs": ["imu/data"]}
    assert own_params(str(tmp_path), "nav") == own_params("", "gate") == {}


def test_own_parameters_that_do_not_fit_are_told_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text(OWN, encoding="utf-8")
    assert checked_own_params(str(tmp_path), "gate", GateParams) == {
        "required_inputs": ["imu/data"]
    }
    (tmp_path / "gate.yaml").write_text(OWN.replace("inputs", "inptus"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"gate\.yaml: unknown.*'required_inptus'.*did you mean"):
        checked_own_params(str(tmp_path), "gate", GateParams)


def test_a_folder_of_parameters_that_nobody_would_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"RONDA_PARAMS is '.*none'"):
        own_params(str(tmp_path / "none"), "gate")
    (tmp_path / "gait.yaml").write_text(OWN, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no process 'gait'.*did you mean gate.yaml"):
        own_params(str(tmp_path), "nav")
