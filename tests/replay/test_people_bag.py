"""A recording of somebody who walks away and comes back, which served for choosing nothing."""

from __future__ import annotations

import pytest
from _bags import read_recordings
from _people_data import FOLDER, TRAINED_LEGS, TUNED
from people import results_of

BAG = FOLDER / "positive_2_extracted.bag.zip"


@pytest.mark.skipif(not BAG.is_file(), reason="the recordings are not on this machine")
def test_people_are_followed_better_than_by_single_legs() -> None:
    assert BAG.name not in TRAINED_LEGS and BAG.name.removesuffix(".bag.zip") not in TUNED
    (recording,) = read_recordings(BAG)
    (result,) = results_of(recording)
    ours, plain = result.score(result.ours), result.score(result.plain)
    assert ours is not None and plain is not None
    assert ours.objects == plain.objects == 83
    assert ours.mota > 0.55 and ours.mota > plain.mota
    assert ours.switches <= 1 and ours.false_positives <= 2
    assert ours.motp_m < 0.1
