"""The word on localisation: good, degraded or lost, from evidence, with hysteresis."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_nav.localization.params import StatusParams

_WINDS = (
    "east and west",
    "north-east and south-west",
    "north and south",
    "north-west and south-east",
)
_SEVERITY = {LocalizationLevel.GOOD: 0, LocalizationLevel.DEGRADED: 1, LocalizationLevel.LOST: 2}
_SMOOTHING_S = 0.5
_MARGIN = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for or against the pose.

    `returns`: beams that met something; `agreement`: share of them that the map explains;
    `covariance` (3, 3) of the belief; `innovation_m`: how far this scan pulled the pose.
    """

    returns: int
    agreement: float
    covariance: FloatArray
    innovation_m: float


class StatusJudge:
    """Turns evidence over time into a level: slow to say lost, slow to take it back."""

    def __init__(self, params: StatusParams) -> None:
        self._params = params
        self.level = LocalizationLevel.DEGRADED
        self._since_s: dict[LocalizationLevel, float] = {}
        self._better_since_s: float | None = None
        self._agreement: float | None = None
        self._innovation_m = 0.0
        self._last_s = -math.inf
        self._contradiction = ""

    @property
    def agreement(self) -> float:
        """Share of scans that the map explains, smoothed; 1 before the first."""
        return 1.0 if self._agreement is None else self._agreement

    def contradict(self, reason: str) -> None:
        """The pose is known to be wrong: lost until `found`, or until that is withdrawn."""
        self.level = LocalizationLevel.LOST
        self._contradiction = reason
        self._better_since_s = None

    def withdraw(self) -> None:
        """Nothing contradicts the pose any more; the scans have the word again."""
        self._contradiction = ""

    def found(self) -> None:
        """The pose has been set right: what was seen before says nothing any more."""
        self._contradiction = ""
        self._agreement, self._innovation_m = None, 0.0
        self._since_s.clear()
        self._better_since_s = None

    def judge(self, evidence: Evidence, now_s: float) -> LocalizationStatus:
        """Take in the evidence of one scan."""
        self._smooth(evidence, now_s)
        std, direction = _weakest_axis(evidence.covariance)
        yaw_std = math.sqrt(max(float(evidence.covariance[2, 2]), 0.0))
        wanted, reason = self._weigh(evidence, std, direction, yaw_std)
        self._settle(wanted, now_s)
        if _SEVERITY[wanted] < _SEVERITY[self.level]:
            reason = f"recovering: {reason}"
        return LocalizationStatus(
            now_s, self.level, reason, std, yaw_std, float(self._agreement or 0.0)
        )

    def _smooth(self, evidence: Evidence, now_s: float) -> None:
        gain = 1.0 - math.exp(-min(now_s - self._last_s, 60.0) / _SMOOTHING_S)
        self._last_s = now_s
        self._innovation_m += gain * (evidence.innovation_m - self._innovation_m)
        if self._agreement is None:
            self._agreement = evidence.agreement
        self._agreement += gain * (evidence.agreement - self._agreement)

    def _weigh(
        self, evidence: Evidence, std: float, direction: str, yaw_std: float
    ) -> tuple[LocalizationLevel, str]:
        """The level that the evidence speaks for now. A level once left is harder to regain."""
        params, agreement = self._params, self._agreement or 0.0
        lost, degraded = LocalizationLevel.LOST, LocalizationLevel.DEGRADED
        slack_lost = _MARGIN if self.level is lost else 1.0
        slack = 1.0 if self.level is LocalizationLevel.GOOD else _MARGIN
        if self._contradiction:
            return lost, self._contradiction
        if std > params.lost_std_m * slack_lost or yaw_std > params.lost_std_rad * slack_lost:
            return (
                lost,
                f"the pose is only known to {std:.1f} m and {math.degrees(yaw_std):.0f} deg",
            )
        if evidence.returns < params.min_returns:
            return degraded, f"only {evidence.returns} returns in the scan: dead reckoning"
        explained = f"the map explains {agreement:.0%} of the scan"
        if agreement < params.lost_agreement / slack_lost:
            return lost, explained
        if agreement < params.degraded_agreement / slack:
            return degraded, explained
        if std > params.degraded_std_m * slack:
            return degraded, f"nothing to hold on to towards {direction}: {std:.2f} m"
        if yaw_std > params.degraded_std_rad * slack:
            return degraded, f"the heading is only known to {math.degrees(yaw_std):.0f} deg"
        if self._innovation_m > params.degraded_innovation_m * slack:
            return degraded, f"scans pull the pose by {self._innovation_m:.2f} m"
        return LocalizationLevel.GOOD, explained

    def _settle(self, wanted: LocalizationLevel, now_s: float) -> None:
        """Change the level once evidence for a worse or a better one has lasted."""
        params, severity = self._params, _SEVERITY[wanted]
        for level in (LocalizationLevel.DEGRADED, LocalizationLevel.LOST):
            if severity >= _SEVERITY[level]:
                self._since_s.setdefault(level, now_s)
            else:
                self._since_s.pop(level, None)
        if severity >= _SEVERITY[self.level]:
            self._better_since_s = None
        elif self._better_since_s is None:
            self._better_since_s = now_s
        if self._lasted(LocalizationLevel.LOST, params.lost_after_s, now_s):
            self.level = LocalizationLevel.LOST
        elif self.level is LocalizationLevel.GOOD:
            if self._lasted(LocalizationLevel.DEGRADED, params.degraded_after_s, now_s):
                self.level = LocalizationLevel.DEGRADED
        elif (
            self._better_since_s is not None
            and now_s - self._better_since_s >= params.recover_after_s
        ):
            self.level, self._better_since_s = wanted, None

    def _lasted(self, level: LocalizationLevel, wanted_s: float, now_s: float) -> bool:
        since_s = self._since_s.get(level)
        return since_s is not None and now_s - since_s >= wanted_s


def _weakest_axis(covariance: FloatArray) -> tuple[float, str]:
    """Standard deviation [m] along the least known direction, and that direction in words."""
    values, vectors = np.linalg.eigh(covariance[:2, :2])
    angle = math.atan2(vectors[1, 1], vectors[0, 1])
    return math.sqrt(max(float(values[1]), 0.0)), _WINDS[round(angle / (math.pi / 4.0)) % 4]
