"""What Ronda says of what it finds is an observation: no text names a culprit or a crime."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ronda_cli.environment.paths import ROOT

TELLERS = (
    "patrol_core", "patrol_perception", "patrol_mission", "patrol_records", "ronda_cli",
    "patrol_gate", "patrol_nav",
)  # fmt: skip
SOURCES = sorted(path for name in TELLERS for path in (ROOT / "src" / name).rglob("*.py"))
TEMPLATES = sorted((ROOT / "src" / "patrol_mission").rglob("*.j2"))
RULES = sorted((ROOT / "sites").glob("*/*.yaml"))

ACCUSING = re.compile(
    r"\b(accused?|assault\w*|attacker\w*|burgl\w*|crime\w*|criminal\w*|culprit\w*|delinquen\w*|"
    r"guilt\w*|illegal\w*|intrud\w*|lawbreak\w*|loot\w*|offen[cds]\w*|perpetrat\w*|prowl\w*|"
    r"robber\w*|stole\w*|steal\w*|suspect\w*|suspici\w*|theft\w*|thie[fv]\w*|trespass\w*|"
    r"unlawful\w*|vandal\w*|villain\w*|wrongdo\w*)\b",
    re.IGNORECASE,
)


def spoken(source: str) -> Iterator[tuple[int, str]]:
    """Every string of a module that is not a docstring, with its line; parts of f-strings, too."""
    tree = ast.parse(source)
    silent = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in silent:
            yield node.lineno, str(node.value)


def accusations(source: str) -> list[str]:
    return [
        f"line {line}: {found.group()} in {text!r}"
        for line, text in spoken(source)
        for found in ACCUSING.finditer(text)
    ]


def test_an_accusation_is_seen() -> None:
    told = 'def f(x):\n    """An intruder."""\n    return f"{x} looks like a thief", "stolen"'
    words = {line.split(" in ")[0] for line in accusations(told)}
    assert words == {"line 3: thief", "line 3: stolen"}


def test_no_text_of_the_code_accuses() -> None:
    found = {path.name: accusations(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert len(found) > 100 and {name: told for name, told in found.items() if told} == {}


def test_no_text_of_a_page_or_a_site_accuses() -> None:
    pages = [*TEMPLATES, *RULES]
    found = {path.name: ACCUSING.findall(path.read_text(encoding="utf-8")) for path in pages}
    assert found and {name: told for name, told in found.items() if told} == {}
