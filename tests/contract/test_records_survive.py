"""What the record store has acknowledged outlives a kill at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from patrol_records.reader import RecordReader
from patrol_records.store import RecordStore
from ronda_cli.environment.paths import ROOT

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.unit.test_records import FINDING, PHOTO
from patrol_records.store import RecordStore
store = RecordStore(Path(sys.argv[1]))
for count in range(int(sys.argv[2]), 10**9):
    finding = replace(FINDING, finding_id=f"f{count}", photo=PHOTO)
    for incident in store.add([finding]):
        print(incident.finding_id, flush=True)
"""


def test_kill_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    rng = random.Random(5)
    paths = [str(ROOT), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    acknowledged: set[str] = set()
    for trial in range(10):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(trial * 10**6)],
            stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        assert writer.stdout is not None
        for _ in range(rng.randint(3, 40)):
            acknowledged.add(writer.stdout.readline().strip())
        writer.send_signal(signal.SIGKILL)
        acknowledged |= {line.strip() for line in writer.stdout if line.endswith("\n")}
        writer.wait()
        writer.stdout.close()
    RecordStore(tmp_path).close()
    reader = RecordReader(tmp_path)
    stored = {incident.finding_id: incident.photo for incident in reader.incidents()}
    assert acknowledged <= set(stored)
    assert all(photo and (reader.photos / photo).is_file() for photo in stored.values())
    reader.close()
