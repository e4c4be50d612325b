"""What people say of incidents and do about them: into the records, or by row where a running
system has them open."""

from __future__ import annotations

import getpass
import time
import uuid
from contextlib import closing

from patrol_core.errors import ConfigError, RondaError
from patrol_core.site.hours import HOURS_EXPECTED, HOURS_REMEDY, hours_of
from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.learning import IncidentVerdict, VerdictKind
from patrol_records.errors import StoreInUseError
from ronda_cli.records import Records

_UNITS_S = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_MOST = 10_000
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
    _require(who, why)
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


def new_act(
    kind: ActKind, who: str, why: str, incident_id: int, for_s: float = 0.0
) -> IncidentAct:
    """An act done now. Raises ConfigError where a word is missing."""
    _require(who, why)
    return IncidentAct(
        time.time(), uuid.uuid4().hex, incident_id, kind, who.strip(), why.strip(), for_s
    )


def duration_s(words: str) -> float:
    """Seconds in "30m", "8h", "3d" or "2w". Raises ConfigError."""
    number, unit = words[:-1], _UNITS_S.get(words[-1:])
    if unit is None or not number.isdecimal() or not 0 < int(number) <= _MOST:
        raise ConfigError(
            f"--for is '{words}'",
            expected="a number and m, h, d or w, such as 8h or 3d",
            remedy="say how long it is put aside",
        )
    return int(number) * unit


def _require(who: str, why: str) -> None:
    for name, text in (("--who", who), ("--why", why)):
        if not text.strip():
            raise ConfigError(
                f"{name} is empty", expected="a word or more", remedy="say who, and why"
            )


def give(records: Records, said: IncidentVerdict | IncidentAct) -> None:
    """Store it for good. Raises RondaError when that cannot be seen to have happened."""
    try:
        with closing(records.store()) as store:
            if isinstance(said, IncidentVerdict):
                store.add(verdicts=[said])
            else:
                store.add(acts=[said])
    except StoreInUseError:
        _give_by_row(records, said)


def _give_by_row(records: Records, said: IncidentVerdict | IncidentAct) -> None:
    from patrol_core.topics import INCIDENT_ACTS, INCIDENT_VERDICTS
    from ronda_cli.live.watcher import RobotWatcher

    watcher = RobotWatcher()
    try:
        is_verdict = isinstance(said, IncidentVerdict)
        say = watcher.publisher(INCIDENT_VERDICTS if is_verdict else INCIDENT_ACTS)
        end_s = time.monotonic() + _STORED_WITHIN_S
        while not _is_stored(records, said):
            if time.monotonic() > end_s:
                raise RondaError(
                    f"the process that writes {records.name} has not taken what was said",
                    remedy="say it again when the run has ended, or in its ROS domain",
                )
            say(said)
            watcher.spin(_AGAIN_S)
    finally:
        watcher.close()


def _is_stored(records: Records, said: IncidentVerdict | IncidentAct) -> bool:
    with closing(records.reader()) as reader:
        return reader.has(said)
