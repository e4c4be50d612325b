"""Writers of records that are killed at any moment, and what is left of what they were told.

Run as a program: `_store_kills.py FOLDER KILLS SEED`; it prints a JSON object. A writer is forked,
adds small batches and says what was acknowledged; SIGKILL meets it while it opens the records
(every other one), writes a picture, commits, or between.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from patrol_core.geometry import Pose2
from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.sensors import CompressedImage
from patrol_records.life_cycle import IncidentState
from patrol_records.queries_inbox import inbox
from patrol_records.reader import RecordReader
from patrol_records.store import RecordStore

EVENTS_A_BATCH = 5
KILLED_WITHIN_S, FIRST_WORD_S = 0.15, 30.0
_PICTURE = CompressedImage(0.0, "camera_optical_frame", "jpeg", bytes(range(256)) * 40)


@dataclass(frozen=True, slots=True)
class KillCount:
    """`acknowledged`: events, findings and acts that a writer was told are stored; `lost`: those
    of them that are not there afterwards, whole; `refused`: writers that could not open."""

    kills: int
    acknowledged: int
    lost: int
    refused: int
    sound: bool


def run_kills(folder: Path, kills: int, seed: int) -> KillCount:
    """Run the ring in a process of its own, where it may fork."""
    command = [sys.executable, __file__, str(folder), str(kills), str(seed)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return KillCount(**json.loads(done.stdout.splitlines()[-1]))


def kill_writers(folder: Path, kills: int, rng: np.random.Generator) -> KillCount:
    """Kill as many writers as wanted, then look for all that they were told is stored."""
    acknowledged: set[str] = set()
    refused = 0
    for trial in range(kills):
        told, clean = _killed_writer(folder, trial, float(rng.uniform(0.0, KILLED_WITHIN_S)))
        acknowledged |= told
        refused += not clean
    with closing(RecordStore(folder)):
        there, sound = _stored(folder)
    return KillCount(kills, len(acknowledged), len(acknowledged - there), refused, sound)


def _killed_writer(folder: Path, trial: int, after_s: float) -> tuple[set[str], bool]:
    """What a writer was told before it was killed; whether it was alive until then."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _write(folder, trial, writing)
        finally:
            os._exit(1)
    os.close(writing)
    if trial % 2:
        select.select([reading], [], [], FIRST_WORD_S)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    said = b""
    while select.select([reading], [], [], 0.0)[0] and (part := os.read(reading, 65536)):
        said += part
    os.close(reading)
    whole = said.decode().splitlines(keepends=True)
    told = {line.strip() for line in whole if line.endswith("\n")}
    return told, os.WIFSIGNALED(status)


def _write(folder: Path, trial: int, said: int) -> None:
    patrol = f"patrol-{trial}"
    with closing(RecordStore(folder)) as store:
        for batch in range(200):
            numbers = range(batch * EVENTS_A_BATCH + 1, (batch + 1) * EVENTS_A_BATCH + 1)
            events = [
                PatrolEvent(float(n), patrol, "reached", "gate", "as planned", Pose2(1.0, 2.0), n)
                for n in numbers
            ]
            name = f"{trial}-{batch}"
            finding = Finding(
                name, 1, 1000.0 * trial + batch, FindingKind.OBJECT, float(batch % 40), 2.0, 0.4,
                0.3, 0.8, 1000.0 * trial, "stands where it is free", (), _PICTURE,
            )  # fmt: skip
            act = IncidentAct(
                finding.stamp_s, f"act-{name}", 1 + batch, ActKind.RESOLVE, "ann", "taken away"
            )
            store.add([finding], events, acts=[act])
            lines = [f"event {patrol} {n}" for n in numbers]
            lines += [f"finding {name}", f"act act-{name}"]
            os.write(said, ("\n".join(lines) + "\n").encode())


def _stored(folder: Path) -> tuple[set[str], bool]:
    """All that is there, whole; whether the file is sound and the groups add up."""
    with closing(RecordReader(folder)) as reader:
        there = {
            f"event {row['patrol_id']} {row['number']}"
            for row in reader.rows("SELECT patrol_id, number FROM patrol_events")
        }
        there |= {
            f"act {row['act_id']}" for row in reader.rows("SELECT act_id FROM incident_acts")
        }
        incidents = reader.incidents()
        for incident in incidents:
            photo = reader.photos / (incident.photo or "none")
            if photo.is_file() and photo.read_bytes() == bytes(_PICTURE.data):
                there.add(f"finding {incident.finding_id}")
        lines = inbox(reader, 0.0, tuple(IncidentState), count=10**6)
        (check,) = reader.rows("PRAGMA integrity_check")
        adds_up = sum(line.incidents for line in lines) == len(incidents)
    return there, adds_up and check["integrity_check"] == "ok"


if __name__ == "__main__":
    count = kill_writers(
        Path(sys.argv[1]), int(sys.argv[2]), np.random.default_rng(int(sys.argv[3]))
    )
    print(json.dumps(asdict(count)))
