"""The address of the page as a picture for phones."""

from __future__ import annotations

import io

import segno


def qr_code(address: str) -> bytes:
    """An address as a QR code (ISO/IEC 18004, error correction M): SVG with a quiet zone."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", scale=8, border=4, light="#ffffff", dark="#0d1b2a"
    )
    return out.getvalue()
