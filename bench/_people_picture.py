"""The picture of `./ronda bench people`: where people went, by labels and by tracks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

if TYPE_CHECKING:
    from people import Result

_COLUMNS = 4
_SCANS_DRAWN = 40
_MARGIN_M = 1.0
_LABEL = "#111111"
_COLOURS = plt.get_cmap("tab10")


def draw(results: Sequence[Result], path: Path) -> None:
    """One panel a recording, and the errors of both trackers in the last one."""
    rows = -(-(len(results) + 1) // _COLUMNS)
    figure, axes = plt.subplots(
        rows, _COLUMNS, figsize=(5.0 * _COLUMNS, 4.4 * rows), layout="constrained", squeeze=False
    )
    panels = list(axes.flat)
    for panel in panels:
        panel.set_axis_off()
    for panel, result in zip(panels, results, strict=False):
        panel.set_axis_on()
        _draw_way(panel, result)
    _draw_errors(panels[len(results)], results)
    figure.suptitle(
        "People in lidar: returns grey, labels black, each track in a colour of its own"
        "  (* served for choosing parameters)", fontsize=13,
    )  # fmt: skip
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_way(axis: Axes, result: Result) -> None:
    recording = result.recording
    step = max(1, len(result.scans) // _SCANS_DRAWN)
    for number in result.scans[::step]:
        scan, pose = recording.scans[number], recording.poses[number]
        points = pose.transform_points(scan.points_m())
        axis.plot(points[:, 0], points[:, 1], ",", color="#b5b5b5", zorder=1)
    ways: dict[str, list[tuple[float, float]]] = {}
    labels: list[tuple[float, float]] = []
    for number in result.scans:
        pose = recording.poses[number]
        for who in result.ours[number]:
            ((x, y),) = pose.transform_points([(who.x_m, who.y_m)]).tolist()
            ways.setdefault(who.name, []).append((x, y))
        for who in recording.people[number] if recording.people else ():
            ((x, y),) = pose.transform_points([(who.x_m, who.y_m)]).tolist()
            labels.append((x, y))
    for count, way in enumerate(ways.values()):
        axis.plot(*np.array(way).T, "-", color=_COLOURS(count % 10), lw=1.6, zorder=3)
    if labels:
        axis.plot(*np.array(labels).T, "o", color=_LABEL, ms=2.6, zorder=2)
    poses = [recording.poses[number] for number in result.scans]
    axis.plot([p.x_m for p in poses], [p.y_m for p in poses], "k:", lw=0.8, zorder=2)
    shown = np.array([place for way in ways.values() for place in way] + labels
                     + [(p.x_m, p.y_m) for p in poses])  # fmt: skip
    (left, low), (right, high) = shown.min(axis=0) - _MARGIN_M, shown.max(axis=0) + _MARGIN_M
    axis.set(xlim=(left, right), ylim=(low, high), aspect="equal")
    axis.set_title(f"{result.name}{' *' if result.tuned else ''}\n{_verdict(result)}", fontsize=10)
    axis.set(xlabel="x [m]", ylabel="y [m]")


def _verdict(result: Result) -> str:
    mot = result.score(result.ours)
    if mot is None:
        people, mean = result.people_told(result.ours)
        return f"no labels: {people} people told, {mean:.2f} in a scan"
    return (
        f"{mot.objects} labels: {mot.switches} switches, {mot.misses} misses,\n"
        f"{mot.false_positives} false positives, MOTA {mot.mota:.2f}"
    )


def _draw_errors(axis: Axes, results: Sequence[Result]) -> None:
    """MOTA of both trackers, side by side."""
    scored = [
        (result.name, ours.mota, plain.mota)
        for result in results
        if (ours := result.score(result.ours)) and (plain := result.score(result.plain))
    ]
    if not scored:
        return
    axis.set_axis_on()
    place = np.arange(len(scored))
    axis.barh(place + 0.2, [mota for _, mota, _ in scored], 0.38, color="#0b6bcb", label="Ronda")
    axis.barh(
        place - 0.2,
        [mota for *_, mota in scored],
        0.38,
        color="#c8321f",
        label="single legs, plain rule",
    )
    axis.axvline(0.0, color="k", lw=0.8)
    axis.set_yticks(place, [name.replace("_extracted", "") for name, *_ in scored], fontsize=8)
    axis.set(xlim=(-1.0, 1.0), xlabel="MOTA (-1: that or worse)")
    axis.invert_yaxis()
    axis.legend(fontsize=8, loc="lower left")
