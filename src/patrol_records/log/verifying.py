"""Whether the log, and the records that it speaks of, are still what they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from patrol_core.site.model import Retention
from patrol_records.database import Row
from patrol_records.errors import StoreError
from patrol_records.log.entries import picture_hashes, row_hash
from patrol_records.log.merkle import EMPTY_ROOT, Frontier, leaf_hash
from patrol_records.log.notes import Checkpoint
from patrol_records.log.store import LogStore

MAX_TOLD = 20
DAY_S = 86400.0
MARGIN_DAYS = 1.0
"""Retention counts from when something was seen, the log from when it was stored."""
MAX_DAYS = 10**6
"""For a run of which nothing is known."""


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """What was read, and what is not as it was; at most `MAX_TOLD` problems are told."""

    entries: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordsVerdict:
    """Revisions of incidents that were compared, and those that retention has removed."""

    revisions: int
    forgotten: int
    problems: tuple[str, ...]


def verify_log(
    store: LogStore,
    checkpoint: Checkpoint | None,
    progress: Callable[[int], None] = lambda _: None,
) -> LogVerdict:
    """Recompute every hash from the entries themselves. Takes time in proportion to them.

    Without a checkpoint only what does not fit together is found: who may write the file may write
    another log that does. Raises StoreError when it cannot be read.
    """
    frontier, problems = Frontier(), list[str]()
    root_then = EMPTY_ROOT if checkpoint is not None and checkpoint.size == 0 else b""
    for kept in store.entries():
        if kept.number != frontier.size:
            problems.append(_gap(frontier.size, kept.number))
            break
        leaf = leaf_hash(kept.text.encode())
        problems += _unlike(store, leaf, kept.number, frontier.append(leaf))
        if checkpoint is not None and frontier.size == checkpoint.size:
            root_then = frontier.root()
        progress(frontier.size)
        if len(problems) >= MAX_TOLD:
            break
    if checkpoint is not None and len(problems) < MAX_TOLD:
        problems += _against(checkpoint, frontier.size, root_then)
    return LogVerdict(frontier.size, tuple(problems))


def verify_records(
    store: LogStore,
    run: str,
    row_of: Callable[[str, int], Row | None],
    photos: Path,
    now_s: float,
) -> RecordsVerdict:
    """Compare what a run's records hold with what was logged of them.

    What is older at `now_s` (Unix time) than the site's retention, as it was logged when the run
    began, may be gone. Raises StoreError.
    """
    looked, forgotten, problems = 0, 0, list[str]()
    keep = Retention(MAX_DAYS, MAX_DAYS, MAX_DAYS)
    for kept in store.entries():
        entry = json.loads(kept.text)
        data = entry["data"]
        if data.get("run") != run or len(problems) >= MAX_TOLD:
            continue
        if kept.kind == "started":
            keep = replace(keep, **data["retention"])
        elif kept.kind == "incident":
            age_days = (now_s - entry["s"]) / DAY_S + MARGIN_DAYS
            row = row_of(data["finding"], data["revision"])
            looked += row is not None
            if row is None and age_days > keep.incidents_days:
                forgotten += 1
                continue
            name = f"incident {data['incident']} (revision {data['revision']})"
            wrong = _wrong(data, row, photos, pictures_may_be_gone=age_days > keep.photos_days)
            problems += [f"{name} {what}" for what in wrong]
    return RecordsVerdict(looked, forgotten, tuple(problems))


def _wrong(
    logged: Mapping[str, Any], row: Row | None, photos: Path, *, pictures_may_be_gone: bool
) -> list[str]:
    """What is not as it was logged."""
    if row is None:
        return ["is gone from the records"]
    found = [] if row_hash(row) == logged["sha256"] else ["was changed"]
    pictures = picture_hashes(row, photos)
    for name, sha256 in logged["pictures"].items():
        if name in pictures and pictures[name] != sha256:
            found.append(f"has another picture ('{name}') than it had")
        elif name not in pictures and not pictures_may_be_gone:
            found.append(f"has lost its picture ('{name}')")
    return found


def _gap(expected: int, found: int) -> str:
    return f"entry {expected} is missing: the next that is there is {found}"


def _unlike(
    store: LogStore, leaf: bytes, number: int, made: list[tuple[int, int, bytes]]
) -> list[str]:
    """Hashes that are kept and do not fit the entries."""
    try:
        if store.node(number, 1) != leaf:
            return [f"entry {number} was changed: it is not what its hash says"]
        for level, at, hashed in made[1:]:
            if store.node(at << level, 1 << level) != hashed:
                return [f"the hash of entries {at << level} to {number} was changed"]
    except StoreError as error:
        return [error.problem]
    return []


def _against(checkpoint: Checkpoint, size: int, root_then: bytes) -> list[str]:
    if size < checkpoint.size:
        last = checkpoint.size - 1
        return [f"entries {size} to {last} are missing: the checkpoint knows {last + 1}"]
    if root_then != checkpoint.root:
        return [f"the first {checkpoint.size} entries are not those of the checkpoint"]
    return []
