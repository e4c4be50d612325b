"""What learning changed, as a picture: recall and precision by group, before and after."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from patrol_perception.learning.fit import THRESHOLDS
from patrol_perception.learning.lesson import Lesson
from patrol_perception.learning.scores import Compared, Score

BEFORE, AFTER, MUTED = "#b97700", "#0b6bcb", "#8593a3"


def draw_lesson(lesson: Lesson, name: str, target: Path) -> None:
    """Write the PNG: on the left the groups, on the right the thresholds."""
    rows, held = lesson.rows, len(lesson.split.held)
    judged = f"judged on {held} patrol{'' if held == 1 else 's'} held back"
    title = f"{name}: thresholds before and after learning, {judged}"
    height = 1.6 + 0.42 * max(len(rows), len(THRESHOLDS))
    figure = Figure(figsize=(13.0, height), layout="constrained")
    figure.suptitle(title)
    recall, precision, thresholds = figure.subplots(1, 3, width_ratios=(1.0, 1.0, 0.8))
    _draw_share(recall, rows, "recall", "recall: of what was to be told, told")
    _draw_share(precision, rows, "precision", "precision: of what was told, rightly told")
    precision.set_yticklabels([])
    _draw_thresholds(thresholds, lesson)
    dots = [
        Line2D([], [], ls="", marker="o", ms=10, mfc="white", mec=BEFORE, mew=2, label="before"),
        Line2D([], [], ls="", marker="o", ms=6, color=AFTER, label="after"),
    ]
    figure.legend(handles=dots, loc="outside lower left", ncols=2, frameon=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=120)


def _draw_share(axes: Axes, rows: Sequence[Compared], name: str, title: str) -> None:
    """Two dots a group, joined; the counts beside them."""
    for place, row in enumerate(rows):
        before, after = getattr(row.before, name), getattr(row.after, name)
        if not (math.isnan(before) or math.isnan(after)):
            axes.plot((before, after), (place, place), color=MUTED, lw=1.5, zorder=1)
        axes.plot(before, place, "o", ms=10, mfc="white", mec=BEFORE, mew=2, zorder=2)
        axes.plot(after, place, "o", ms=6, color=AFTER, zorder=3)
        counts = f"{_counts(row.before, name)} → {_counts(row.after, name)}"
        axes.text(1.06, place, counts, va="center", fontsize=8, color=MUTED)
    axes.set(xlim=(-0.04, 1.4), ylim=(len(rows) - 0.5, -0.5), title=title)
    axes.set_xticks((0.0, 0.25, 0.5, 0.75, 1.0))
    axes.set_yticks(range(len(rows)), [row.group for row in rows])
    axes.grid(axis="x", alpha=0.3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _counts(score: Score, name: str) -> str:
    whole = score.found + (score.missed if name == "recall" else score.false_alarms)
    return f"{score.found}/{whole}"


def _draw_thresholds(axes: Axes, lesson: Lesson) -> None:
    """A table: what was changed in bold."""
    axes.set_axis_off()
    axes.set_title("thresholds")
    for place, threshold in enumerate(THRESHOLDS):
        y = 1.0 - (place + 0.5) / len(THRESHOLDS)
        before = getattr(lesson.before, threshold.name)
        after = getattr(lesson.after, threshold.name)
        is_new = threshold.name in lesson.changes
        text = f"{before:g} → {after:g}" if is_new else f"{before:g}"
        style: dict[str, Any] = {"weight": "bold", "color": AFTER} if is_new else {"color": MUTED}
        axes.text(0.0, y, threshold.name, transform=axes.transAxes, va="center", **style)
        axes.text(1.0, y, text, transform=axes.transAxes, va="center", ha="right", **style)
