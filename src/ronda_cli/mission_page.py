"""docs/MISSION_TREE.md: the mission tree, drawn from the code that runs it."""

from __future__ import annotations

import inspect
from pathlib import Path

from py_trees.behaviour import Behaviour
from py_trees.composites import Selector, Sequence
from py_trees.decorators import Decorator

from patrol_core.geometry import Pose2
from patrol_core.site.model import Dock, Retention, Site
from patrol_mission.board import Board
from patrol_mission.params import ExecutiveParams
from patrol_mission.tree import make_tree
from ronda_cli.environment.paths import ROOT

PAGE = ROOT / "docs" / "MISSION_TREE.md"

_HEAD = """# The mission tree

Made by `./ronda check --fix` from `src/patrol_mission/tree.py`; not to be edited. It is asked
ten times a second, from the top: what stands higher matters more and interrupts what is below.
`?` goes on to the next until one does not fail, `>` until one does, `*` marks those that remember
where they were.

```mermaid
flowchart LR
"""
_SIGNS: dict[type[Behaviour], str] = {Selector: "?", Sequence: ">"}


def page() -> str:
    """The whole page."""
    lines: list[str] = []
    leaves: list[tuple[str, str]] = []
    _draw(_tree(), "n", lines, leaves)
    rows = "".join(f"| {name} | {meaning} |\n" for name, meaning in leaves)
    drawn = "".join(f"  {line}\n" for line in lines)
    return f"{_HEAD}{drawn}```\n\n| leaf | what it does |\n|---|---|\n{rows}"


def _tree() -> Behaviour:
    dock = Dock("dock", Pose2(0.0, 0.0, 0.0), (), 1.0)
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    site = Site(
        "", Path(), 0.0, 0.0, "UTC", corners, (), (), (dock,), (), (), Retention(1, 1, 1), Path()
    )
    return make_tree(Board(site, ExecutiveParams(), "", lambda _: (0, 0)))


def _draw(node: Behaviour, key: str, lines: list[str], leaves: list[tuple[str, str]]) -> None:
    sign = _SIGNS.get(type(node), "")
    if isinstance(node, Decorator):
        lines.append(f'{key}(["{node.name}: {type(node).__name__}"])')
    elif sign:
        star = "*" if getattr(node, "memory", False) else ""
        lines.append(f'{key}{{{{"{sign}{star} {node.name}"}}}}')
    else:
        lines.append(f'{key}["{node.name}"]')
        meaning = " ".join((inspect.getdoc(type(node)) or "").split("\n\n")[0].split())
        leaves.append((node.name, meaning))
    for number, child in enumerate(node.children):
        _draw(child, f"{key}{number}", lines, leaves)
        lines.append(f"{key} --> {key}{number}")
