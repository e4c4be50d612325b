"""Pages of the log, newest first; who may read it sees who did what, and the checkpoint."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from patrol_console.accounts.permissions import Permission
from patrol_console.station import Robot
from patrol_console.web.endpoints import Call, Endpoint
from patrol_console.web.parts import Part
from patrol_core.web.asking import RefusalError
from patrol_records.errors import StoreError
from patrol_records.log.keeper import VERIFIER
from patrol_records.log.store import LogStore

KINDS = (
    "", "act", "incident", "incident_act", "verdict", "authority", "latched", "reset", "started",
)  # fmt: skip
FolderOf = Callable[[Robot], Path]


def logbook_part(folder_of: FolderOf) -> Part:
    """`folder_of`: where a robot's log is."""

    async def page(call: Call) -> Any:
        kind = call.word("kind", KINDS, "")
        before, limit = call.number("before", 2**62, 0, 2**62), call.number("limit", 50, 1, 200)
        try:
            return await asyncio.to_thread(_read, folder_of(call.robot), before, kind, limit)
        except StoreError as error:
            raise RefusalError(503, "The log cannot be read now.") from error

    query = {"before": "entries before that number", "kind": "of one kind", "limit": "so many"}
    summary = "What was logged, newest first"
    path = "/robots/{robot}/log"
    return Part((Endpoint("GET", path, summary, Permission.LOG, page, query=query),))


def _read(folder: Path, before: int, kind: str, limit: int) -> dict[str, Any]:
    with LogStore(folder, writable=False) as log:
        kept = log.newest(before, kind, limit + 1)
        entries = [{"number": one.number, **json.loads(one.text)} for one in kept[:limit]]
        verifier = folder / VERIFIER
        return {
            "entries": entries,
            "more": len(kept) > limit,
            "size": log.size,
            "root": base64.b64encode(log.root()).decode(),
            "verifier": verifier.read_text().strip() if verifier.is_file() else "",
        }
