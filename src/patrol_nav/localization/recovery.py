"""Doubts the pose when scans speak against it, and finds the right one on the whole map.

A search that finds a much better place contradicts the pose, if the scan looks through walls
where the robot is believed to be: what is not on the map can only hide them. It has to stay
better, scan by scan: beside a thing that has moved, one scan may look like another place. A place
is believed without being told when two searches in a row name it, it fits the scan well, and no
other comes near. Places that satellites rule out are no rivals, if two fixes say so, and if the
place differs from what is around it: along a fence no fix is exact enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_nav.localization.dead_reckoning import Reckoned
from patrol_nav.localization.global_search import GlobalSearch, SearchTables
from patrol_nav.localization.likelihood_field import LikelihoodField
from patrol_nav.localization.params import RecoveryParams
from patrol_nav.localization.satellites import Sighting

_REFINE_STEPS = np.linspace(-1.0, 1.0, 7)
_REFINE_SPANS = ((0.15, 0.03), (0.05, 0.01))
"""Half widths of the grids of poses about a candidate [m, rad]."""
_AROUND_M = tuple(
    (reach * math.cos(angle), reach * math.sin(angle))
    for reach in (0.7, 1.5)
    for angle in np.arange(8) * (math.pi / 4.0)
)


@dataclass(frozen=True, slots=True)
class Question:
    """A scan (M, 2) in base_link, where it was taken by dead reckoning, and the pose believed.

    `satellites`: what they say of it, where there are any.
    """

    endpoints_m: FloatArray
    reckoned: Reckoned
    pose: Pose2
    satellites: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about a question.

    `contradiction`: why the pose asked about is wrong; empty when nothing speaks against it.
    `pose`: of base_link in `map` at the question's scan, where that is beyond doubt. `note`: in
    words, for who supervises.
    """

    question: Question
    contradiction: str = ""
    pose: Pose2 | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Shares of a scan that the map explains at a pose, and that would have come through walls."""

    pose: Pose2
    explained: float
    through: float

    @property
    def fit(self) -> float:
        return self.explained - self.through


class Recovery:
    """One search at a time, a share of it at every tick."""

    def __init__(
        self,
        tables: SearchTables,
        field: LikelihoodField,
        params: RecoveryParams,
        lidar: Pose2,
        agreement_m: float,
    ) -> None:
        """`lidar`: its pose in base_link; `agreement_m`: a return this near is explained."""
        self._tables = tables
        self._field = field
        self._params = params
        self._lidar = lidar
        self._agreement_m = agreement_m
        self.forget()
        self._next_s = -math.inf

    def forget(self) -> None:
        """Drop the search that is under way, and what the last one found."""
        self._question: Question | None = None
        self._search: GlobalSearch | None = None
        self._last: tuple[Pose2, Reckoned, float] | None = None
        self._suspect: tuple[Pose2, Reckoned] | None = None
        self._better_scans = 0
        self._contradicted = False

    def wants(self, agreement: float, lost: bool, now_s: float) -> bool:
        """Whether the next scan should be asked about."""
        idle = self._search is None and (
            now_s >= self._next_s or (lost and self._last is not None)
        )
        return idle and (lost or agreement < self._params.doubt_agreement)

    def ask(self, question: Question) -> None:
        """Begin a search."""
        self._question = question
        self._search = GlobalSearch(self._tables, question.endpoints_m)

    def watch(self, question: Question) -> Answer | None:
        """Hold the place that a search preferred against a new scan; an answer once it lasts."""
        if self._suspect is None:
            return None
        elsewhere = self._place(_carried(self._suspect, question), question)
        contradiction = self._contradiction(elsewhere, question)
        if not contradiction:
            self._suspect = None
            return None
        self._better_scans += 1
        if self._better_scans < self._params.better_scans:
            return None
        self._suspect, self._contradicted = None, True
        return Answer(question, contradiction, note="looking for the place")

    def advance(self, now_s: float) -> Answer | None:
        """Go on with the search; an answer when it is done."""
        search, question = self._search, self._question
        if search is None or question is None:
            return None
        found = search.advance(self._tables.params.budget)
        if found is None:
            return None
        self._search, self._next_s = None, now_s + self._params.retry_s
        places = [self._refined(candidate.pose, question) for candidate in found]
        places.sort(key=lambda place: -place.fit)
        return self._weigh(places, question)

    def _weigh(self, places: list[_Place], question: Question) -> Answer:
        params = self._params
        before, self._last = self._last, None
        places, ruled_out = _admitted(places, question.satellites)
        if not places or places[0].fit < params.believed_fit:
            self._contradicted = False
            return Answer(question, note="no place on the map fits the scan")
        best = places[0]
        contradiction = self._contradiction(best, question)
        if not contradiction:
            self._contradicted = False
        elif not self._contradicted:
            self._suspect, self._better_scans = (best.pose, question.reckoned), 0
            contradiction = ""
        rivals = [
            place for place in places[1:]
            if place.fit > best.fit - params.unrivalled_by
            and not self._same(place.pose, best.pose)
        ]  # fmt: skip
        if rivals or (ruled_out and not self._differs_from_around(best, question)):
            count = str(len(rivals) + 1) if rivals else "several"
            note = f"{count} places look alike: drive on a little, or say where it is"
            return Answer(question, contradiction, note=note)
        stamp_s = question.satellites.stamp_s if question.satellites and ruled_out else math.nan
        self._last = best.pose, question.reckoned, stamp_s
        if before is None:
            return Answer(question, contradiction, note="found a place: looking again")
        if not self._same(_carried(before[:2], question), best.pose):
            return Answer(question, contradiction, note="the place found does not last")
        if stamp_s == before[2]:
            self._last = before
            return Answer(question, contradiction, note="found a place: waiting for another fix")
        return Answer(question, contradiction, best.pose, "found the place again")

    def _differs_from_around(self, best: _Place, question: Question) -> bool:
        """Whether no place a little away fits the scan nearly as well."""
        worst_rival = best.fit - self._params.unrivalled_by
        return all(
            self._place(best.pose.compose(Pose2(*shift)), question).fit < worst_rival
            for shift in _AROUND_M
        )

    def _contradiction(self, best: _Place, question: Question) -> str:
        here = self._place(question.pose, question)
        if (
            here.through < self._params.through
            or best.fit < here.fit + self._params.better_by
            or self._same(best.pose, here.pose)
        ):
            return ""
        shares = f"{here.explained:.0%} of the scan here, {best.explained:.0%} elsewhere"
        return f"the map explains {shares}"

    def _same(self, one: Pose2, other: Pose2) -> bool:
        turned = abs(wrap_angle(one.yaw_rad - other.yaw_rad))
        return one.distance_to(other) <= self._params.same_m and turned <= self._params.same_rad

    def _place(self, pose: Pose2, question: Question) -> _Place:
        field, ends, within_m = self._field, question.endpoints_m, self._agreement_m
        return _Place(
            pose,
            field.explained(pose, ends, within_m),
            field.seen_through(pose, self._lidar, ends, within_m),
        )

    def _refined(self, pose: Pose2, question: Question) -> _Place:
        """The likeliest pose on finer and finer grids about a candidate."""
        for span_m, span_rad in _REFINE_SPANS:
            x, y, yaw = np.meshgrid(
                pose.x_m + span_m * _REFINE_STEPS,
                pose.y_m + span_m * _REFINE_STEPS,
                pose.yaw_rad + span_rad * _REFINE_STEPS,
            )
            grid = np.column_stack((x.ravel(), y.ravel(), yaw.ravel()))
            scores = self._field.log_likelihoods(grid, question.endpoints_m)
            best_x, best_y, best_yaw = grid[int(scores.argmax())].tolist()
            pose = Pose2(best_x, best_y, wrap_angle(best_yaw))
        return self._place(pose, question)


def _admitted(places: list[_Place], satellites: Sighting | None) -> tuple[list[_Place], bool]:
    """Places that satellites do not rule out, and whether they do rule out any.

    All where they would rule out every one: then it is they who are wrong.
    """
    admitted = [place for place in places if satellites is None or satellites.admits(place.pose)]
    return (admitted, len(admitted) < len(places)) if admitted else (places, False)


def _carried(place: tuple[Pose2, Reckoned], question: Question) -> Pose2:
    """Where a place found earlier has got to by dead reckoning."""
    pose, reckoned = place
    return pose.compose(question.reckoned.pose.relative_to(reckoned.pose))
