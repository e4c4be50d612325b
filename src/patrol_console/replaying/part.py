"""Requests for recordings: the list, one to be replayed, its pictures, an incident's package."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.responses import Response

from patrol_console.accounts.permissions import Permission
from patrol_console.replaying import documents
from patrol_console.station import Robot, Station
from patrol_console.web.endpoints import Body, Call, Endpoint
from patrol_console.web.parts import Part
from patrol_core.errors import RondaError
from patrol_core.web.asking import RefusalError
from patrol_records.errors import StoreError
from patrol_records.flight import shelf
from patrol_records.flight.packing import Request, pack
from patrol_records.flight.reader import Recording
from patrol_records.flight.shelf import Kept
from patrol_records.reader import RecordReader
from patrol_records.signing import KEY_FILE, signing_key

MAX_LISTED = 200
_GONE = "There is no such recording: retention may be over."


class PackageBody(Body):
    """Whether places, map and poses are in the package."""

    coordinates: bool = True


def replaying_part(
    station: Station,
    log_folder: Callable[[Robot], Path],
    open_records: Callable[[Robot], RecordReader],
) -> Part:
    """`log_folder`: where a robot's signing key is. `open_records`: raises StoreError."""
    root, p = "/robots/{robot}/recordings", Permission

    async def listed(call: Call) -> Any:
        there = await asyncio.to_thread(_shelf, call.robot)
        return {"recordings": [documents.line(one) for one in there[: -MAX_LISTED - 1 : -1]]}

    async def replay(call: Call) -> Any:
        return await asyncio.to_thread(_replay, call.robot, call.path("recording"))

    async def picture(call: Call) -> Response:
        name, at_ms = call.path("recording"), call.number("ms", 0, 0, 10**9)
        data = await asyncio.to_thread(_picture, call.robot, name, at_ms / 1000.0)
        return Response(data, media_type="image/jpeg")

    async def export(call: Call) -> Response:
        number, body = int(call.path("incident")), call.body(PackageBody)
        folder, made_s = log_folder(call.robot), station.clock()
        data = await asyncio.to_thread(
            _package, call.robot, open_records, number, folder, made_s,
            with_places=body.coordinates,
        )  # fmt: skip
        who = call.who
        station.audit(who.user, who.role.value, "exported", call.robot.name, f"incident {number}")
        name = f"{call.robot.name}-incident-{number}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type="application/zip", headers=headers)

    query = {"ms": "the newest picture at that time [ms since the recording's first moment]"}
    return Part((
        Endpoint("GET", root, "Recordings, newest first", p.VIEW, listed),
        Endpoint("GET", f"{root}/{{recording}}", "A recording to be replayed", p.VIEW, replay),
        Endpoint("GET", f"{root}/{{recording}}/picture", "A picture of it", p.VIEW, picture,
                 query=query),
        Endpoint("POST", "/robots/{robot}/incidents/{incident:int}/package",
                 "An incident as a signed package", p.EXPORT, export, PackageBody),
    ))  # fmt: skip


def _folder(robot: Robot) -> Path:
    return robot.run_folder / shelf.FLIGHT


def _shelf(robot: Robot) -> list[Kept]:
    try:
        return shelf.shelf(_folder(robot))
    except OSError as error:
        raise RefusalError(503, "Recordings cannot be listed now.") from error


def _known(robot: Robot, name: str) -> tuple[Kept, Path]:
    """Raises RefusalError (404): a name is looked up, never made into a path."""
    found = next((one for one in _shelf(robot) if one.recording_id == name), None)
    if found is None:
        raise RefusalError(404, _GONE)
    return found, shelf.recording_file(_folder(robot), found.recording_id)


def _replay(robot: Robot, name: str) -> Any:
    kept, file = _known(robot, name)
    try:
        return documents.whole(kept, file, robot.model)
    except StoreError as error:
        raise RefusalError(404, "That recording cannot be read.") from error


def _picture(robot: Robot, name: str, since_s: float) -> bytes:
    _, file = _known(robot, name)
    try:
        with Recording(file) as recording:
            found = recording.picture(recording.start_s + since_s)
    except StoreError as error:
        raise RefusalError(404, "That recording cannot be read.") from error
    if found is None or found.encoding != "jpeg":
        raise RefusalError(404, "There is no picture at that time.")
    return found.data


def _package(
    robot: Robot, open_records: Callable[[Robot], RecordReader], number: int, key_folder: Path,
    made_s: float, *, with_places: bool,
) -> bytes:  # fmt: skip
    try:
        with (
            TemporaryDirectory() as folder,
            closing(open_records(robot)) as reader,
        ):
            incident = reader.incident(number)
            if incident is None:
                raise RefusalError(404, "There is no such incident.")
            target = Path(folder) / "package.zip"
            key = signing_key(key_folder / KEY_FILE)
            pack(
                reader, Request(incident, robot.run_folder.name, made_s, with_places), key, target
            )
            return target.read_bytes()
    except (RondaError, OSError) as error:
        raise RefusalError(503, "The package cannot be made now.") from error
