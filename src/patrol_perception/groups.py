"""Pieces that stand as the wheels of a vehicle or the legs of a bench do: one thing, not several.

A planar lidar passes under what has ground clearance and sees only what it stands on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from patrol_perception.outline import Outline

_PIECE_LENGTH_M = (0.35, 1.15)
_SLENDER = 1.6
_ALIKE = 1.7
_PARALLEL_RAD = 0.3
_BEHIND_M = (1.7, 4.8)
_BEHIND_OFF_M = 0.35
_BESIDE_M = (1.0, 2.4)
_BESIDE_OFF_M = 0.45


def groups_of(outlines: Sequence[Outline]) -> list[list[int]]:
    """Indices of outlines that belong to one thing; only groups of two or more, ascending."""
    group = list(range(len(outlines)))
    for i, j in combinations(range(len(outlines)), 2):
        if stand_together(outlines[i], outlines[j]):
            old, new = max(group[i], group[j]), min(group[i], group[j])
            group = [new if g == old else g for g in group]
    found = [[i for i, g in enumerate(group) if g == label] for label in sorted(set(group))]
    return [members for members in found if len(members) > 1]


def stand_together(first: Outline, second: Outline) -> bool:
    """Whether two pieces stand as two wheels do: one behind the other or side by side."""
    if not (_is_piece(first) and _is_piece(second)):
        return False
    longer, shorter = sorted((first.length_m, second.length_m), reverse=True)
    off = math.remainder(first.yaw_rad - second.yaw_rad, math.pi)
    if longer > _ALIKE * shorter or abs(off) > _PARALLEL_RAD:
        return False
    yaw = first.yaw_rad - off / 2.0
    dx, dy = second.x_m - first.x_m, second.y_m - first.y_m
    along = abs(dx * math.cos(yaw) + dy * math.sin(yaw))
    across = abs(dy * math.cos(yaw) - dx * math.sin(yaw))
    behind = _BEHIND_M[0] <= along <= _BEHIND_M[1] and across <= _BEHIND_OFF_M
    beside = _BESIDE_M[0] <= across <= _BESIDE_M[1] and along <= _BESIDE_OFF_M
    return behind or beside


def _is_piece(outline: Outline) -> bool:
    low, high = _PIECE_LENGTH_M
    return low <= outline.length_m <= high and outline.length_m >= _SLENDER * outline.width_m
