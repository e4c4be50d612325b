"""Every number that hiding people without lidar or detector may be tuned by."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class PrivacyParams:
    """What is hidden beside what lidar, depth and detector show."""

    zone_margin_m: float = param(0.3, "So far round a privacy zone is black, too [m]", 0.0, 5.0)
    work_width_px: int = param(320, "Motion is looked for in pictures of this width", 80, 1920)
    motion_contrast: int = param(
        12, "Grey values by which what moves differs from what was there", 4, 100
    )
    learn_s: float = param(
        2.0, "From a standing camera, what has not changed for so long is shown [s]", 0.5, 600.0
    )
    least_area: float = param(
        2e-4, "Smallest change that counts, as a share of the picture", 0.0, 0.1
    )
