"""The page's files, read once; nothing outside the folder can be named."""

from __future__ import annotations

import io
from pathlib import Path

import segno
from starlette.responses import Response

from patrol_hri.kiosk.asking import RefusalError

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
}


class Pages:
    """Every file of `static/` that a browser is to get, by name."""

    def __init__(self) -> None:
        self._files = {
            path.relative_to(FOLDER).as_posix(): (path.read_bytes(), _TYPES[path.suffix])
            for path in sorted(FOLDER.rglob("*"))
            if path.suffix in _TYPES
        }

    def response(self, name: str) -> Response:
        """Raises RefusalError when there is no such file."""
        if name not in self._files:
            raise RefusalError(404, "There is no such page.")
        body, kind = self._files[name]
        return Response(body, media_type=kind)


def qr_code(address: str) -> bytes:
    """An address as a QR code (ISO/IEC 18004, error correction M): SVG with a quiet zone."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", scale=8, border=4, light="#ffffff", dark="#0d1b2a"
    )
    return out.getvalue()
