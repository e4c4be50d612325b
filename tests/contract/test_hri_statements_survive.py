"""What has a receipt outlives a kill at any moment, nothing is half, what was deleted stays so."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from patrol_hri.statements.receipt import canonical, receipt_hash
from patrol_hri.statements.statement import Piece, Statement, Topic
from patrol_hri.statements.store import DATABASE, StatementStore
from ronda_cli.environment.paths import ROOT

WRITER = """
import sys
from pathlib import Path
from tests.contract.test_hri_statements_survive import statement
from patrol_hri.statements.store import StatementStore
folder = Path(sys.argv[1])
store = StatementStore.open(folder / "data", folder / "key", 30)
for count in range(int(sys.argv[2]), 10**9):
    receipt = store.put(statement(count), 1e9)
    print("put", receipt, count, flush=True)
    if count % 3 == 0:
        print("deleting", receipt, count, flush=True)
        store.delete(receipt, 1e9)
        print("deleted", receipt, count, flush=True)
"""


def statement(count: int) -> Statement:
    """One of its own, of some kilobytes."""
    text = f"statement {count} " * (1 + 97 * (count % 5))
    return Statement(float(count), "en", 1.0, 2.0, (Piece(Topic.ACCOUNT, text),))


def test_kill_at_any_moment(tmp_path: Path) -> None:
    rng = random.Random(5)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    said: dict[str, set[tuple[str, int]]] = {"put": set(), "deleting": set(), "deleted": set()}
    for trial in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(trial * 10**6)],
            stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(rng.randint(0, 8))]
        writer.send_signal(signal.SIGKILL)
        lines += [line for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
        for line in lines:
            verb, receipt, count = line.split()
            said[verb].add((receipt, int(count)))
    store = StatementStore.open(tmp_path / "data", tmp_path / "key", 30)
    taken = [store.read(stored.number) for stored in store.stored()]
    assert all(found == statement(int(found.taken_s)) for found in taken)
    kept = {int(found.taken_s) for found in taken}
    assert {count for _, count in said["put"] - said["deleting"]} <= kept
    assert not {count for _, count in said["deleted"]} & kept
    database = sqlite3.connect(tmp_path / "data" / DATABASE)
    salt, dirty = database.execute("SELECT salt, removed > cleaned FROM meta").fetchone()
    database.close()
    logged = {deletion.receipt_hash for deletion in store.deletions()}
    assert {receipt_hash(canonical(receipt), salt) for receipt, _ in said["deleted"]} <= logged
    assert not dirty
    store.close()
    assert said["put"], "no writer came so far as to write"
