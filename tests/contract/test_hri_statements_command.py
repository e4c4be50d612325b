"""`./ronda statements` reads and deletes; it makes no store and no key."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from patrol_core.errors import ConfigError
from patrol_hri.errors import StatementKeyError, StatementStoreError
from patrol_hri.statements.statement import Piece, Statement, Topic
from patrol_hri.statements.store import StatementStore
from ronda_cli.app import build

STATEMENT = Statement(
    1.7e9, "de", float("nan"), float("nan"),
    (Piece(Topic.ACCOUNT, "Das Tor stand offen."), Piece(Topic.WHEN, "um drei", corrected=True)),
)  # fmt: skip


def given(folder: Path, *words: str) -> None:
    where = ["--folder", str(folder / "data"), "--key-file", str(folder / "key")]
    build(["statements"])(["statements", *words, *where], standalone_mode=False)


def test_list_show_delete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = StatementStore.open(tmp_path / "data", tmp_path / "key", 30)
    receipt = store.put(STATEMENT, time.time())
    store.close()
    given(tmp_path, "list")
    listed = capsys.readouterr().out
    assert "statements: 1\n   1  stored 20" in listed and "Tor" not in listed
    given(tmp_path, "show", "1")
    shown = capsys.readouterr().out
    assert "account     Das Tor stand offen." in shown and "robot       not known" in shown
    assert "when        um drei (corrected when read back)" in shown
    with pytest.raises(StatementStoreError, match="no statement 2"):
        given(tmp_path, "show", "2")
    with pytest.raises(ConfigError, match="compare it letter by letter"):
        given(tmp_path, "delete", receipt[:-1] + ("2" if receipt[-1] != "2" else "3"))
    given(tmp_path, "delete", receipt.lower().replace("-", " "))
    with pytest.raises(ConfigError, match="may have been deleted already"):
        given(tmp_path, "delete", receipt)
    capsys.readouterr()
    given(tmp_path, "list", "--deleted")
    listed = capsys.readouterr().out
    assert "statements: 0\ndeleted 20" in listed and "by its receipt" in listed


def test_where_nothing_is_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given(tmp_path, "list")
    assert capsys.readouterr().out == "no statement was ever stored\n"
    with pytest.raises(ConfigError, match="no statement was ever stored"):
        given(tmp_path, "show", "1")
    assert list(tmp_path.iterdir()) == []


def test_without_the_key_nothing_is_read(tmp_path: Path) -> None:
    StatementStore.open(tmp_path / "data", tmp_path / "key", 30).close()
    (tmp_path / "key").unlink()
    with pytest.raises(StatementKeyError, match="put it back"):
        given(tmp_path, "list")
