"""People in lidar: are they found and kept apart, on recordings of others, without a map?

The tracker of the patrol (`patrol_perception.scene`) on the bags of Leigh et al. 2015, beside one
that follows single legs by the plain rule, in the same run. Scored by CLEAR MOT, matches within
0.75 m, from the first labelled scan to the last, where labels lie: at their bearings and no
farther off than the farthest. A track counts in scans in which it was seen. What has no labels is
only tracked. Labels that only say where legs are become people by `_leg_truth.py`. Without
odometry in a bag, the way of the lidar is found from its scans. Parameters were chosen on the
recordings marked *, figures for all of those together are told apart from the rest.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from _bags import Recording, read_recordings
from _bench import begin, options_parser
from _clear_mot import Mot, Somebody, clear_mot
from _people_data import FOLDER, HALF_S, HALVED, TUNED
from _people_picture import draw
from _single_legs import SingleLegs

from patrol_core.errors import ConfigError, Place, RondaError
from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_core.types.perception import TrackKind
from patrol_perception.findings import FindingBook
from patrol_perception.params import PerceptionParams
from patrol_perception.scene import Scene
from ronda_cli.evaluation.statistics import Row

SEED = 0
GOAL_MS = 10.0
_STD_M = 0.05
_MARGIN_RAD = 0.02

Told = list[list[Somebody]]


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A recording, or a part of one, with what the tracker and the baseline told of each scan."""

    name: str
    tuned: bool
    recording: Recording
    scans: range
    ours: Told
    plain: Told
    times_ms: Sequence[float]

    def score(self, told: Told) -> Mot | None:
        """None without labels."""
        people = self.recording.people
        labelled = [n for n in self.scans if people is not None and people[n]]
        if people is None or not labelled:
            return None
        places = np.array([(p.x_m, p.y_m) for here in people for p in here])
        bearings = np.arctan2(places[:, 1], places[:, 0])
        low, high = float(bearings.min()) - _MARGIN_RAD, float(bearings.max()) + _MARGIN_RAD
        reach_m = float(np.hypot(places[:, 0], places[:, 1]).max())

        def judged(who: Somebody) -> bool:
            off_m = math.hypot(who.x_m, who.y_m)
            return low <= math.atan2(who.y_m, who.x_m) <= high and off_m <= reach_m

        return clear_mot(
            (people[n], [who for who in told[n] if judged(who)])
            for n in range(labelled[0], labelled[-1] + 1)
        )

    def people_told(self, told: Told) -> tuple[int, float]:
        """How many different ones, and how many in a scan on average."""
        here = [told[n] for n in self.scans]
        different = {who.name for one in here for who in one}
        return len(different), float(np.mean([len(one) for one in here]))


def track(recording: Recording) -> tuple[Told, list[float]]:
    """Who is seen in each scan, in the frame of the lidar, and the CPU time that it took [ms]."""
    params = PerceptionParams()
    rng = np.random.default_rng(SEED)
    nothing = OccupancyGrid(0.0, 1.0, 0.0, 0.0, np.full((1, 1), FREE, np.int8))
    scene = Scene(nothing, (), (), params, FindingBook(params.evidence, rng), rng)
    told: Told = []
    times_ms = []
    for scan, sensor in zip(recording.scans, recording.poses, strict=True):
        start_s = time.process_time()
        tracks = scene.step(scan, sensor, _STD_M, scan.stamp_s, judge=True)
        times_ms.append((time.process_time() - start_s) * 1e3)
        seen = [
            track
            for track in (() if tracks is None else tracks.tracks)
            if track.kind is TrackKind.PERSON and track.last_seen_s == scan.stamp_s
        ]
        places = sensor.inverse().transform_points([(t.x_m, t.y_m) for t in seen]).tolist()
        told.append([Somebody(t.track_id, x, y) for t, (x, y) in zip(seen, places, strict=True)])
    return told, times_ms


def follow_legs(recording: Recording) -> Told:
    """The same by the baseline."""
    legs = SingleLegs()
    return [
        legs.step(scan, pose) for scan, pose in zip(recording.scans, recording.poses, strict=True)
    ]


def results_of(recording: Recording) -> list[Result]:
    """One, or two where the first part of a recording served for choosing."""
    ours, times_ms = track(recording)
    whole = Result(
        recording.name, recording.name in TUNED, recording, range(len(recording.scans)), ours,
        follow_legs(recording), times_ms,
    )  # fmt: skip
    if recording.name != HALVED:
        return [whole]
    first_s = recording.scans[0].stamp_s
    half = sum(scan.stamp_s - first_s < HALF_S for scan in recording.scans)
    return [
        replace(whole, name=f"{HALVED}, first {HALF_S:g} s", tuned=True, scans=range(half)),
        replace(whole, name=f"{HALVED}, later", scans=range(half, len(recording.scans))),
    ]


def rows(results: Sequence[Result]) -> list[Row]:
    """Each labelled recording, sums, those only tracked, and the time."""
    found = []
    sums: dict[tuple[bool, bool], Mot] = {}
    for result in results:
        mark = "*" if result.tuned else ""
        for told, by in ((result.ours, ""), (result.plain, "single legs: ")):
            mot = result.score(told)
            if mot is not None:
                key = (result.tuned, by == "")
                sums[key] = sums.get(key, Mot()) + mot
                found += _rows_of(f"{by}{result.name}{mark}", mot)
            elif by == "":
                people, mean = result.people_told(told)
                found.append(
                    Row(f"{result.name}{mark}: people told, no labels", people,
                        f"different ones, {mean:.2f} in a scan")
                )  # fmt: skip
    for (tuned, mine), mot in sums.items():
        which = "recordings that served for choosing" if tuned else "the other recordings"
        found += _rows_of(f"{'' if mine else 'single legs: '}all of {which}", mot)
    times_ms = np.concatenate([result.times_ms for result in results])
    return [
        *found,
        Row("time of a scan on one core, median", float(np.median(times_ms)), "ms",
            goal=GOAL_MS, better="lower"),
        Row("time of a scan on one core, 99th percentile", float(np.percentile(times_ms, 99)),
            "ms", goal=GOAL_MS, better="lower"),
    ]  # fmt: skip


def _rows_of(name: str, mot: Mot) -> list[Row]:
    of = f"of {mot.objects}"
    return [
        Row(f"{name}: identity switches", mot.switches, of, better="lower"),
        Row(f"{name}: misses", mot.misses, of, better="lower"),
        Row(f"{name}: false positives", mot.false_positives, "", better="lower"),
        Row(f"{name}: MOTA", mot.mota, ""),
    ]


def _document(result: Result) -> dict[str, object]:
    recording = result.recording
    ours, plain = result.score(result.ours), result.score(result.plain)
    people, mean = result.people_told(result.ours)
    return {
        "name": result.name, "tuned": result.tuned, "scans": len(result.scans),
        "odometry": recording.by_odometry, "people_told": people, "people_in_a_scan": mean,
        "ours": ours and ours.to_json(), "single_legs": plain and plain.to_json(),
    }  # fmt: skip


def main() -> int:
    parser = options_parser()
    parser.add_argument(
        "bags", nargs="*", type=Path, metavar="BAG",
        help="a .bag or .bag.zip of ROS 1; default: those of Leigh et al. 2015",
    )  # fmt: skip
    bench = begin("people", __doc__, parser, quick="as without: it takes about a minute")
    results: list[Result] = []
    try:
        paths = bench.options.bags or sorted(FOLDER.glob("*.bag.zip"))
        if not paths:
            raise ConfigError(
                "there are no recordings", place=Place(FOLDER),
                expected="bags of ROS 1 (.bag.zip)", remedy="name bags on the command line",
            )  # fmt: skip
        for path in paths:
            for recording in read_recordings(path):
                results += results_of(recording)
    except RondaError as error:
        return bench.fail(error)
    draw(results, bench.picture)
    return bench.answer(rows(results), recordings=[_document(result) for result in results])


if __name__ == "__main__":
    sys.exit(main())
