"""Every number that watching may be tuned by."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class LayerParams:
    """The two time scales of a pixel: what has always been there, and what has come to stay."""

    work_width_px: int = param(360, "Wider pictures are looked at in this width", 80, 1920)
    least_contrast: int = param(20, "Grey values by which a pixel must differ to count", 4, 100)
    noise_factor: float = param(4.0, "The same, in standard deviations of the noise", 1.0, 20.0)
    learn_s: float = param(1.2, "What is seen for so long at first is background [s]", 0.2, 60.0)
    occluded_s: float = param(8.0, "What is hidden for longer is forgotten [s]", 0.5, 120.0)
    returned_s: float = param(
        0.6, "Background seen for so long ends what lay on it [s]", 0.1, 10.0
    )
    absorb_s: float = param(1800.0, "What stays for longer is background [s]", 10.0, 86400.0)
    drift: float = param(0.02, "Share of each picture that the background takes up", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class JudgeParams:
    """When something that has come to stay is something left behind."""

    static_s: float = param(3.0, "It must have lain still for so long [s]", 0.5, 3600.0)
    unattended_s: float = param(1.0, "Nobody may have been at it for so long [s]", 0.0, 3600.0)
    company: float = param(0.25, "Share of what is beside it that may be no background", 0.0, 1.0)
    least_area: float = param(6e-4, "Smallest thing, as a share of the picture", 1e-5, 0.1)
    largest_area: float = param(0.08, "Largest thing, as a share of the picture", 1e-3, 1.0)
    carried_within_s: float = param(
        2.0, "Somebody was at it so close to its coming [s]", 0.1, 30.0
    )
    height_by_owner: float = param(0.45, "It is lower than who brought it, by this", 0.1, 1.0)
    restless: float = param(0.22, "People sway: share of its picture that may change", 0.0, 1.0)
    fill: float = param(0.35, "Least share of its box that it fills", 0.0, 1.0)
    contrast_gain: float = param(
        1.25, "It stands out more than what was there, by this", 1.0, 10.0
    )
    removed_after_s: float = param(
        10.0, "What is taken away had lain there so long [s]", 0.0, 3600.0
    )
    light_share: float = param(0.5, "More change at once than this share is light", 0.05, 1.0)


@dataclass(frozen=True, slots=True)
class WatchParams:
    """Watching as a whole."""

    layers: LayerParams = field(default_factory=LayerParams)
    judge: JudgeParams = field(default_factory=JudgeParams)


@dataclass(frozen=True, slots=True)
class GuardParams:
    """Watching while the robot stands."""

    enabled: bool = param(True, "Whether a standing robot watches for what is left behind")
    settle_s: float = param(1.0, "The base must have stood for so long [s]", 0.0, 60.0)
    still_m: float = param(0.02, "Who moves by more has left the standpoint [m]", 0.001, 0.5)
    still_rad: float = param(0.006, "The same, turning [rad]", 0.0005, 0.2)
    merge_m: float = param(0.6, "What the lidar found so near is the same thing [m]", 0.0, 3.0)
    watch: WatchParams = field(default_factory=WatchParams)
