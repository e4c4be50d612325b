"""What the record store has acknowledged outlives a kill at any moment, and a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from _store_kills import run_kills

from patrol_records.reader import RecordReader
from patrol_records.store import RecordStore
from ronda_cli.environment.paths import ROOT

FULL = """
import resource, sys
from dataclasses import replace
from pathlib import Path
from tests.unit.test_records import EVENT, FINDING, PHOTO
from patrol_records.errors import StoreError
from patrol_records.store import RecordStore
store = RecordStore(Path(sys.argv[1]))
store.add([FINDING])
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
refused = 0
for count in range(60):
    events = [replace(EVENT, number=10 * count + n, message="m" * 3000) for n in range(1, 11)]
    picture = [replace(FINDING, finding_id=f"f{count}", photo=PHOTO)]
    try:
        store.add(picture if count % 2 else (), events)
    except StoreError as error:
        refused += 1
        told = str(error)
        if refused == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        continue
    print(*(event.number for event in events), flush=True)
store.close()
print("refused", refused, told)
"""


def test_kill_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    count = run_kills(tmp_path, 40, 5)
    assert count.kills == 40 and count.acknowledged >= 20 * 7
    assert (count.lost, count.refused, count.sound) == (0, 0, True)


def test_a_full_disk_refuses_in_words_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    *acknowledged, last = done.stdout.splitlines()
    assert last.startswith("refused 3 ") and "cannot write the records" in last
    assert "free disk space" in last
    numbers = {int(number) for line in acknowledged for number in line.split()}
    RecordStore(tmp_path).close()
    with closing(RecordReader(tmp_path)) as reader:
        assert {event.number for event in reader.events("p1")} == numbers
        assert len(numbers) > 500 and reader.incidents()[0].finding_id == "f1"
