"""Every number of the camera's search for changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class AlignParams:
    """How far poses may be off."""

    position_std_m: float = param(0.05, "Of one view to another, each way [m]", 0.005, 0.5)
    turn_std_rad: float = param(0.012, "The same, about each axis [rad]", 0.001, 0.1)


@dataclass(frozen=True, slots=True)
class CompareParams:
    """What makes a difference. Weights: of a logistic model, chosen on seeds from 1000."""

    reach_m: float = param(8.0, "Farther off nothing is compared [m]", 1.0, 20.0)
    depth_m: float = param(0.08, "A depth this much nearer or farther is another [m]", 0.01, 1.0)
    depth_per_m2: float = param(0.01, "The same, with the square of the distance [1/m]", 0.0, 0.1)
    daylight_rad: float = param(
        2.1, "Direction of daylight in log red, log blue, by green [rad]", 0.0, 3.2
    )
    bias: float = param(-5.0, "Of the logistic model", -20.0, 0.0)
    across: float = param(1.0, "Weight of colour across the line of daylight", 0.0, 20.0)
    along: float = param(0.3, "Weight of colour along it", 0.0, 20.0)
    luminance: float = param(0.1, "Weight of luminance", 0.0, 20.0)
    pattern: float = param(0.5, "Weight of luminance by its surroundings", 0.0, 20.0)
    before: float = param(2.0, "Weight of depth: something new stands there", 0.0, 20.0)
    behind: float = param(2.0, "Weight of depth: something has gone", 0.0, 20.0)

    def weights(self) -> tuple[float, ...]:
        """Of the features, in the order of `comparison.differences`."""
        return (
            self.across, self.along, self.luminance, self.pattern, self.before, self.behind
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewsParams:
    """Reference views: how many are kept, and which are compared with."""

    cell_m: float = param(
        0.75, "One view of each light is kept for so much of the way [m]", 0.2, 5
    )
    headings: int = param(12, "The same, by so many directions", 4, 36)
    lights: int = param(6, "Parts of the day that count as different light", 1, 24)
    near_m: float = param(0.8, "Views from no farther off are compared with [m]", 0.1, 3.0)
    turn_rad: float = param(0.3, "The same, for the direction [rad]", 0.05, 1.0)
    most: int = param(3, "So many views at most, each of another light", 1, 6)


@dataclass(frozen=True, slots=True)
class PlaceParams:
    """When differences make a change that is worth telling."""

    every_m: float = param(0.35, "A picture is compared every so much of the way [m]", 0.1, 5.0)
    score: float = param(0.5, "Score of a pixel that makes a region", 0.1, 0.99)
    edge_score: float = param(0.3, "Score of pixels that still belong to it", 0.05, 0.99)
    min_px: int = param(25, "Smaller regions do not count [px of the half size]", 1, 10000)
    min_extent_m: float = param(0.12, "The same, for the root of the area [m]", 0.01, 1.0)
    merge_m: float = param(0.5, "Regions so near to each other are one place [m]", 0.05, 2.0)
    hits: int = param(3, "Pictures that must show it", 1, 20)
    way_m: float = param(0.6, "Taken over so much of the way [m]", 0.0, 5.0)
    share: float = param(0.6, "Of those that look there, so many must show it", 0.0, 1.0)
    near_m: float = param(5.0, "The robot must have been so near [m]", 1.0, 10.0)


@dataclass(frozen=True, slots=True)
class ChangeParams:
    """Changes seen by the camera; off where the site has no reference views."""

    folder: str = param("views", "Reference views; a relative path starts in the site's folder")
    learn: bool = param(False, "Learn reference views, look for no changes (--learn-views)")
    align: AlignParams = field(default_factory=AlignParams)
    compare: CompareParams = field(default_factory=CompareParams)
    views: ViewsParams = field(default_factory=ViewsParams)
    places: PlaceParams = field(default_factory=PlaceParams)
