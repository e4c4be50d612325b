"""Whether the log, and the records that it speaks of, are still what they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from patrol_records.database import Row
from patrol_records.errors import StoreError
from patrol_records.log.entries import row_hash
from patrol_records.log.merkle import EMPTY_ROOT, Frontier, leaf_hash
from patrol_records.log.notes import Checkpoint
from patrol_records.log.store import LogStore

MAX_TOLD = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, and everything that is not as it was; at most `MAX_TOLD` are told."""

    entries: int
    incidents: int
    problems: tuple[str, ...]


def verify_log(
    store: LogStore,
    checkpoint: Checkpoint | None,
    progress: Callable[[int], None] = lambda _: None,
) -> Verdict:
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
    return Verdict(frontier.size, 0, tuple(problems))


def verify_records(
    store: LogStore, run: str, row_of: Callable[[str, int], Row | None], photos: Path
) -> Verdict:
    """Compare what a run's records hold with what was logged of them. Raises StoreError."""
    looked, problems = 0, list[str]()
    for incident, finding, revision, sha256 in _incidents(store, run):
        looked += 1
        row = row_of(finding, revision)
        if row is None:
            problems.append(f"incident {incident} (revision {revision}) is gone from the records")
        elif row_hash(row, photos) != sha256:
            problems.append(f"incident {incident} (revision {revision}) or a picture was changed")
        if len(problems) >= MAX_TOLD:
            break
    return Verdict(0, looked, tuple(problems))


def _incidents(store: LogStore, run: str) -> Iterator[tuple[int, str, int, str]]:
    for kept in store.entries():
        if kept.kind == "incident":
            data = json.loads(kept.text)["data"]
            if data["run"] == run:
                yield data["incident"], data["finding"], data["revision"], data["sha256"]


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
