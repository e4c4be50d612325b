"""Statements are sealed, read back, expire, and leave nothing behind when they are deleted."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from patrol_hri.errors import StatementKeyError, StatementStoreError, TooManyTriesError
from patrol_hri.statements.params import StoreParams
from patrol_hri.statements.receipt import new_receipt
from patrol_hri.statements.statement import Piece, Statement, Topic
from patrol_hri.statements.store import DATABASE, DAY_S, Deletion, StatementStore

NOW_S = 1.8e9
STATEMENT = Statement(
    NOW_S, "de", 1.5, -2.0,
    (Piece(Topic.ACCOUNT, "Jemand hat das Tor aufgebrochen. 犯人は逃げた 🚪"),
     Piece(Topic.WHEN, "gegen drei", corrected=True)),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patrol_hri.statements.receipt.COST", 2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StatementStore]:
    opened = StatementStore.open(tmp_path / "data", tmp_path / "keys" / "key", 30)
    yield opened
    opened.close()


def reopened(tmp_path: Path) -> StatementStore:
    return StatementStore.open(tmp_path / "data", tmp_path / "keys" / "key", 30)


def file_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_what_is_put_can_be_read_after_a_restart(store: StatementStore, tmp_path: Path) -> None:
    receipt = store.put(STATEMENT, NOW_S)
    store.put(replace(STATEMENT, x_m=math.nan), NOW_S + 5.0)
    store.close()
    store = reopened(tmp_path)
    first, second = store.stored()
    assert store.read(first.number) == STATEMENT
    assert math.isnan(store.read(second.number).x_m)
    assert (first.stored_s, first.expires_s) == (NOW_S, NOW_S + 30 * DAY_S)
    assert store.delete(receipt, NOW_S)
    store.close()


def test_nothing_of_it_and_no_receipt_stands_readable_in_the_files(
    store: StatementStore, tmp_path: Path
) -> None:
    receipt = store.put(STATEMENT, NOW_S)
    kept = file_bytes(tmp_path / "data")
    for secret in ("Tor", "gegen", "account", receipt, receipt.replace("-", "")):
        assert secret.encode() not in kept


def test_the_documented_format_is_enough_to_read_it(store: StatementStore, tmp_path: Path) -> None:
    store.put(STATEMENT, NOW_S)
    key = (tmp_path / "keys" / "key").read_bytes()
    database = sqlite3.connect(tmp_path / "data" / "statements.db")
    hashed, stored_s, expires_s, nonce, sealed = database.execute(
        "SELECT receipt_hash, stored_s, expires_s, nonce, sealed FROM statements"
    ).fetchone()
    database.close()
    beside = b"ronda statement 1" + hashed + struct.pack(">dd", stored_s, expires_s)
    document = json.loads(AESGCM(key).decrypt(nonce, sealed, beside).decode("utf-8"))
    assert document["language"] == "de" and (document["x_m"], document["y_m"]) == (1.5, -2.0)
    assert document["pieces"][1] == {"topic": "when", "text": "gegen drei", "corrected": True}


def test_a_deleted_one_is_in_no_file_any_more(store: StatementStore, tmp_path: Path) -> None:
    texts = [f"{count} {'x' * 700 * (count % 4)}" for count in range(6)]
    receipts = [
        store.put(replace(STATEMENT, pieces=(Piece(Topic.ACCOUNT, text),)), NOW_S)
        for text in texts
    ]
    database = sqlite3.connect(tmp_path / "data" / DATABASE)
    sealed = [row[0] for row in database.execute("SELECT sealed FROM statements ORDER BY number")]
    database.close()
    assert all(found in file_bytes(tmp_path / "data") for found in (s[:40] for s in sealed))
    for index in (1, 3, 4):
        assert store.delete(receipts[index].lower(), NOW_S + 60.0)
        kept = file_bytes(tmp_path / "data")
        pieces = [sealed[index][at : at + 24] for at in range(0, len(sealed[index]) - 24, 24)]
        assert not any(piece in kept for piece in pieces)
    assert [stored.number for stored in store.stored()] == [1, 3, 6]
    assert store.read(6).pieces[0].text == texts[5]
    assert not store.delete(receipts[1], NOW_S + 61.0)


def test_a_deletion_leaves_the_hash_and_its_time(store: StatementStore, tmp_path: Path) -> None:
    receipt = store.put(STATEMENT, NOW_S)
    database = sqlite3.connect(tmp_path / "data" / DATABASE)
    hashed = database.execute("SELECT receipt_hash FROM statements").fetchone()[0]
    database.close()
    store.delete(receipt, NOW_S + 7.0)
    assert store.deletions() == (Deletion(hashed, NOW_S + 7.0, "receipt"),)


def test_the_time_of_each_is_over_after_the_days_of_the_site(store: StatementStore) -> None:
    store.put(STATEMENT, NOW_S)
    store.put(STATEMENT, NOW_S + DAY_S)
    assert store.expire(NOW_S + 30 * DAY_S - 1.0) == 0
    assert store.expire(NOW_S + 30 * DAY_S) == 1
    assert [stored.number for stored in store.stored()] == [2]
    assert [deletion.cause for deletion in store.deletions()] == ["expired"]


def test_a_clean_up_that_a_reader_held_up_is_made_good(
    store: StatementStore, tmp_path: Path
) -> None:
    receipt = store.put(STATEMENT, NOW_S)
    reader = sqlite3.connect(tmp_path / "data" / DATABASE)
    sealed = reader.execute("SELECT sealed FROM statements").fetchone()[0]
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM statements").fetchall()
    store._db.execute("PRAGMA busy_timeout=0")
    assert store.delete(receipt, NOW_S)
    assert sealed[:32] in file_bytes(tmp_path / "data")
    reader.close()
    store.close()
    store = reopened(tmp_path)
    assert sealed[:32] not in file_bytes(tmp_path / "data")
    store.close()


def test_two_processes_share_a_folder(store: StatementStore, tmp_path: Path) -> None:
    others = [reopened(tmp_path) for _ in range(3)]
    failed: list[Exception] = []

    def work(own: StatementStore) -> None:
        try:
            for _ in range(5):
                assert own.delete(own.put(STATEMENT, NOW_S), NOW_S)
                own.put(STATEMENT, NOW_S)
        except Exception as error:  # noqa: BLE001 - told below, by the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work, args=(own,)) for own in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in others:
        own.close()
    assert failed == []
    assert (len(store.stored()), len(store.deletions())) == (15, 15)
    assert all(store.read(stored.number) == STATEMENT for stored in store.stored())


def test_who_guesses_is_slowed_down_and_a_slip_of_the_pen_is_not_counted(tmp_path: Path) -> None:
    params = StoreParams(tries=2, try_period_s=10.0)
    store = StatementStore(tmp_path, b"k" * 32, 30, params=params)
    receipt = store.put(STATEMENT, NOW_S)
    for _ in range(20):
        assert not store.delete("2345-6789-ABCD", NOW_S)
    for _ in range(2):
        assert not store.delete(new_receipt(os.urandom), NOW_S)
    with pytest.raises(TooManyTriesError, match="to do: try again"):
        store.delete(receipt, NOW_S + 9.0)
    store.close()
    store = StatementStore(tmp_path, b"k" * 32, 30, params=params)
    with pytest.raises(TooManyTriesError):
        store.delete(receipt, NOW_S + 9.0)
    assert store.delete(receipt, NOW_S + 19.5)
    store.close()


def test_a_clock_that_was_set_back_earns_nothing_and_locks_nobody_out(tmp_path: Path) -> None:
    params = StoreParams(tries=1, try_period_s=10.0)
    store = StatementStore(tmp_path, b"k" * 32, 30, params=params)
    receipt = store.put(STATEMENT, NOW_S)
    assert not store.delete(new_receipt(os.urandom), NOW_S)
    with pytest.raises(TooManyTriesError):
        store.delete(receipt, NOW_S - DAY_S)
    with pytest.raises(TooManyTriesError):
        store.delete(receipt, NOW_S - DAY_S + 9.0)
    assert store.delete(receipt, NOW_S - DAY_S + 10.5)
    store.close()


def test_the_key_is_made_once_and_for_its_owner_alone(
    store: StatementStore, tmp_path: Path
) -> None:
    key_file = tmp_path / "keys" / "key"
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert len(key_file.read_bytes()) == 32
    assert [path.name for path in key_file.parent.iterdir()] == ["key"]
    assert key_file.read_bytes() not in file_bytes(tmp_path / "data")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda key: key.unlink(), "put it back"),
        (lambda key: key.write_bytes(b"x" * 32), "another key"),
        (lambda key: key.write_bytes(b"x" * 31), "31 bytes"),
        (lambda key: key.chmod(0o644), "chmod 600"),
    ],
)
def test_without_the_right_key_nothing_is_touched(
    store: StatementStore, tmp_path: Path, harm: object, told: str
) -> None:
    store.put(STATEMENT, NOW_S)
    store.close()
    key_file, database = tmp_path / "keys" / "key", tmp_path / "data" / DATABASE
    harm(key_file)  # type: ignore[operator]
    before = database.read_bytes(), sorted(os.listdir(key_file.parent))
    with pytest.raises(StatementKeyError, match=told):
        reopened(tmp_path)
    assert (database.read_bytes(), sorted(os.listdir(key_file.parent))) == before


def test_rows_that_somebody_changed_are_not_read(store: StatementStore, tmp_path: Path) -> None:
    store.put(STATEMENT, NOW_S)
    database = sqlite3.connect(tmp_path / "data" / DATABASE)
    database.execute("UPDATE statements SET expires_s = expires_s + 1")
    database.commit()
    database.close()
    with pytest.raises(StatementStoreError, match="changed after it was stored"):
        store.read(1)


def test_what_cannot_be_opened_or_found_is_told(store: StatementStore, tmp_path: Path) -> None:
    with pytest.raises(StatementStoreError, match="no statement 7"):
        store.read(7)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / DATABASE).write_bytes(b"not a database, and rather long for one" * 40)
    with pytest.raises(StatementStoreError, match=r"statements\.db: cannot open"):
        StatementStore(tmp_path / "other", b"k" * 32, 30)
    database = sqlite3.connect(tmp_path / "newer.db")
    database.execute("PRAGMA user_version=2")
    database.close()
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer.db").rename(tmp_path / "newer" / DATABASE)
    with pytest.raises(StatementStoreError, match="version 2"):
        StatementStore(tmp_path / "newer", b"k" * 32, 30)
