"""Which small mistakes are put into source, and that each is put in alone."""

from __future__ import annotations

import ast

from _mutation import mutants

SOURCE = '''
"""Words are left alone: 1 < 2."""

LIMIT: "float" = 0.5

def shorter(a: float, b: float = 2.0) -> float:
    """So are these."""
    if not a <= b:
        raise ValueError(f"{a + b}")
    self.kept = min(a, b)
    self.note(a)
    return -a * LIMIT
'''

EXPECTED = {
    "0.5 -> 0.65",
    "2.0 -> 2.6",
    "not a <= b -> not not a <= b",
    "a <= b -> a < b",
    "a <= b -> a > b",
    "min -> max",
    "self.kept = min(a, b) -> dropped",
    "self.note(a) -> dropped",
    "return -a * LIMIT -> return None",
    "-a * LIMIT -> -a / LIMIT",
    "-a -> --a",
}


def test_each_mistake_is_made_once_and_alone() -> None:
    found = mutants(SOURCE)
    told = {mutant.what for mutant in found}
    assert {what for what in told if not what.startswith("raise")} == EXPECTED
    assert len(found) == len(EXPECTED) + 1
    right = ast.unparse(ast.parse(SOURCE))
    sources = [mutant.source for mutant in found]
    assert len(set(sources)) == len(found)
    assert right not in sources
    for source in sources:
        changed = sum(a != b for a, b in zip(right.splitlines(), source.splitlines(), strict=True))
        assert changed == 1


def test_it_says_where() -> None:
    found = {mutant.what: mutant for mutant in mutants(SOURCE)}
    assert (found["a <= b -> a < b"].line, found["a <= b -> a < b"].place) == (8, "shorter")
    assert (found["0.5 -> 0.65"].line, found["0.5 -> 0.65"].place) == (4, "")
