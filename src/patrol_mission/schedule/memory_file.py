"""The memory of a timetable as a file of JSON, which is whole or not there."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from patrol_core.errors import Place
from patrol_core.whole_file import write_whole
from patrol_mission.schedule.accounts import Account, Ending, Memory, UnderWay
from patrol_mission.schedule.errors import ScheduleMemoryError
from patrol_mission.schedule.plan import ScheduledRun

_FORMAT = 1
_LATEST_S = 1e11
_MAX_SEED = 2**63
_DAMAGE = (
    OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip


def memory_path(folder: Path, site_folder: Path) -> Path:
    """The file of one site in the folder of all."""
    return folder / f"{site_folder.resolve().name}.json"


def read_memory(path: Path) -> Memory | None:
    """None where there is no file. Raises ScheduleMemoryError."""
    try:
        return _memory(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except _DAMAGE as error:
        raise ScheduleMemoryError(
            f"what became of scheduled runs cannot be read: {type(error).__name__}, {error}",
            place=Place(path),
            expected=f"JSON as written by the mission process, format {_FORMAT}",
            remedy="move the file away: schedules then begin anew from now on",
        ) from error


def write_memory(path: Path, memory: Memory) -> None:
    """Waits for the disk. Raises OSError."""
    under_way = memory.under_way
    document = {
        "format": _FORMAT,
        "seed": memory.seed,
        "seen_s": memory.seen_s,
        "floor_s": memory.floor_s,
        "waiting": [_run_to_json(run) for run in memory.waiting],
        "under_way": None if under_way is None else asdict(under_way) | _run_of(under_way.run),
        "accounts": [
            asdict(account) | _run_of(account.run) | {"ending": account.ending.value}
            for account in memory.accounts
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(document, indent=1, allow_nan=False).encode())


def _run_of(run: ScheduledRun) -> dict[str, Any]:
    return {"run": _run_to_json(run)}


def _run_to_json(run: ScheduledRun) -> dict[str, Any]:
    return asdict(run) | {"day": run.day.isoformat()}


def _memory(document: Any) -> Memory:
    """Raises ValueError, TypeError, KeyError or AttributeError for what is no memory."""
    if document["format"] != _FORMAT:
        raise ValueError(f"format {document['format']}")
    seed, under_way = document["seed"], document["under_way"]
    if type(seed) is not int or not 0 <= seed < _MAX_SEED:
        raise ValueError(f"seed {seed}")
    memory = Memory(
        seed=seed,
        seen_s=_time(document["seen_s"]),
        floor_s=_time(document["floor_s"]),
        waiting=tuple(_run(run) for run in document["waiting"]),
        under_way=None
        if under_way is None
        else UnderWay(_run(under_way["run"]), _time(under_way["started_s"]), _flag(under_way)),
        accounts=tuple(_account(account) for account in document["accounts"]),
    )
    runs = [*memory.waiting, *(account.run for account in memory.accounts)]
    if memory.under_way is not None:
        runs.append(memory.under_way.run)
    if len({run.key for run in runs}) < len(runs):
        raise ValueError("a run is in it twice")
    return memory


def _account(value: Any) -> Account:
    started_s = value["started_s"]
    return Account(
        run=_run(value["run"]),
        ending=Ending(value["ending"]),
        why=_text(value["why"]),
        started_s=None if started_s is None else _time(started_s),
        ended_s=_time(value["ended_s"]),
        told=_flag(value),
    )


def _run(value: Any) -> ScheduledRun:
    start_s = value["start_s"]
    if type(start_s) is not int or not 0 <= start_s < 86400:
        raise ValueError(f"start_s {start_s}")
    return ScheduledRun(
        schedule_id=_text(value["schedule_id"]),
        day=date.fromisoformat(value["day"]),
        start_s=start_s,
        planned_s=_time(value["planned_s"]),
        due_s=_time(value["due_s"]),
    )


def _time(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is no time")
    if not (math.isfinite(value) and abs(value) < _LATEST_S):
        raise ValueError(f"{value!r} is no time")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _flag(value: Any) -> bool:
    told = value["told"]
    if not isinstance(told, bool):
        raise TypeError(f"told {told!r}")
    return told
