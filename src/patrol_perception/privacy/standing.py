"""What a camera that stands still has not seen for long enough to know it for background.

Whoever moved and stopped stays hidden: only what was there before comes back into view.
"""

from __future__ import annotations

import cv2
import numpy as np

from patrol_perception.privacy.params import PrivacyParams
from patrol_perception.privacy.regions import boxes_of
from patrol_perception.view import Box, Image
from patrol_perception.watching.kernels import BACKGROUND
from patrol_perception.watching.layers import Layers
from patrol_perception.watching.params import LayerParams

_LIGHT_SHARE, _LIGHT_S = 0.5, 2.0
"""More change than this share for so long is the light: everything is learnt anew."""
_FOR_GOOD_S = 86400.0


class StandingCamera:
    """Pictures (H, W, 3) of one standpoint in, boxes to hide out."""

    def __init__(self, params: PrivacyParams, rate_hz: float) -> None:
        self._params = params
        self._layers = Layers(
            LayerParams(
                work_width_px=params.work_width_px, least_contrast=params.motion_contrast,
                learn_s=params.learn_s, absorb_s=_FOR_GOOD_S,
            ),
            rate_hz,
        )  # fmt: skip
        self._light = round(_LIGHT_S * rate_hz)
        self._bright = 0
        self._known = False

    def hide(self, image: Image) -> list[Box] | None:
        """What of the next picture is not known for background; None: nothing of it is."""
        height, width = image.shape[:2]
        scale = min(1.0, self._params.work_width_px / width)
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        smooth = cv2.GaussianBlur(small, (5, 5), 1.0)
        state = self._layers.update(np.asarray(smooth, np.uint8))
        odd = (state != BACKGROUND).astype(np.uint8)
        share = float(odd.mean())
        self._known = self._known or share < _LIGHT_SHARE
        self._bright = self._bright + 1 if self._known and share > _LIGHT_SHARE else 0
        if self._bright > self._light:
            self._layers.forget()
            self._known = False
        if not self._known:
            return None
        return boxes_of(odd, width, height, self._params.least_area)
