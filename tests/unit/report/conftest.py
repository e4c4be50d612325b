"""One small night for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.report_records import SITE, Texts, write_records

from patrol_core.site.map_file import load_map
from patrol_core.types.maps import OccupancyGrid
from patrol_mission.report.summary import PatrolSummary, summarize
from patrol_records.reader import RecordReader

HOSTILE = """</script><script>alert(1)</script><img src=x onerror=alert(2)>"'&{{7*7}}{% x %}<!--"""


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the yard."""
    folder = tmp_path_factory.mktemp("runs") / "yard-20261024-205900"
    write_records(folder)
    return folder


@pytest.fixture(scope="session")
def hostile_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with text in every field that a page must not take for its own."""
    folder = tmp_path_factory.mktemp("runs") / "yard-20261024-205901"
    write_records(folder, Texts(HOSTILE, f"={HOSTILE}"))
    return folder


@pytest.fixture(scope="session")
def grid() -> OccupancyGrid:
    return load_map(SITE.map_file)


def summaries(folder: Path) -> tuple[PatrolSummary, PatrolSummary]:
    """Both patrols of a night."""
    reader = RecordReader(folder)
    names = [i for i in reader.patrol_ids() if i != "second"]
    first, second = (summarize(reader, SITE, one) for one in (*names, "second"))
    reader.close()
    return first, second


@pytest.fixture(scope="session")
def patrols(night: Path) -> tuple[PatrolSummary, PatrolSummary]:
    return summaries(night)


@pytest.fixture(scope="session")
def hostile_patrols(hostile_night: Path) -> tuple[PatrolSummary, PatrolSummary]:
    return summaries(hostile_night)
