"""What the doctor has seen of a running system: facts, without judgement."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from patrol_core.types.status import GateStatus, Health, LocalizationStatus


@dataclass(slots=True)
class Row:
    """One row of the topic table while it was watched.

    `age_s`: how old the newest message was by its stamp when it arrived, on the graph's clock
    (negative: stamped in the future); None where nothing with a stamp arrived.
    """

    publishers: int = 0
    count: int = 0
    age_s: float | None = None
    silent_s: float = 0.0


@dataclass(slots=True)
class Observation:
    """A running system, watched for `window_s` seconds of its own time.

    `rows` by topic name; `frames` are (parent, child); `health` by process, in order of time;
    `ports` maps the path of a serial port to what is wrong with it ("" where nothing is).
    """

    window_s: float = 0.0
    rows: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    frames: set[tuple[str, str]] = field(default_factory=set)
    health: dict[str, list[Health]] = field(default_factory=lambda: defaultdict(list))
    localization: LocalizationStatus | None = None
    gate: GateStatus | None = None
    ports: dict[str, str] = field(default_factory=dict)
    time_stands_still: bool = False
