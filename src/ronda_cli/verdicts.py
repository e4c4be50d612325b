"""Gives verdicts: into the records, or by row where a running system has them open."""

from __future__ import annotations

import getpass
import time
import uuid
from contextlib import closing
from pathlib import Path

from patrol_core.errors import ConfigError, RondaError
from patrol_core.site.hours import HOURS_EXPECTED, HOURS_REMEDY, hours_of
from patrol_core.types.learning import IncidentVerdict, VerdictKind
from patrol_records.errors import StoreInUseError
from patrol_records.reader import RecordReader
from patrol_records.store import RecordStore

_STORED_WITHIN_S = 15.0
_AGAIN_S = 1.0


def login_name() -> str:
    """Who is logged in; empty where the system does not know."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def new_verdict(
    kind: VerdictKind,
    who: str,
    why: str,
    place_m: tuple[float, float],
    incident_id: int = 0,
    hours: str = "",
) -> IncidentVerdict:
    """A verdict given now. Raises ConfigError where a word is missing or means nothing."""
    for name, text in (("--who", who), ("--why", why)):
        if not text.strip():
            raise ConfigError(
                f"{name} is empty", expected="a word or more", remedy="say who, and why"
            )
    if hours and hours_of(hours) is None:
        raise ConfigError(f"--hours is '{hours}'", expected=HOURS_EXPECTED, remedy=HOURS_REMEDY)
    if hours and kind not in (VerdictKind.KNOWN, VerdictKind.IGNORE):
        raise ConfigError(
            f"--hours with '{kind.value}'",
            expected="hours with known or ignore alone",
            remedy="leave --hours out",
        )
    return IncidentVerdict(
        time.time(), uuid.uuid4().hex, incident_id, kind, who.strip(), why.strip(), *place_m, hours
    )


def give(folder: Path, verdict: IncidentVerdict) -> None:
    """Store it for good. Raises RondaError when that cannot be seen to have happened."""
    try:
        with closing(RecordStore(folder)) as store:
            store.add(verdicts=[verdict])
    except StoreInUseError:
        _give_by_row(folder, verdict)


def _give_by_row(folder: Path, verdict: IncidentVerdict) -> None:
    from patrol_core.topics import INCIDENT_VERDICTS
    from ronda_cli.live.watcher import RobotWatcher

    watcher = RobotWatcher()
    try:
        say = watcher.publisher(INCIDENT_VERDICTS)
        end_s = time.monotonic() + _STORED_WITHIN_S
        while not _is_stored(folder, verdict):
            if time.monotonic() > end_s:
                raise RondaError(
                    f"the process that writes {folder.name} has not taken the verdict",
                    remedy="give it again when the run has ended, or in its ROS domain",
                )
            say(verdict)
            watcher.spin(_AGAIN_S)
    finally:
        watcher.close()


def _is_stored(folder: Path, verdict: IncidentVerdict) -> bool:
    with closing(RecordReader(folder)) as reader:
        return any(stored.verdict_id == verdict.verdict_id for stored in reader.verdicts())
