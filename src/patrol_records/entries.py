"""What is stored, as values."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.types.learning import IncidentVerdict, VerdictKind
from patrol_core.types.perception import FindingKind, Measure
from patrol_records.life_cycle import IncidentState


@dataclass(frozen=True, slots=True)
class RunSample:
    """The robot at one moment; None where it was not known. Pose in `map`; `authority` is the
    gate's word (`Authority`), unknown of runs before it was kept."""

    stamp_s: float
    x_m: float | None
    y_m: float | None
    yaw_rad: float | None
    speed_mps: float | None
    battery_fraction: float | None
    gate_state: str | None
    gate_limit_mps: float | None
    gate_reasons: str | None
    localization: str | None
    patrol_id: str | None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who moved the robot, and on what patrol it was, when an incident was opened.

    `authority` is the gate's word (`Authority`); `checkpoint_id` the one that it was on its way
    to, or at. What was not known is empty.
    """

    authority: str = ""
    patrol_id: str = ""
    route_id: str = ""
    checkpoint_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """An incident with its newest finding. `photo` and `before` are names in the photo folder.

    `verdicts` are in order of time. `config_hash`: see `patrol_core/configuration.py`.
    """

    incident_id: int
    opened_s: float
    finding_id: str
    revision: int
    stamp_s: float
    first_seen_s: float
    kind: FindingKind
    x_m: float
    y_m: float
    length_m: float
    width_m: float
    confidence: float
    reason: str
    evidence: tuple[Measure, ...]
    photo: str | None
    before: str | None
    config_hash: str = ""
    verdicts: tuple[IncidentVerdict, ...] = ()
    group_id: int = 0
    circumstances: Circumstances = Circumstances()

    @property
    def verdict(self) -> IncidentVerdict | None:
        """The one that counts: the newest."""
        return self.verdicts[-1] if self.verdicts else None


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A group of incidents with one cause, at one time, as a person sees it.

    Its number is that of its first incident; place (NaN where it has none) in `map`, of the
    first; `reason` and `photo` of the newest, `newest_id`; `verdict` what a person said last of
    the newest or the first. Stamps are Unix time.
    """

    group_id: int
    kind: FindingKind
    x_m: float
    y_m: float
    state: IncidentState
    since_s: float
    shelved_until_s: float
    first_seen_s: float
    last_seen_s: float
    incidents: int
    newest_id: int
    reason: str
    photo: str | None
    verdict: VerdictKind | None
