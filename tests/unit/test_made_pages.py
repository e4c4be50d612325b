"""The pages that are made from code."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from patrol_core.params import param_specs
from patrol_nav.params import NavParams
from ronda_cli import gazebo_bridge_page, mission_page, parameter_page
from ronda_cli.parameter_page import page

MADE = (gazebo_bridge_page, mission_page, parameter_page)


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.PAGE.name)
def test_a_page_is_up_to_date(made: ModuleType) -> None:
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "remedy: ./ronda check --fix"


def test_every_parameter_is_there_once() -> None:
    nav = page().split("\n## nav\n")[1].split("\n## ")[0]
    names = re.findall(r"^\| `([\w.]+)` \|", nav, re.MULTILINE)
    assert sorted(names) == sorted(spec.name for spec in param_specs(NavParams))


def test_every_group_says_what_it_is_for() -> None:
    """A dataclass without words of its own is explained by its signature."""
    assert re.findall(r"^\w+\(\w+: .*", page(), re.MULTILINE) == []
