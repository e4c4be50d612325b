"""What a patrol saw of its site, hour by hour: what the model is learnt from."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.types.perception import FindingKind

PATCH_M = 2.0
"""Ground is looked at, or not, in squares of this size."""
HOURS = 48
"""Of a working day, then of a day at the week's end."""
Patch = tuple[int, int]

EXPECTABLE = (
    FindingKind.OBJECT, FindingKind.OBSTRUCTION, FindingKind.MISSING, FindingKind.CHANGE
)  # fmt: skip
"""What may be known of a place. What people do, and what a check reads, is news every time."""


def hour_of(weekday: int, second: int) -> int:
    """The hour, 0 to 47, of a weekday (0 Monday) and a second of the day."""
    return second // 3600 + (24 if weekday >= 5 else 0)


def patch_of(x_m: float, y_m: float) -> Patch:
    """The square that a place in `map` lies in."""
    return int(x_m // PATCH_M), int(y_m // PATCH_M)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something that the map does not explain stood here, or what it shows was gone; in `map`."""

    kind: FindingKind
    x_m: float
    y_m: float
    length_m: float
    width_m: float

    def is_like(self, other: Sighting) -> bool:
        """Whether both could be the same thing, seen twice: place and size, and both there or
        both gone."""
        longest = max(self.length_m, other.length_m)
        near_m, like_m = 0.4 + 0.2 * longest, 0.3 + 0.3 * longest
        both_gone = (self.kind is FindingKind.MISSING) == (other.kind is FindingKind.MISSING)
        return (
            both_gone
            and abs(self.x_m - other.x_m) <= near_m
            and abs(self.y_m - other.y_m) <= near_m
            and abs(self.length_m - other.length_m) <= like_m
        )


@dataclass(frozen=True, slots=True)
class Observations:
    """One hour of a run: what was seen, and which ground was looked at. `name` is its own."""

    name: str
    hour: int
    sightings: tuple[Sighting, ...]
    watched: frozenset[Patch]
