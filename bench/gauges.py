"""Analogue gauges, drawn from a seed as a camera sees them: are they read right, or refused?

Blur, glare, shadows, tilt, noise and distance are drawn for each; designs and seeds of the figure
are not those on which the reader was tuned. Beside it, in the same run: Hough's circles and lines
as they are, which know no doubt. Errors are shares of the full scale.
"""

from __future__ import annotations

import math
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser
from _dials import FIGURE_DESIGNS, TUNING_DESIGNS, Gauge, draw_gauge
from rich.progress import track

from patrol_core.site.checks import GaugeScale
from patrol_perception.inspection.gauge import read_gauge
from patrol_perception.inspection.params import GaugeParams
from patrol_perception.inspection.weighing import Reading
from patrol_perception.view import Image
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

COUNT, QUICK = 500, 100
RIGHT, WRONG = 0.01, 0.02
LARGE_PX = 60.0
SHOWN, COLUMNS = 40, 10
OURS, REFUSED, HOUGH, BAD = "#0b6bcb", "#8593a3", "#d9a441", "#c8321f"


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A gauge, what was read of it, by Hough too (NaN: nothing), and how long ours took."""

    gauge: Gauge
    reading: Reading
    plain: float
    seconds: float

    @property
    def error(self) -> float:
        """Of ours, as a share of the scale."""
        return abs(self.reading.value - self.gauge.value) / self.gauge.design.max_value

    @property
    def plain_error(self) -> float:
        return abs(self.plain - self.gauge.value) / self.gauge.design.max_value


def scale_of(gauge: Gauge) -> GaugeScale:
    """What a site would say about it."""
    design = gauge.design
    ends = math.radians(design.min_deg), math.radians(design.max_deg)
    return GaugeScale(design.label, 0.0, design.max_value, *ends)


def read_plainly(image: Image, about_px: tuple[float, float, float], scale: GaugeScale) -> float:
    """The baseline: the circle nearest to the expected one, in it the longest line that passes its
    middle, pointing to where it reaches farther. NaN where there is no line."""
    u, v, radius = about_px
    grey = cv2.medianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 3)
    circles = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT, 1.0, radius / 4.0, param1=100.0, param2=30.0,
        minRadius=round(0.7 * radius), maxRadius=round(1.3 * radius),
    )  # fmt: skip
    if circles is not None:
        found = circles.reshape(-1, 3)
        u, v, radius = found[np.argmin(np.hypot(found[:, 0] - u, found[:, 1] - v))].tolist()
    lines = cv2.HoughLinesP(
        cv2.Canny(grey, 50, 150), 1.0, math.pi / 360.0, 20, minLineLength=0.3 * radius,
        maxLineGap=0.08 * radius,
    )  # fmt: skip
    best, longest = math.nan, 0.0
    for x0, y0, x1, y1 in [] if lines is None else lines.reshape(-1, 4).tolist():
        ends = [(x0 - u, y0 - v), (x1 - u, y1 - v)]
        length = math.dist(*ends)
        off = abs(ends[0][0] * ends[1][1] - ends[0][1] * ends[1][0]) / length
        tip, foot = sorted(ends, key=lambda end: -math.hypot(*end))
        if off < 0.15 * radius and math.hypot(*tip) < radius and length > longest:
            longest = length
            best = math.atan2(tip[0] - foot[0], foot[1] - tip[1])
    middle = (scale.min_rad + scale.max_rad) / 2.0
    turned = math.remainder(best - middle, 2.0 * math.pi)
    share = 0.5 + turned / (scale.max_rad - scale.min_rad)
    return scale.min_value + share * (scale.max_value - scale.min_value)


def measure(gauge: Gauge, params: GaugeParams) -> Case:
    """Read one gauge both ways."""
    scale = scale_of(gauge)
    start_s = time.process_time()
    reading = read_gauge(gauge.picture, gauge.about, scale, params)
    seconds = time.process_time() - start_s
    points = gauge.about @ np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
    middle, right, up = (points[:2] / points[2]).T
    radius = math.sqrt(math.dist(right, middle) * math.dist(up, middle))
    plain = read_plainly(gauge.picture, (float(middle[0]), float(middle[1]), radius), scale)
    return Case(gauge, reading, plain, seconds)


def rows(cases: Sequence[Case]) -> list[Row]:
    """The figures."""
    sure = [case.error for case in cases if case.reading.sure]
    large = [case for case in cases if case.gauge.radius_px >= LARGE_PX]
    offered = [case.plain_error for case in cases if math.isfinite(case.plain)]
    refused = 1.0 - len(sure) / len(cases)
    refused_large = sum(not case.reading.sure for case in large) / max(len(large), 1)
    return [
        Row("gauges", len(cases), ""),
        Row("of the sure ones, within 1 % of the scale", 100.0 * _share(sure, RIGHT), "%",
            goal=95.0),
        Row("sure, but more than 2 % off", sum(error > WRONG for error in sure), "", goal=0.0,
            better="lower"),
        Row("worst of the sure ones", 100.0 * max(sure, default=math.nan), "%", better="lower"),
        Row("median of the sure ones", 100.0 * float(np.median(sure or [math.nan])), "%",
            better="lower"),
        Row("refused", 100.0 * refused, "%", better="lower"),
        Row("refused, of dials of 60 px radius and more", 100.0 * refused_large, "%", goal=10.0,
            better="lower"),
        Row("time of a reading", 1000.0 * float(np.median([case.seconds for case in cases])),
            "ms", better="lower"),
        Row("Hough's lines: within 1 %", 100.0 * _share(offered, RIGHT), "%"),
        Row("Hough's lines: more than 2 % off", sum(error > WRONG for error in offered), "",
            better="lower"),
        Row("Hough's lines: nothing found", 100.0 * (1.0 - len(offered) / len(cases)), "%",
            better="lower"),
    ]  # fmt: skip


def _share(errors: Sequence[float], limit: float) -> float:
    return sum(error <= limit for error in errors) / len(errors) if errors else math.nan


def draw(cases: Sequence[Case]) -> Figure:
    """A sheet of dials with what was read, and all errors over the size of the dial."""
    refused = [case for case in cases if not case.reading.sure]
    wrong = [case for case in cases if case.reading.sure and case.error > WRONG]
    others = [case for case in cases if case.reading.sure and case.error <= WRONG]
    shown = [*wrong[:10], *refused[:COLUMNS]]
    shown = [*others[: SHOWN - len(shown)], *shown]
    lines = math.ceil(len(shown) / COLUMNS)
    figure = plt.figure(figsize=(20, 2.55 * lines + 4.4), layout="constrained")
    sheet, below = figure.subfigures(2, 1, height_ratios=(2.55 * lines, 4.4))
    for one in sheet.subplots(lines, COLUMNS, squeeze=False).flat:
        one.set_axis_off()
    for one, case in zip(sheet.axes, shown, strict=False):
        one.imshow(_marked(case)[..., ::-1])
        one.set_title(*_caption(case))
    axes = below.subplots()
    for chosen, colour, label, size in (
        ([(c, c.plain_error) for c in cases], HOUGH, "Hough's lines", 10),
        ([(c, c.error) for c in refused], REFUSED, "refused (what would have been read)", 16),
        ([(c, c.error) for c in (*others, *wrong)], OURS, "sure", 16),
    ):
        x = [case.gauge.radius_px for case, _ in chosen]
        y = [100.0 * max(error, 1e-4) for _, error in chosen]
        axes.scatter(x, y, s=size, c=colour, label=label, alpha=0.8, lw=0)
    for limit, style in ((RIGHT, ":"), (WRONG, "--")):
        axes.axhline(100.0 * limit, color=BAD, lw=1.0, ls=style)
    axes.set(
        xscale="log", yscale="log", xlabel="radius of the dial [px]", ylabel="error [% of scale]"
    )
    ticks = [30, 40, 60, 80, 100, 140]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.legend(loc="upper right", frameon=False, ncols=3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _caption(case: Case) -> tuple[str, dict[str, object]]:
    unit = case.gauge.design.label
    if not case.reading.sure:
        return (
            "\n".join(textwrap.wrap(f"refused: {case.reading.fault}", 27)),
            {"fontsize": 8, "color": REFUSED},
        )
    colour = BAD if case.error > WRONG else "black"
    text = f"read {case.reading.value:.4g} {unit}\nshows {case.gauge.value:.4g}"
    return text, {"fontsize": 9, "color": colour}


def _marked(case: Case) -> Image:
    """The gauge, enlarged, with rim and needle as they were taken."""
    size, whole = 360, case.gauge.picture.shape[0]
    half = min(round(1.5 * case.gauge.radius_px), whole // 2)
    first = whole // 2 - half
    part = case.gauge.picture[first : first + 2 * half, first : first + 2 * half]
    scale = size / (2 * half)
    image = np.asarray(cv2.resize(part, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)
    if case.reading.sure:
        for mark in case.reading.marks:
            points = np.rint((mark - first) * scale * 16.0).astype(np.int32)
            cv2.polylines(image, [points], False, (240, 160, 20), 2, cv2.LINE_AA, 4)
    else:
        image = np.asarray(image // 2 + 110, np.uint8)
    return image


def main() -> int:
    parser = options_parser()
    parser.add_argument(
        "-n", "--gauges", type=int, default=None, metavar="N", help=f"default: {COUNT}"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S",
        help="of the first gauge; from 1000 on the designs of the tuning (default: 0)",
    )  # fmt: skip
    bench = begin("gauges", __doc__, parser, quick=f"{QUICK} gauges")
    options = bench.options
    count = (QUICK if options.quick else COUNT) if options.gauges is None else options.gauges
    if count < 1 or options.seed < 0:
        return bench.fail("at least one gauge, and a seed of 0 or more, are needed")
    cv2.setNumThreads(1)
    params = GaugeParams()
    designs = TUNING_DESIGNS if options.seed >= 1000 else FIGURE_DESIGNS
    cases = [
        measure(draw_gauge(designs, np.random.default_rng(options.seed + index)), params)
        for index in track(range(count), "gauges", console=bench.console, transient=True)
    ]
    draw(cases).savefig(bench.picture, dpi=80)
    return bench.answer(rows(cases))


if __name__ == "__main__":
    sys.exit(main())
