"""Changes seen by the camera: is what was placed, removed or swapped told, and shadow not?

A place of the site is rendered with shadows as it was learnt on two laps (morning, afternoon), and
passed again by day, at dusk or under a low sun, a little beside, with poses that are off as
localisation is. The figure is the area under the precision-recall curve by pixel (of half the
size): it needs no rule for matching regions, and no threshold, so scores of any method can be
compared; pixels at the rim of a change do not count. Beside it absolute difference and MOG2 on
the same views, laid onto the picture by the same alignment. Seeds 0 and up; what was tuned was
tuned on seeds from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from _bench import begin, options_parser
from _change_baselines import absolute_difference, laid_onto, mog2
from _change_scenes import JUDGED, Case, Shot, Stage

from patrol_core.errors import RondaError
from patrol_perception.change.comparison import compare
from patrol_perception.change.params import ChangeParams
from patrol_perception.change.regions import find_regions
from patrol_perception.change.snapshot import SHRINK, Mask, Plane, Snapshot, make_snapshot
from ronda_cli.evaluation.statistics import Row
from ronda_cli.setting import load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

METHODS = {
    "Ronda": "#0b6bcb",
    "Ronda, without depth": "#6fb1f2",
    "absolute difference": "#c8321f",
    "MOG2": "#b97700",
}
BINS = 400
SMALLEST_PX = 25
"""Smaller changes (of the half size) do not count as things."""
TOLD_SHARE = 0.2
"""A thing is told when so many of its pixels are."""
SHOWN_PX = (500, 8000)
"""How large the changes in the example pictures are."""
SPEED_MPS = 0.9

COMPARED = "compared"

Scores = dict[str, Any]
"""By method (H, W), and which pixels a reference view shows (`COMPARED`)."""


def snapshot_of(shot: Shot) -> Snapshot:
    return make_snapshot(
        shot.picture, shot.depth.depth_m, np.zeros(shot.picture.shape[:2], np.bool_), shot.view
    )


def half(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = picture.shape[0] // SHRINK, picture.shape[1] // SHRINK
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def truth_of(case: Case) -> tuple[Mask, Mask]:
    """Which pixels of half the size have changed, and which count."""
    share = cv2.resize(
        case.truth.astype(np.float32), None, fx=1 / SHRINK, fy=1 / SHRINK,
        interpolation=cv2.INTER_AREA,
    )  # fmt: skip
    changed = share > 0.5
    around = cv2.dilate(changed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return changed, changed | (~around & (share == 0.0))


def judge(case: Case, params: ChangeParams) -> tuple[Scores, dict[str, float]]:
    """Scores by method, and what Ronda tells: things, those told, false regions, seconds."""
    blind = replace(params, compare=replace(params.compare, before=0.0, behind=0.0))
    start_s = time.process_time()
    picture = snapshot_of(case.shot)
    references = [snapshot_of(shot) for shot in case.references]
    difference = compare(picture, references, params)
    assert difference is not None
    regions = find_regions(difference, picture, params.places)
    seconds = time.process_time() - start_s
    without = compare(picture, references, blind)
    assert without is not None
    small = half(case.shot.picture)
    pairs = zip(references, (half(shot.picture) for shot in case.references), strict=True)
    laid = laid_onto(picture, small, list(pairs))
    found = (difference.score, without.score, absolute_difference(small, laid), mog2(small, laid))
    changed, _ = truth_of(case)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(changed.astype(np.uint8))
    things = [labels == k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] >= SMALLEST_PX]
    told = difference.score >= params.places.score
    shown = [
        (slice(r.box.top // SHRINK, r.box.bottom // SHRINK),
         slice(r.box.left // SHRINK, r.box.right // SHRINK))
        for r in regions
    ]  # fmt: skip
    return dict(zip(METHODS, found, strict=True)) | {COMPARED: difference.compared}, {
        "things": len(things),
        "told": sum(float(told[thing].mean()) >= TOLD_SHARE for thing in things),
        "false": sum(not changed[part].any() for part in shown),
        "seconds": seconds,
        "pixels": int(changed.sum()),
    }


def measure(case: Case, params: ChangeParams) -> dict[str, Any]:
    """Of one picture: how many pixels of each score have changed and have not, by method."""
    scores, told = judge(case, params)
    changed, counts = truth_of(case)
    histograms = {
        name: [
            np.bincount(
                np.minimum(scores[name][which] * BINS, BINS - 1).astype(np.int64), minlength=BINS
            ).tolist()
            for which in (changed & counts, ~changed & counts)
        ]
        for name in METHODS
    }
    return told | {"histograms": histograms}


def curve(results: Sequence[Mapping[str, Any]], method: str) -> tuple[Plane, Plane, float]:
    """Recall, precision and the area below (average precision), scores from high to low."""
    total = np.sum([result["histograms"][method] for result in results], axis=0)[:, ::-1]
    hits, wrong = np.cumsum(total, axis=1)
    recall = hits / max(float(hits[-1]), 1.0)
    precision = hits / np.maximum(hits + wrong, 1)
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return recall.astype(np.float32), precision.astype(np.float32), area


def rows(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Row]:
    """The figures; the goal for Ronda is the better of the two others."""
    found = []
    for light, of_light in results.items():
        areas = {name: curve(of_light, name)[2] for name in METHODS}
        others = max(areas["absolute difference"], areas["MOG2"])
        for name, area in areas.items():
            goal = others if name == "Ronda" else None
            found.append(Row(f"{light}: area under precision and recall, {name}", area, "",
                             goal=goal))  # fmt: skip
        told, things = (sum(r[key] for r in of_light) for key in ("told", "things"))
        found += [
            Row(f"{light}: changed things told in one picture", told, f"of {things}"),
            Row(f"{light}: regions told where nothing has changed",
                sum(r["false"] for r in of_light) / len(of_light), "a picture", better="lower"),
        ]  # fmt: skip
    seconds = float(np.median([r["seconds"] for of_light in results.values() for r in of_light]))
    rate_hz = SPEED_MPS / ChangeParams().places.every_m
    return [
        *found,
        Row("processor time to compare a picture, median", 1e3 * seconds, "ms", better="lower"),
        Row(f"share of a core at {SPEED_MPS} m/s", seconds * rate_hz, "",
            goal=0.25, better="lower"),
    ]  # fmt: skip


def draw(
    examples: Mapping[str, tuple[Case, Scores]],
    results: Mapping[str, Sequence[Mapping[str, Any]]],
    path: Path,
) -> None:
    """An example for each light, and the curves."""
    figure, axes = plt.subplots(
        len(results), 5, figsize=(19, 3.1 * len(results)), layout="constrained", squeeze=False
    )
    for line, (light, of_light) in zip(axes, results.items(), strict=True):
        if light in examples:
            _draw_example(line, *examples[light])
        for axis in line[:4]:
            axis.set_axis_off()
        for name, colour in METHODS.items():
            recall, precision, area = curve(of_light, name)
            line[4].plot(recall, precision, color=colour, label=f"{name}: {area:.2f}")
        line[4].set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
        line[4].legend(fontsize=8, loc="lower left")
        line[4].set_title(f"{light}: {len(of_light)} pictures", fontsize=11)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_example(line: Sequence[Axes], case: Case, scores: Scores) -> None:
    truth = case.truth.astype(np.uint8)
    line[0].imshow(case.references[0].picture[..., ::-1])
    line[0].set_title("as it was learnt", fontsize=11)
    line[1].imshow(case.shot.picture[..., ::-1])
    line[1].contour(truth, levels=[0.5], colors=["#ffb428"], linewidths=1.5)
    line[1].set_title("now; outlined: what has changed", fontsize=11)
    grey = cv2.cvtColor(half(case.shot.picture), cv2.COLOR_BGR2GRAY)
    unseen = np.where(scores[COMPARED], np.nan, 1.0)
    for axis, name in ((line[2], "Ronda"), (line[3], "absolute difference")):
        axis.imshow(grey, cmap="gray", vmin=0, vmax=255, alpha=0.45)
        axis.imshow(scores[name], cmap="inferno", vmin=0.0, vmax=1.0, alpha=0.75)
        axis.contour(truth[1::SHRINK, 1::SHRINK], levels=[0.5], colors=["#7fd0ff"], linewidths=1.0)
        axis.set_title(f"score: {name}", fontsize=11)
    line[2].imshow(unseen, cmap="gray", vmin=0.0, vmax=2.2, alpha=0.5)
    line[2].set_title("score: Ronda (grey: nothing to compare)", fontsize=11)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--places", type=int, default=40, help="pictures in each light")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    bench = begin("change", __doc__, parser, "eight pictures in each light")
    options = bench.options
    places = 8 if options.quick else options.places
    cv2.setNumThreads(1)
    params, kept = ChangeParams(), bench.kept(options.site)
    try:
        stage = Stage(load_setting(options.site), options.seed)
    except RondaError as error:
        return bench.fail(error)
    results: dict[str, list[dict[str, Any]]] = {light: [] for light in JUDGED}
    for seed in range(options.seed, options.seed + places):
        for light in JUDGED:
            key = f"{light} {seed}"
            result = kept.get(key)
            if result is None:
                result = measure(stage.case(light, seed), params)
                kept.keep(key, result)
            results[light].append(result)
        bench.console.print(f"seed {seed}: {seed - options.seed + 1} of {places}")
    examples = {}
    for light, of_light in results.items():
        fit = [k for k, r in enumerate(of_light) if SHOWN_PX[0] < r["pixels"] < SHOWN_PX[1]]
        if fit:
            case = stage.case(light, options.seed + fit[0])
            examples[light] = (case, judge(case, params)[0])
    stage.close()
    draw(examples, results, bench.picture)
    return bench.answer(rows(results))


if __name__ == "__main__":
    sys.exit(main())
