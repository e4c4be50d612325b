"""Whatever stands in the files of what was learned: it is taken, or refused in words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_core.learned import learned_values, version_in_force
from patrol_perception.learning.places_file import read_places
from patrol_perception.params import PerceptionParams
from ronda_cli.learning.versions import read_card

_SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=8)
_KEYS = st.sampled_from(
    ["/**", "ros__parameters", "evidence", "min_scans", "places", "source", "verdict", "version"]
)
_DOCUMENTS = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)
_TEXTS = st.text(max_size=40) | _DOCUMENTS.map(yaml.safe_dump)


def values(site: Path) -> object:
    return learned_values(site, "perception", PerceptionParams)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("0001/perception.yaml", values),
        ("0001/places.yaml", read_places),
        ("0001/card.yaml", lambda site: read_card(site, 1)),
        ("in_force.yaml", version_in_force),
    ],
)
@given(text=_TEXTS)
@settings(max_examples=60, deadline=None)
def test_it_is_taken_or_refused_with_its_file(
    name: str, read: Callable[[Path], object], text: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        learned = Path(folder) / "learned"
        (learned / "0001").mkdir(parents=True)
        (learned / "in_force.yaml").write_text("- {version: 1}\n")
        (learned / name).write_text(text, encoding="utf-8", newline="")
        problem = ""
        try:
            read(Path(folder))
        except ConfigError as error:
            problem = str(error)
        assert not problem or Path(name).name in problem
