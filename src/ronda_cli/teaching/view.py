"""The view of a lesson: where the track goes, what is marked, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ronda_cli.live.map_sketch import MapSketch
from ronda_cli.teaching.lesson import Act, Lesson
from ronda_cli.teleop.operator import Operator
from ronda_cli.teleop.view import status_line

HELP = (
    ("w s a d, arrows", "hold to drive; space: emergency stop, r: reset"),
    ("c", "a checkpoint here, looking as the robot does"),
    ("i", "the same, with something to be read there"),
    ("k", "drive round a keep-out: at the begin, and at the end"),
    ("b", "the route begins here, not before"),
    ("u", "take the last mark back"),
    ("f", "finish: write the route into the site"),
    ("q", "leave; the same command goes on from here"),
)
_FACT_COLUMNS = 52
_NEWS = 4


def panel(
    title: str,
    lesson: Lesson,
    operator: Operator,
    sketch: MapSketch,
    news: list[str],
    now_s: float,
) -> RenderableType:
    """The whole view."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bright_black")
    facts.add_column(width=_FACT_COLUMNS)
    facts.add_row("driving", status_line(operator, now_s, 4 * _FACT_COLUMNS))
    problem = lesson.problem(now_s)
    taking = Text(problem, "bold red") if problem else Text("taken down as you drive", "green")
    facts.add_row("the way", taking)
    facts.add_row("route", f"{lesson.length_m:.0f} m")
    facts.add_row("marked", marked(lesson))
    facts.add_row()
    for keys, meaning in HELP:
        facts.add_row(keys, meaning)
    drawing = sketch.draw(lesson.pose, (), _drawn(lesson))
    latest = Text("\n".join(news[-_NEWS:]), no_wrap=True, overflow="ellipsis")
    body = Columns([facts, drawing], padding=(0, 3))
    return Panel(Group(body, Text(), latest), title=title, title_align="left")


def marked(lesson: Lesson) -> str:
    """What there is so far, in words."""
    counts = {act: sum(mark.act is act for mark in lesson.marks) for act in Act}
    parts = [
        (counts[Act.CHECKPOINT] + counts[Act.CHECK], "checkpoint"),
        (counts[Act.CHECK], "check"),
        (counts[Act.AROUND] // 2, "keep-out"),
    ]
    words = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts if count]
    if lesson.goes_round:
        words.append("driving round a keep-out")
    return ", ".join(words) or "nothing yet"


def _drawn(lesson: Lesson) -> Iterator[tuple[float, float, str]]:
    for x_m, y_m in lesson.track:
        yield x_m, y_m, "·"
    for way in lesson.keep_outs:
        for x_m, y_m in way:
            yield x_m, y_m, "#"
    for number, mark in enumerate(lesson.checkpoints, start=1):
        yield mark.pose.x_m, mark.pose.y_m, str(number) if number < 10 else "+"
