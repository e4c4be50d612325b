"""What a standing thing's numbers say: a thing, or somebody who stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrol_core.types.learning import SpotNumbers
from patrol_perception.judgement import is_worth_telling
from patrol_perception.params import EvidenceParams

LIMITS = EvidenceParams()
BIN = SpotNumbers(
    scans=350, whole=340, legs=0, solid=0, standing_s=36.0, near_m=3.0, clearance_m=1.8,
    turn_rad=2.5, length_m=0.30, width_m=0.22,
)  # fmt: skip
"""As narrow as two legs, and never wide enough to be told from them in one view."""
BOX = replace(BIN, solid=120)


@pytest.mark.parametrize("legs", [0, 2, 7])
def test_lost_beams_make_no_person_of_what_was_seen_round(legs: int) -> None:
    assert is_worth_telling(replace(BIN, legs=legs), LIMITS)
    assert is_worth_telling(replace(BOX, legs=legs), LIMITS)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.33, 0.8])
def test_what_looks_like_two_legs_now_and_then_is_somebody(share: float) -> None:
    legs = round(share * BIN.scans)
    assert not is_worth_telling(replace(BIN, legs=legs), LIMITS)
    assert not is_worth_telling(replace(BOX, legs=legs), LIMITS)


def test_what_was_seen_from_one_side_may_be_one_leg_before_the_other() -> None:
    assert not is_worth_telling(replace(BIN, turn_rad=1.5), LIMITS)
    assert is_worth_telling(replace(BIN, turn_rad=0.2, solid=150), LIMITS)


def test_a_wider_thing_needs_to_be_seen_less_far_round() -> None:
    wide = replace(BIN, length_m=0.5, width_m=0.3, turn_rad=1.1, legs=5)
    assert is_worth_telling(wide, LIMITS)
    assert not is_worth_telling(replace(wide, turn_rad=0.9), LIMITS)
    assert is_worth_telling(replace(wide, turn_rad=0.0, solid=5), LIMITS)


def test_of_a_few_scans_one_like_two_legs_is_not_few() -> None:
    young = replace(BIN, scans=20, whole=20, standing_s=2.0)
    assert is_worth_telling(young, LIMITS)
    assert not is_worth_telling(replace(young, legs=1), LIMITS)
