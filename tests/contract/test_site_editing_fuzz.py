"""Whatever documents are sent, the site stays right, and no answer is a fault of the console."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.editing_desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=8),
    st.sampled_from(["keep_out", "gate", "perimeter", "Polygon", "\ud800", "a\x07", "mon-fri"]),
)  # fmt: skip
PATCHES = st.tuples(
    st.sampled_from(["zones", "checkpoints", "routes", "schedules"]),
    st.lists(st.one_of(st.integers(0, 4), st.sampled_from(
        ["properties", "geometry", "coordinates", "id", "kind", "hours", "checkpoints", "new"]
    )), max_size=4),
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2), max_leaves=4),
)  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PATCHES)
def test_no_documents_do_harm(desk: Desk, patch: tuple[str, list[Any], Any]) -> None:
    shown = desk.load()
    name, way, value = patch
    documents = copy.deepcopy(shown["documents"])
    here: Any = documents[name]
    for step, then in zip([0, *way], [*way, None], strict=True):
        fits = isinstance(here, (dict, list)) and isinstance(step, str) == isinstance(here, dict)
        if not fits or (isinstance(here, list) and step >= len(here)):
            break
        if then is None or (isinstance(here, dict) and step not in here):
            here[step] = value
            break
        here = here[step]
    answer = desk.save(documents, shown["version"], although=True)
    assert answer.status in (200, 400, 422)
    after = desk.load()
    assert after["problems"] == []
    if answer.status != 200:
        assert after["documents"] == shown["documents"]
