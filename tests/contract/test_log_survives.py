"""What the log has said is logged outlives a kill at any moment; the log still fits together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from patrol_records.log.store import LogStore
from patrol_records.log.verifying import verify_log
from ronda_cli.environment.paths import ROOT

KILLS = 20
WRITER = """
import sys
from pathlib import Path
from patrol_records.log.entries import LogEntry
from patrol_records.log.store import LogStore
name = sys.argv[2]
with LogStore(Path(sys.argv[1]), writable=True) as log:
    for batch in range(10**6):
        keys = [f"{name}:{batch}:{n}" for n in range(1 + batch % 7)]
        numbers = log.append([LogEntry(1.0, key, "act", {"what": key}) for key in keys])
        for key, number in zip(keys, numbers):
            print(key, number, flush=True)
"""


def acknowledged_by(folder: Path, name: str, seconds: float) -> dict[str, int]:
    """What a writer was told is logged before it was killed, and under which number."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-c", WRITER, str(folder), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        lines = (first + writer.stdout.read()).split("\n")[:-1]  # the last may be cut off
    return {key: int(number) for key, number in (line.split() for line in lines)}


def test_a_kill_at_any_moment_loses_nothing_that_was_logged(tmp_path: Path) -> None:
    rng, told = np.random.default_rng(0), dict[str, int]()
    for kill in range(KILLS):
        told |= acknowledged_by(tmp_path, f"w{kill}", float(rng.uniform(0.0, 0.05)))
        with LogStore(tmp_path, writable=False) as log:
            assert verify_log(log, None).problems == ()
    assert len(told) >= KILLS
    with LogStore(tmp_path, writable=False) as log:
        kept = {entry.number: entry.text for entry in log.entries()}
        assert sorted(kept) == list(range(log.size))
    assert all(f'"{key}"' in kept[number] for key, number in told.items())
