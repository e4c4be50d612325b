"""What was read, drawn onto the blurred picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import cv2
import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.types.inspection import CheckOutcome
from patrol_core.types.sensors import CompressedImage

_COLOURS = {
    CheckOutcome.PASSED: (90, 190, 60),
    CheckOutcome.FAILED: (50, 60, 230),
    CheckOutcome.UNREAD: (170, 170, 170),
}
_EDGE = (20, 20, 20)
_STRIP_PX = 26
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def annotated(
    blurred: CompressedImage, marks: Sequence[FloatArray], text: str, outcome: CheckOutcome,
    quality: int,
) -> CompressedImage:  # fmt: skip
    """The picture with lines (N, 2) [px] and one line of text below, as JPEG."""
    data = np.frombuffer(blurred.data, np.uint8)
    image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    colour = _COLOURS[outcome]
    for edge, width in ((_EDGE, 4), (colour, 2)):
        for mark in marks:
            points = np.rint(np.clip(mark, -1e4, 1e4) * 16.0).astype(np.int32)
            cv2.polylines(image, [points], False, edge, width, cv2.LINE_AA, 4)
    strip = np.full((_STRIP_PX, image.shape[1], 3), 24, np.uint8)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    cv2.putText(strip, plain, (8, 18), _FONT, 0.5, colour, 1, cv2.LINE_AA)
    whole = np.vstack((image, strip))
    _, encoded = cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return CompressedImage(blurred.stamp_s, blurred.frame_id, "jpeg", encoded.tobytes())
