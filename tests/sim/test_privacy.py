"""A rendered patrol among people: no head and nothing of a privacy zone is streamed or stored."""

from __future__ import annotations

import pytest
from _privacy_rendered import Run, patrol

from patrol_sim.errors import CameraUnavailableError
from ronda_cli.setting import load_setting

SEED, PICTURES = 1001, 120


def test_neither_heads_nor_zones_are_shown_with_the_detector_on_off_or_killed() -> None:
    run = Run()
    try:
        patrol(load_setting("yard"), SEED, PICTURES, run)
    except CameraUnavailableError as error:
        pytest.skip(str(error))
    for mode, tally in run.tallies.items():
        assert tally.pictures >= PICTURES
        assert tally.heads > 20 and tally.shown == 0, mode
        assert sum(tally.hidden) < 0.9 * tally.pictures, f"{mode}: something must be left to see"
    assert run.zone_pictures > 5 and run.zone_shown == 0
    assert run.stored > 10 and run.stored_private == 0
