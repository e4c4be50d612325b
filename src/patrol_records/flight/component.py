"""The component that keeps the last minute of every row, and writes it down on occasions.

A recording begins a minute before its first occasion and ends half a minute after its last one.
Nothing here waits for the disk (`scribe.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from patrol_core.component import Inputs, Outputs
from patrol_core.public_words import without_visitor
from patrol_core.robot import RobotModel
from patrol_core.site.model import Site
from patrol_core.topics import (
    AMCL_POSE,
    GATE_STATUS,
    INCIDENTS,
    OPERATOR_ACTS,
    PATROL_EVENTS,
    PATROL_STATUS,
    TELEOP_LEASE,
    Topic,
    TopicKind,
)
from patrol_core.wire import Wire, WireComponent
from patrol_records.flight.head import Head, Setting
from patrol_records.flight.occasions import Occasion, Occasions
from patrol_records.flight.params import FlightParams
from patrol_records.flight.privacy import Veil
from patrol_records.flight.ring import Message, Rings
from patrol_records.flight.rows import KEPT, MIB
from patrol_records.flight.scribe import Scribe
from patrol_records.flight.shelf import FLIGHT, Kept

_HOUR_S, _DAY_S = 3600.0, 86400.0
_LATCHED = frozenset(
    row.topic.name for row in KEPT if row.topic.latched and row.topic.kind is TopicKind.STATE
)
_MAX_PEOPLE = 100


class FlightRecorder(WireComponent):
    """Stands after the recorder in the records process, whose incidents it hears.

    Where messages are not bytes (the closed loop without a tap) it does nothing. `setting` is
    asked at the start, and for each recording.
    """

    name = "flight"
    rate_hz = 10.0
    reads = (
        INCIDENTS, GATE_STATUS, AMCL_POSE, TELEOP_LEASE, OPERATOR_ACTS, PATROL_STATUS,
        PATROL_EVENTS,
    )  # fmt: skip
    writes = ()
    hears = tuple(row.topic for row in KEPT if row.is_heard)

    def __init__(
        self, folder: Path, site: Site, robot: RobotModel, params: FlightParams,
        setting: Callable[[], Setting], epoch_s: float = 0.0,
    ) -> None:  # fmt: skip
        self._folder = folder / FLIGHT
        self._params, self._setting_of, self._epoch_s = params, setting, epoch_s
        keep = site.retention
        self._days = min(keep.incidents_days, keep.photos_days, keep.tracks_days)
        self._veil = Veil(site, robot, epoch_s)
        self._occasions = Occasions(epoch_s)
        bounds = {row.topic.name: row.max_bytes for row in KEPT}
        total = params.memory_mib * MIB
        self._rings = Rings(bounds, _LATCHED, params.before_s, total)
        self._wire: Wire | None = None
        self._scribe: Scribe | None = None
        self._people: dict[str, str] = {}
        self._authority = self._holder = ""
        self._new: list[Message] = []
        self._patrol_sequence = 0
        self._open: Kept | None = None
        self._ends_s = self._cleaned_s = float("-inf")
        self._now_s = 0.0

    @property
    def memory_bytes(self) -> int:
        """Of messages kept and waiting."""
        return self._rings.size_bytes + self.waiting_bytes

    @property
    def waiting_bytes(self) -> int:
        """Of messages that wait for the disk."""
        return 0 if self._scribe is None else self._scribe.waiting_bytes

    def connect(self, wire: Wire) -> None:
        self._wire = wire

    def setup(self) -> None:
        if self._wire is None:
            return
        self._setting_of()  # what takes long is known from now on
        by_name = {row.topic.name: row.topic for row in KEPT}
        schema = self._wire.schema
        waiting = self._params.waiting_mib * MIB
        self._scribe = Scribe(self._folder, lambda name: schema(by_name[name]), waiting)
        self._scribe.settle()

    def close(self) -> None:
        if self._scribe is not None:
            if self._open is not None:
                self._finish(self._scribe, self._open)
            self._scribe.close()
            self._scribe = None

    def hear(self, topic: Topic[Any], message: bytes, received_s: float) -> None:
        assert self._wire is not None, "connect() comes first"
        try:
            kept = self._veil.passes(topic, message, self._wire)
        except ValueError:
            return
        if kept is not None:
            self._keep(Message(topic.name, received_s, kept))

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        if self._scribe is None or self._wire is None:
            return outputs
        self._now_s = now_s
        self._veil.refresh(inputs.fresh(AMCL_POSE, now_s), now_s)
        self._rings.expire(now_s)
        for topic, value in self._said(inputs):
            self.hear(topic, self._wire.encode(topic, value), now_s)
        incidents = inputs.events(INCIDENTS)
        self._know(inputs, now_s)
        told = self._occasions.of_incidents(incidents, now_s)
        told += self._occasions.of_gate(inputs.fresh(GATE_STATUS, now_s), now_s)
        self._record(self._scribe, told, now_s)
        if now_s - self._cleaned_s >= _HOUR_S:
            self._cleaned_s = now_s
            oldest_s = now_s + self._epoch_s - self._days * _DAY_S
            self._scribe.forget(oldest_s, self._params.disk_mib * MIB)
        return outputs

    def _said(self, inputs: Inputs) -> Iterator[tuple[Topic[Any], Any]]:
        """What may have visitors' words in it, without them."""
        for incident in inputs.events(INCIDENTS):
            reason = "" if incident.kind.from_people else without_visitor(incident.reason)
            yield INCIDENTS, replace(incident, reason=reason)
        for event in inputs.events(PATROL_EVENTS):
            yield PATROL_EVENTS, replace(event, message=without_visitor(event.message))
        patrol = inputs.sample(PATROL_STATUS)
        if patrol is not None and patrol.sequence != self._patrol_sequence:
            self._patrol_sequence = patrol.sequence
            message = without_visitor(patrol.value.message)
            yield PATROL_STATUS, replace(patrol.value, message=message)

    def _keep(self, message: Message) -> None:
        self._rings.add(message)
        if self._open is not None:
            self._new.append(message)

    def _know(self, inputs: Inputs, now_s: float) -> None:
        """Who has the robot, and in which role people are."""
        for act in inputs.events(OPERATOR_ACTS):
            if len(self._people) < _MAX_PEOPLE or act.who in self._people:
                self._people[act.who] = act.role
        gate, lease = inputs.fresh(GATE_STATUS, now_s), inputs.fresh(TELEOP_LEASE, now_s)
        self._authority = gate.authority.value if gate else ""
        self._holder = lease.holder if lease else ""

    def _record(self, scribe: Scribe, told: list[Occasion], now_s: float) -> None:
        if self._open is not None:
            scribe.write(self._new)
            self._new = []
            is_long = now_s + self._epoch_s - self._open.from_s >= self._params.longest_s
            if is_long or (now_s >= self._ends_s and not told):
                self._finish(scribe, self._open)
        if told:
            if self._open is None:
                self._begin(scribe, now_s)
            assert self._open is not None
            self._open = replace(self._open, occasions=(*self._open.occasions, *told))
            self._ends_s = now_s + self._params.after_s
            for occasion in told:
                scribe.note(occasion)

    def _begin(self, scribe: Scribe, now_s: float) -> None:
        start_s = max(now_s - self._params.before_s, 0.0)
        messages = self._rings.since(start_s)
        start_s = messages[0].received_s if messages else now_s
        head = Head(self._setting_of(), start_s, self._authority, self._holder, dict(self._people))
        unix_s = start_s + self._epoch_s
        recording_id = f"{round(unix_s * 1000.0):015d}"
        self._open = Kept(recording_id, unix_s, unix_s, 0, (), self._authority)
        scribe.begin(recording_id, head, messages)

    def _finish(self, scribe: Scribe, kept: Kept) -> None:
        scribe.write(self._new)
        self._new = []
        scribe.finish(replace(kept, to_s=self._now_s + self._epoch_s))
        self._open = None
