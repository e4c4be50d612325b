"""Every number that perception may be tuned by."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_perception.behaviour.params import BehaviourParams
from patrol_perception.change.params import ChangeParams
from patrol_perception.inspection.params import InspectionParams
from patrol_perception.naming.params import NamingParams
from patrol_perception.privacy.params import PrivacyParams
from patrol_perception.watching.params import GuardParams


@dataclass(frozen=True, slots=True)
class BackgroundParams:
    """What the map explains."""

    max_range_m: float = param(15.0, "Returns beyond this are not judged [m]", 3.0, 30.0)
    tolerance_m: float = param(0.13, "A return this near to the map is explained [m]", 0.02, 0.5)
    tolerance_per_m: float = param(0.006, "Growth of the tolerance with range [m/m]", 0.0, 0.05)
    outline_margin_m: float = param(
        0.1, "Returns further outside the outline count not [m]", 0.0, 2.0
    )
    position_std_m: float = param(0.10, "Prior of the pose that a scan may correct [m]", 0.01, 0.5)
    yaw_std_rad: float = param(
        0.015, "Prior of the heading that a scan may correct [rad]", 0.001, 0.1
    )
    min_explained: float = param(0.5, "Share of returns that the map must explain", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class BlockParams:
    """When a mapped thing counts as gone."""

    depth_m: float = param(0.3, "Its inside begins so far from its edge [m]", 0.1, 5.0)
    beams: int = param(3, "Beams of a scan that must pass through its inside", 1, 1000)
    looks: int = param(6, "Scans that must show it, of every fourth", 1, 1000)


@dataclass(frozen=True, slots=True)
class DepthParams:
    """What depth shows in the robot's way beside what the lidar sees."""

    low_m: float = param(0.09, "Lower than this is ground [m]", 0.03, 0.5)
    drop_m: float = param(0.15, "Ground that falls by more is an edge [m]", 0.05, 1.0)
    headroom_m: float = param(0.05, "So far above its top the robot passes below [m]", 0.0, 1.0)
    reach_m: float = param(3.5, "Farther off nothing is taken from depth [m]", 1.0, 10.0)
    hits: int = param(2, "Pictures that must show it", 1, 5)
    lidar_near_m: float = param(0.12, "So near to a lidar return it is known [m]", 0.02, 1.0)
    mover_near_m: float = param(0.6, "So near to people it is theirs [m]", 0.0, 2.0)


@dataclass(frozen=True, slots=True)
class LowParams:
    """When depth makes a finding of what the lidar's plane passes over."""

    low_m: float = param(0.07, "Lower than this is ground [m]", 0.02, 0.5)
    low_per_m: float = param(0.01, "Growth of that with range [m/m]", 0.0, 0.1)
    high_m: float = param(0.45, "What is taller is left to the lidar [m]", 0.1, 2.0)
    stands_m: float = param(0.25, "Nearer to the ground some of it must be seen [m]", 0.05, 1.0)
    reach_m: float = param(7.0, "Farther off nothing is judged [m]", 1.0, 15.0)
    clear_m: float = param(0.25, "So near to the map it is explained [m]", 0.05, 1.0)
    tall_near_m: float = param(0.3, "So near to taller things it is part of them [m]", 0.0, 2.0)
    people_near_m: float = param(0.6, "So near to people it is theirs [m]", 0.0, 2.0)
    view_apart_m: float = param(0.15, "Views from nearer to each other are one [m]", 0.02, 2.0)
    views: float = param(3.0, "Views that make a cell solid, less those of ground", 1.0, 100.0)
    min_extent_m: float = param(0.08, "Smaller things are not reported [m]", 0.02, 1.0)
    max_extent_m: float = param(1.38, "Longer things are kerbs and ramps [m]", 0.3, 5.0)
    apart_m: float = param(
        0.4, "So near to it there must be nothing else that is low [m]", 0.0, 2.0
    )


@dataclass(frozen=True, slots=True)
class AbsenceParams:
    """When a mapped surface counts as gone."""

    reach_m: float = param(12.0, "Only what is nearer is decided on [m]", 2.0, 30.0)
    side_m: float = param(0.03, "The pose may be off to the side by [m]", 0.0, 0.5)
    side_per_m: float = param(0.005, "The same, growth with range [m/m]", 0.0, 0.1)
    margin_m: float = param(0.15, "A return this near to the surface meets it [m]", 0.05, 0.5)
    margin_per_m: float = param(0.006, "Growth of the margin with range [m/m]", 0.0, 0.05)
    spread_m: float = param(0.5, "Surfaces seen more aslant say nothing [m]", 0.1, 5.0)
    beside: int = param(6, "Beams beside it that must meet the map", 1, 1000)
    beside_share: float = param(0.4, "Their share among those that tell", 0.0, 1.0)
    replaced_m: float = param(
        0.5, "With something unknown so near it was only moved [m]", 0.0, 2.0
    )
    standing_m: float = param(
        0.2, "With a return of the map so near it still stands, or the pose is off [m]", 0.0, 2.0
    )
    view_apart_m: float = param(0.25, "Views from nearer to each other are one [m]", 0.05, 2.0)
    views: int = param(4, "Places from which it must be looked through", 1, 100)
    met_share: float = param(0.2, "Most beams that may meet it, by those that pass", 0.0, 1.0)
    looks: int = param(10, "The same, summed over the decimetres of the surface", 1, 1000)


@dataclass(frozen=True, slots=True)
class TrackParams:
    """Clusters of returns and their tracks."""

    gap_m: float = param(0.42, "Returns nearer to each other belong together [m]", 0.05, 1.0)
    gap_beams: float = param(2.5, "The same, in beam spacings at that range", 1.0, 10.0)
    gate_m: float = param(0.7, "A cluster further from every track starts a new one [m]", 0.2, 3.0)
    confirm_scans: int = param(3, "Scans until a track is published", 1, 50)
    lost_s: float = param(1.2, "A track ends when unseen for this long [s]", 0.2, 30.0)
    acceleration_mps2: float = param(1.5, "Standard deviation of people's acceleration", 0.1, 10.0)
    moved_m: float = param(
        0.35, "Displacement that shows motion, beside half the extent [m]", 0.1, 2.0
    )
    person_extent_m: float = param(0.95, "Nothing wider is a person [m]", 0.3, 2.0)
    leg_share: float = param(0.12, "Share of scans with two legs that makes a person", 0.01, 1.0)
    settle_s: float = param(
        90.0, "What has moved counts as moving until it stands so long [s]", 5.0, 3600.0
    )
    hidden_s: float = param(
        3.0, "Somebody out of sight for so long is taken up again as the same [s]", 0.0, 30.0
    )
    memory_s: float = param(
        30.0, "A person lost from sight is remembered there for [s]", 0.0, 600.0
    )


@dataclass(frozen=True, slots=True)
class EvidenceParams:
    """When something that stands is reported."""

    cell_m: float = param(0.1, "Cell of the evidence grid [m]", 0.05, 0.5)
    min_hits: float = param(4.0, "Scans that make a cell solid", 1.0, 100.0)
    reach_m: float = param(11.0, "Only what is nearer is decided on [m]", 2.0, 30.0)
    min_scans: int = param(14, "Scans that must have seen it", 3, 1000)
    min_standing_s: float = param(1.4, "It must have stood for [s]", 0.5, 600.0)
    narrow_standing_s: float = param(6.0, "The same, when no wider than a leg [s]", 0.5, 600.0)
    far_standing_s: float = param(6.0, "The same, when only seen from afar [s]", 0.5, 600.0)
    far_m: float = param(8.0, "Afar: legs and objects look alike beyond [m]", 1.0, 30.0)
    min_views: int = param(6, "Scans in which nothing hid its ends", 1, 1000)
    min_solid_share: float = param(0.6, "Share of unbroken views among those that tell", 0.0, 1.0)
    min_extent_m: float = param(0.17, "Smaller things are not reported [m]", 0.02, 1.0)
    large_clearance_m: float = param(
        0.3, "Large things nearer to the map are its errors [m]", 0, 1
    )
    object_extent_m: float = param(1.38, "Longer things are obstructions [m]", 0.3, 5.0)
    stable_m: float = param(0.12, "Its size must have settled to within [m]", 0.02, 1.0)
    merge_m: float = param(0.25, "What lies so near to a finding belongs to it [m]", 0.0, 3.0)
    revise_m: float = param(
        0.1, "A finding is revised when place or size change by [m]", 0.02, 2.0
    )
    repeat_s: float = param(1.0, "Repeat an unacknowledged finding every [s]", 0.1, 60.0)
    min_solid_views: int = param(5, "Unbroken views that show that it is no person", 0, 1000)
    max_leg_share: float = param(0.12, "Share of views like two legs that rules it out", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class CameraParams:
    """The blurred stream and the photos."""

    person_height_m: float = param(2.15, "Columns are blurred up to this height [m]", 1.5, 3.0)
    person_margin_m: float = param(
        0.30, "Added to the radius of whatever is blurred [m]", 0.0, 2.0
    )
    tracks_max_age_s: float = param(
        0.45, "With older tracks the whole picture is blurred [s]", 0.05, 2.0
    )
    detector: str = param(
        "hog",
        "Second source of people; onnx: the network of naming; without one, what moves is blurred",
        choices=("hog", "none", "onnx"),
    )
    detector_scale: float = param(0.75, "Size of the picture the detector sees", 0.25, 1.0)
    privacy_height_m: float = param(4.0, "Height of a privacy zone's walls [m]", 0.5, 20.0)
    jpeg_quality: int = param(80, "Of the blurred stream and of photos", 30, 100)
    ring_frames: int = param(25, "Blurred frames kept to choose photos from", 1, 200)
    photo_near_m: float = param(1.2, "A photo is taken from no nearer [m]", 0.3, 10.0)
    photo_far_m: float = param(9.0, "A photo is taken from no further [m]", 1.0, 30.0)
    photo_best_m: float = param(3.0, "The best distance for a photo [m]", 0.5, 20.0)


@dataclass(frozen=True, slots=True)
class SiteModelParams:
    """What is known from earlier patrols."""

    folder: str = param("", "Where versions of the model lie; none: nothing is known")
    version: int = param(0, "The version that is used; 0: the newest", 0, 1_000_000)
    sure: float = param(0.7, "What is at least so sure is no news", 0.0, 1.0)
    observe: bool = param(True, "Note in the run's folder what can be learnt from")
    reach_m: float = param(9.0, "Farther off nothing counts as looked at [m]", 1.0, 30.0)


@dataclass(frozen=True, slots=True)
class StillParams:
    """What counts as background where there is no map."""

    cell_m: float = param(0.1, "Cell of the grid that remembers what stands [m]", 0.05, 0.5)
    still_s: float = param(2.0, "What has stood for so long is background [s]", 0.5, 60.0)
    tolerance_m: float = param(0.1, "So near to it a return is explained [m]", 0.0, 0.5)
    free_scans: float = param(3.0, "Ground passed by beams of so many scans is free", 1.0, 20.0)


@dataclass(frozen=True, slots=True)
class WalkParams:
    """When a track is a person where there is no map."""

    came_scans: int = param(2, "Scans that must see it on ground that was free", 1, 50)
    walked_m: float = param(0.3, "It must walk there for [m]", 0.05, 3.0)
    straight_m: float = param(0.5, "Or straight on for, within a second [m]", 0.1, 3.0)
    straight_scans: int = param(4, "Scans within that second", 2, 50)
    straightness: float = param(0.85, "Straight line by its way", 0.5, 1.0)
    stride_m: float = param(0.9, "So far over free ground is enough [m]", 0.2, 5.0)
    clear_leg: float = param(0.8, "With this likeness to legs", 0.0, 1.0)
    step_m: float = param(0.3, "so far is enough [m]", 0.05, 3.0)
    min_leg: float = param(0.4, "Likeness to legs that a person has at least", 0.0, 1.0)
    sure_leg: float = param(0.65, "With this likeness one of the two is enough", 0.0, 1.0)
    doubt_s: float = param(1.5, "With less, a person until it has stood so long [s]", 0.5, 600.0)
    settle_s: float = param(10.0, "With it, a person until it has stood so long [s]", 1.0, 3600.0)


@dataclass(frozen=True, slots=True)
class PerceptionParams:
    """Parameters of the perception process."""

    background: BackgroundParams = field(default_factory=BackgroundParams)
    still: StillParams = field(default_factory=StillParams)
    walk: WalkParams = field(default_factory=WalkParams)
    blocks: BlockParams = field(default_factory=BlockParams)
    depth: DepthParams = field(default_factory=DepthParams)
    low: LowParams = field(default_factory=LowParams)
    absence: AbsenceParams = field(default_factory=AbsenceParams)
    tracks: TrackParams = field(default_factory=TrackParams)
    evidence: EvidenceParams = field(default_factory=EvidenceParams)
    camera: CameraParams = field(default_factory=CameraParams)
    privacy: PrivacyParams = field(default_factory=PrivacyParams)
    change: ChangeParams = field(default_factory=ChangeParams)
    behaviour: BehaviourParams = field(default_factory=BehaviourParams)
    naming: NamingParams = field(default_factory=NamingParams)
    guard: GuardParams = field(default_factory=GuardParams)
    site_model: SiteModelParams = field(default_factory=SiteModelParams)
    inspection: InspectionParams = field(default_factory=InspectionParams)
