"""A page's files, read once; nothing outside their folder can be named."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response

from patrol_core.web.asking import RefusalError

VENDOR = Path(__file__).parent / "vendor"
"""What others wrote and every page of the robot uses; `sources.yaml` there says whose it is."""
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


class Pages:
    """Every file of a folder that a browser is to get, by name, and those of `VENDOR`."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(root).as_posix(): (path.read_bytes(), _TYPES[path.suffix])
            for root, there in ((folder, folder), (VENDOR.parent, VENDOR))
            for path in sorted(there.rglob("*"))
            if path.suffix in _TYPES
        }

    def response(self, name: str) -> Response:
        """Raises RefusalError when there is no such file."""
        if name not in self._files:
            raise RefusalError(404, "There is no such page.")
        body, kind = self._files[name]
        return Response(body, media_type=kind)
