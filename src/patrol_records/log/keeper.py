"""The component that logs: what operators do, who has the robot, what was stored.

It stands after the recorder in the records process, so an incident is hashed as it was stored.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from patrol_core.component import Component, Inputs, Outputs
from patrol_core.errors import RondaError
from patrol_core.topics import (
    GATE_RESET,
    GATE_STATUS,
    INCIDENT_ACTS,
    INCIDENT_VERDICTS,
    INCIDENTS,
    LOGGED_ACTS,
    OPERATOR_ACTS,
)
from patrol_core.types.audit import LoggedAct, OperatorAct
from patrol_core.types.perception import Incident
from patrol_core.types.status import GateState, GateStatus
from patrol_core.whole_file import write_whole
from patrol_records.database import Row
from patrol_records.errors import StoreError
from patrol_records.log.entries import LogEntry, stamp_of
from patrol_records.log.notes import Signer
from patrol_records.log.of_records import incident_act_entry, incident_entry, verdict_entry
from patrol_records.log.store import LogStore
from patrol_records.signing import KEY_FILE

CHECKPOINT = "checkpoint"
VERIFIER = "log.verifier"
CHECKPOINT_EVERY_S = 60.0
RETRY_S = 10.0
MOST_WAITING = 10_000
_log = logging.getLogger(__name__)

RowOf = Callable[[str, int], Row | None]
"""The stored row of a finding's revision."""
Stored = Callable[[float, float], Iterable[LogEntry]]
"""Entries, made at the second stamp, for all that was stored since the first [Unix time]."""
OVERLAP_S = 600.0
"""How far before the newest entry what was stored is looked through at the start."""


class LogKeeper(Component):
    """Appends what happened at a tick in one synced batch, and says which acts are logged.

    What cannot be logged now waits in memory, `MOST_WAITING` entries of it, and nothing else stops
    for that; operators' acts are said again in any case. What was stored just before a crash and
    not logged any more is logged at the next start. `epoch_s` is added to stamps of rows that are
    not Unix time. `started` is what is logged of the run.
    """

    name = "log"
    rate_hz = 10.0
    reads = (
        OPERATOR_ACTS, INCIDENTS, INCIDENT_ACTS, INCIDENT_VERDICTS, GATE_STATUS, GATE_RESET,
    )  # fmt: skip
    writes = (LOGGED_ACTS,)

    def __init__(
        self, folder: Path, run_folder: Path, origin: str, row_of: RowOf, photos: Path,
        epoch_s: float, started: Mapping[str, Any], stored: Stored,
    ) -> None:  # fmt: skip
        self._folder, self._run = folder, run_folder.name
        self._origin, self._row_of, self._photos = origin, row_of, photos
        self._epoch_s, self._started, self._stored = epoch_s, started, stored
        self._begun = self._caught_up = False
        self._store: LogStore | None = None
        self._signer: Signer | None = None
        self._waiting: deque[LogEntry] = deque(maxlen=MOST_WAITING)
        self._unread: deque[tuple[float, Incident]] = deque(maxlen=MOST_WAITING)
        self._tried_s = self._signed_s = -math.inf
        self._signed_size = -1
        self._gate: tuple[str, str] | None = None

    def close(self) -> None:
        if self._store is not None:
            self._sign(self._store)
            self._store.close()
            self._store = None

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        self._note(inputs, now_s + self._epoch_s)
        store = self._opened(now_s)
        if store is None:
            return outputs
        acts = inputs.events(OPERATOR_ACTS)
        try:
            self._catch_up(store, now_s + self._epoch_s)
            numbers = store.append([*self._waiting, *map(_act_entry, acts)])
        except (StoreError, OSError) as error:
            _log.error("%s", error)
            return outputs
        for act, number in zip(acts, numbers[len(self._waiting) :], strict=True):
            outputs.put(LOGGED_ACTS, LoggedAct(now_s, act.act_id, number))
        self._waiting.clear()
        if now_s - self._signed_s >= CHECKPOINT_EVERY_S:
            self._signed_s = now_s
            self._sign(store)
        return outputs

    def _opened(self, now_s: float) -> LogStore | None:
        if self._store is None and now_s - self._tried_s >= RETRY_S:
            self._tried_s = now_s
            try:
                store = LogStore(self._folder, writable=True)
                self._signer = Signer.of_file(self._origin, self._folder / KEY_FILE)
                write_whole(self._folder / VERIFIER, f"{self._signer.verifier}\n".encode())
                self._store = store
            except (RondaError, OSError) as error:
                _log.error("nothing is logged: %s", error)
        return self._store

    def _catch_up(self, store: LogStore, unix_s: float) -> None:
        """Log, once, what was stored before the start. Raises StoreError, OSError."""
        if self._caught_up:
            return
        newest = store.newest(None, "", 1)
        since_s = stamp_of(newest[0].text) - OVERLAP_S if newest else -math.inf
        store.append(list(self._stored(since_s, unix_s)))
        self._caught_up = True

    def _note(self, inputs: Inputs, unix_s: float) -> None:
        """What happened at this tick, but for operators' acts, is to be logged."""
        if not self._begun:
            self._begun = True
            key = f"started:{self._run}:{unix_s:.3f}"
            whole = {"run": self._run, **self._started}
            self._waiting.append(LogEntry(unix_s, key, "started", whole))
        self._unread += [(unix_s, incident) for incident in inputs.events(INCIDENTS)]
        try:
            while self._unread:
                self._waiting.extend(self._of_incident(*self._unread[0]))
                self._unread.popleft()
        except (StoreError, OSError) as error:
            _log.error("an incident is not logged yet: %s", error)
        self._waiting.extend(self._of_people(inputs, unix_s))
        self._waiting.extend(self._of_gate(inputs.latest(GATE_STATUS), unix_s))

    def _of_incident(self, unix_s: float, incident: Incident) -> Iterator[LogEntry]:
        """Nothing of one that was not stored. Raises StoreError, OSError."""
        row = self._row_of(incident.finding_id, incident.revision)
        if row is not None:
            yield incident_entry(unix_s, self._run, incident.incident_id, row, self._photos)

    def _of_people(self, inputs: Inputs, unix_s: float) -> Iterator[LogEntry]:
        """What people have said of incidents and of latched stops, wherever they sit."""
        for act in inputs.events(INCIDENT_ACTS):
            yield incident_act_entry(unix_s, self._run, act)
        for said in inputs.events(INCIDENT_VERDICTS):
            yield verdict_entry(unix_s, self._run, said)
        for reset in inputs.events(GATE_RESET):
            key = f"reset:{self._run}:{reset.stamp_s:.3f}"
            yield LogEntry(unix_s, key, "reset", {"who": reset.who, "why": reset.reason})

    def _of_gate(self, gate: GateStatus | None, unix_s: float) -> Iterator[LogEntry]:
        """Who has the robot, and latched stops, when either changes."""
        if gate is None:
            return
        latched = "; ".join(gate.reasons) if gate.state is GateState.LATCHED else ""
        now = gate.authority.value, latched
        if now == self._gate:
            return
        self._gate = now
        kind = "latched" if latched else "authority"
        key = f"{kind}:{self._run}:{unix_s:.3f}"
        yield LogEntry(unix_s, key, kind, {"authority": now[0], "why": latched})

    def _sign(self, store: LogStore) -> None:
        """Leave a checkpoint beside the log, for whoever keeps copies elsewhere."""
        if self._signer is None or store.size == self._signed_size:
            return
        try:
            note = self._signer.sign(store.size, store.root())
            write_whole(self._folder / CHECKPOINT, note.encode())
            self._signed_size = store.size
        except (StoreError, OSError) as error:
            _log.error("no checkpoint of the log is left: %s", error)


def _act_entry(act: OperatorAct) -> LogEntry:
    return LogEntry(act.stamp_s, f"act:{act.act_id}", "act", {
        "who": act.who, "role": act.role, "what": act.kind, "to": act.subject,
        "details": act.details,
    })  # fmt: skip
