"""The page of all parameters."""

from __future__ import annotations

import re

from patrol_core.params import param_specs
from patrol_nav.params import NavParams
from ronda_cli.parameter_page import PAGE, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "remedy: ./ronda check --fix"


def test_every_parameter_is_there_once() -> None:
    nav = page().split("\n## nav\n")[1].split("\n## ")[0]
    names = re.findall(r"^\| `([\w.]+)` \|", nav, re.MULTILINE)
    assert sorted(names) == sorted(spec.name for spec in param_specs(NavParams))
