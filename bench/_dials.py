"""Analogue gauges drawn for a benchmark: designs, a camera that looks at them, and what spoils it.

Dial coordinates: unit the radius of the face, x right, y up; angles clockwise from straight up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray

Picture = npt.NDArray[np.uint8]
Array = npt.NDArray[np.floating[Any]]
Colour = tuple[int, int, int]

_CANVAS_PX, _RADIUS_PX = 660, 200
_NEEDLE_HEIGHT = 0.04
FOCAL_PX = 600.0


@dataclass(frozen=True, slots=True)
class Design:
    """How a gauge looks; colours are BGR, lengths in radii of the face.

    `bezel`: "ring", "chrome", "plate" (the face is printed on a square plate) or "thin".
    `needle`: "taper", "bar", "lance", "thin" or "spade".
    """

    name: str
    face: Colour = (240, 244, 245)
    ink: Colour = (25, 25, 25)
    needle_colour: Colour = (20, 20, 20)
    bezel: str = "ring"
    bezel_colour: Colour = (30, 30, 32)
    needle: str = "taper"
    length: float = 0.75
    tail: float = 0.2
    hub: float = 0.08
    min_deg: float = -135.0
    max_deg: float = 135.0
    max_value: float = 10.0
    majors: int = 10
    minors: int = 5
    ticks: tuple[float, float, float] = (0.78, 0.84, 0.92)
    numerals: float = 0.62
    zones: tuple[tuple[float, float, Colour], ...] = ()
    label: str = "bar"


TUNING_DESIGNS = (
    Design("plain"),
    Design("red needle", needle_colour=(30, 30, 200), needle="bar", tail=0.0, bezel="chrome",
           bezel_colour=(170, 172, 175), max_value=16.0, majors=8, label="MPa"),
    Design("dark", face=(38, 34, 32), ink=(225, 228, 230), needle_colour=(235, 238, 240),
           bezel="thin", needle="taper", min_deg=-120.0, max_deg=120.0, majors=6, max_value=12.0,
           label="V"),
    Design("zones", zones=((0.0, 0.5, (80, 170, 60)), (0.8, 1.0, (40, 40, 200))), needle="lance",
           tail=0.3, ticks=(0.70, 0.74, 0.80), numerals=0.55, label="kPa"),
    Design("half", bezel="plate", min_deg=-90.0, max_deg=90.0, majors=5, minors=4, needle="thin",
           tail=0.12, length=0.82, max_value=50.0, label="A"),
)  # fmt: skip
"""What the reader was tuned on."""

FIGURE_DESIGNS = (
    Design("brass", face=(225, 236, 238), bezel_colour=(70, 140, 175), bezel="chrome",
           needle="spade", tail=0.25, min_deg=-140.0, max_deg=130.0, majors=7, max_value=7.0,
           ticks=(0.80, 0.87, 0.95), numerals=0.66, label="kg/cm2"),
    Design("blue face", face=(120, 82, 38), ink=(240, 240, 235), needle_colour=(60, 220, 245),
           needle="bar", tail=0.15, hub=0.11, min_deg=-125.0, max_deg=125.0, majors=8,
           max_value=80.0, label="degC"),
    Design("vacuum", needle="taper", length=0.70, tail=0.28, hub=0.05, bezel="thin",
           bezel_colour=(120, 122, 125), max_value=25.0, majors=5, minors=10, numerals=0.58,
           zones=((0.6, 1.0, (60, 190, 235)),), label="mbar"),
    Design("red lance", needle_colour=(25, 40, 190), needle="lance", length=0.85, tail=0.35,
           bezel="ring", bezel_colour=(150, 90, 30), min_deg=-150.0, max_deg=150.0,
           max_value=300.0, majors=6, minors=5, label="psi"),
    Design("panel", bezel="plate", face=(228, 230, 226), min_deg=-100.0, max_deg=100.0,
           needle="thin", length=0.80, tail=0.2, hub=0.09, majors=4, minors=5, max_value=400.0,
           ticks=(0.74, 0.80, 0.86), numerals=0.55, label="V~"),
    Design("tyre", face=(30, 30, 30), ink=(60, 210, 240), needle_colour=(60, 120, 250),
           needle="taper", tail=0.1, bezel="ring", bezel_colour=(55, 55, 60), max_value=12.0,
           majors=6, minors=4, label="bar"),
)  # fmt: skip
"""What the figure is taken on: not looked at while the reader was tuned."""


@dataclass(frozen=True, slots=True, eq=False)
class Gauge:
    """One picture of a gauge: what it shows, and about where the robot believes it to be.

    `about` (3, 3): from dial coordinates to pixels as the robot's pose has it, with its errors.
    `radius_px`: the real radius of the face in the picture.
    """

    picture: Picture
    about: FloatArray
    design: Design
    value: float
    radius_px: float


def draw_gauge(designs: Sequence[Design], rng: np.random.Generator) -> Gauge:
    """A gauge of one of the designs, seen from somewhere, in some light, by some camera."""
    design = designs[int(rng.integers(len(designs)))]
    share = float(rng.uniform(0.0, 1.0))
    radius_px = float(np.exp(rng.uniform(math.log(30.0), math.log(140.0))))
    size = 4 * round(0.9 * radius_px + 14.0)
    view = _View(
        float(rng.uniform(-0.65, 0.65)), float(rng.uniform(-0.26, 0.26)),
        float(rng.uniform(-0.017, 0.017)), radius_px,
        size / 2.0 + float(rng.normal(0.0, 0.06)) * radius_px,
        size / 2.0 + float(rng.normal(0.0, 0.06)) * radius_px,
    )  # fmt: skip
    picture = _painted(design, share, view, size, rng)
    picture = _lit(picture, view, rng)
    believed = _View(
        view.yaw_rad + float(rng.normal(0.0, 0.05)), view.pitch_rad + float(rng.normal(0.0, 0.03)),
        0.0, radius_px * (1.0 + float(rng.uniform(-0.1, 0.1))),
        view.u_px + float(rng.uniform(-0.12, 0.12)) * radius_px,
        view.v_px + float(rng.uniform(-0.12, 0.12)) * radius_px,
    )  # fmt: skip
    return Gauge(
        _by_camera(picture, radius_px, rng), believed.to_image(size), design,
        share * design.max_value, radius_px,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _View:
    """A pinhole camera before a dial: from which side, rolled, how large and where it appears."""

    yaw_rad: float
    pitch_rad: float
    roll_rad: float
    radius_px: float
    u_px: float
    v_px: float

    def to_image(self, size: int, height: float = 0.0) -> FloatArray:
        """The homography of the plane `height` before the face."""
        turn = cv2.Rodrigues(np.array([0.0, self.yaw_rad, 0.0]))[0]
        tip = cv2.Rodrigues(np.array([self.pitch_rad, 0.0, 0.0]))[0]
        roll = cv2.Rodrigues(np.array([0.0, 0.0, self.roll_rad]))[0]
        rotation = roll @ tip @ np.diag((1.0, -1.0, -1.0)) @ turn
        distance = FOCAL_PX / self.radius_px
        middle = size / 2.0
        place = (
            np.array([(self.u_px - middle) / FOCAL_PX, (self.v_px - middle) / FOCAL_PX, 1.0])
            * distance
        )
        camera = np.array([[FOCAL_PX, 0.0, middle], [0.0, FOCAL_PX, middle], [0.0, 0.0, 1.0]])
        plane = np.column_stack((rotation[:, 0], rotation[:, 1], place + height * rotation[:, 2]))
        return np.asarray(camera @ plane)


_FROM_CANVAS = np.array(
    [[1.0, 0.0, -_CANVAS_PX / 2.0], [0.0, -1.0, _CANVAS_PX / 2.0], [0.0, 0.0, _RADIUS_PX]]
)


def _point(angle_deg: float, radius: float) -> tuple[int, int]:
    """On the canvas, in 1/16 pixel."""
    angle, middle = math.radians(angle_deg), _CANVAS_PX / 2.0
    x = middle + _RADIUS_PX * radius * math.sin(angle)
    y = middle - _RADIUS_PX * radius * math.cos(angle)
    return round(16.0 * x), round(16.0 * y)


def _painted(
    design: Design, share: float, view: _View, size: int, rng: np.random.Generator
) -> Array:
    """Wall, gauge, needle and its shadow, as the camera's place shows them, float (H, W, 3)."""
    wall = _wall(size, rng)
    plate, covers = _face(design)
    picture = _laid(wall, plate, covers, view.to_image(size))
    needle = _needle(design, share)
    colour = np.broadcast_to(np.array(design.needle_colour, float), plate.shape)
    move = rng.uniform(-0.05, 0.05, 2) * _RADIUS_PX
    shift = np.array([[1.0, 0.0, move[0]], [0.0, 1.0, move[1]]])
    shadow = cv2.GaussianBlur(
        cv2.warpAffine(needle, shift, (_CANVAS_PX, _CANVAS_PX)), (0, 0), 3.0
    ) * float(rng.uniform(0.0, 0.35))
    picture = _laid(picture, np.zeros_like(plate), shadow, view.to_image(size))
    return _laid(picture, colour, needle, view.to_image(size, _NEEDLE_HEIGHT))


def _laid(below: Array, colour: Array, covers: Array, to_image: Array) -> Array:
    """A layer of the canvas, `covers` 0 to 1, laid over a picture."""
    size = (below.shape[1], below.shape[0])
    warp = to_image @ _FROM_CANVAS
    shrink = _RADIUS_PX * abs(np.linalg.det(warp[:2, :2] / warp[2, 2])) ** 0.5 / _RADIUS_PX
    if shrink < 0.8:
        width = 0.45 * math.sqrt(1.0 / shrink**2 - 1.0)
        covers = np.asarray(cv2.GaussianBlur(covers, (0, 0), width), float)
        colour = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(colour), (0, 0), width), float)
    top = cv2.warpPerspective(np.ascontiguousarray(colour), warp, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(covers, warp, size, flags=cv2.INTER_LINEAR)[..., None]
    return np.asarray(below * (1.0 - mask) + top * mask)


def _wall(size: int, rng: np.random.Generator) -> Array:
    """Plaster, with a pipe and a few bolts."""
    base = rng.uniform(60.0, 200.0) + rng.uniform(-12.0, 12.0, 3)
    coarse = rng.normal(0.0, 9.0, (8, 8, 1)) + rng.normal(0.0, 2.0, (8, 8, 3))
    wall = base + cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
    wall += rng.normal(0.0, 3.0, wall.shape)
    left = int(rng.integers(0, size))
    wall[:, left : left + size // 9] *= float(rng.uniform(0.5, 1.4))
    for _ in range(3):
        place = tuple(int(v) for v in rng.integers(0, size, 2))
        cv2.circle(wall, place, size // 30, tuple(rng.uniform(30, 220, 3).tolist()), -1)
    return wall


def _face(design: Design) -> tuple[Array, Array]:
    """The gauge without its needle, and where it covers the wall."""
    plate = np.zeros((_CANVAS_PX, _CANVAS_PX, 3))
    covers = np.zeros((_CANVAS_PX, _CANVAS_PX))
    middle = _point(0.0, 0.0)
    outer = {"ring": 1.14, "chrome": 1.2, "thin": 1.04, "plate": 1.0}[design.bezel]
    if design.bezel == "plate":
        corners = np.array([_point(45.0 + 90.0 * k, 1.3 * math.sqrt(2.0)) for k in range(4)])
        colour = tuple(0.6 * c for c in design.face)
        cv2.fillConvexPoly(plate, corners, colour, cv2.LINE_AA, 4)
        cv2.fillConvexPoly(covers, corners, 1.0, cv2.LINE_AA, 4)
    else:
        cv2.circle(covers, middle, round(16 * outer * _RADIUS_PX), 1.0, -1, cv2.LINE_AA, 4)
        steps = 6 if design.bezel == "chrome" else 1
        for step in range(steps):
            radius = outer - (outer - 1.0) * step / steps
            bright = 1.0 + 0.3 * math.sin(3.0 * step)
            colour = tuple(min(255.0, bright * c) for c in design.bezel_colour)
            cv2.circle(plate, middle, round(16 * radius * _RADIUS_PX), colour, -1, cv2.LINE_AA, 4)
    cv2.circle(plate, middle, round(16 * _RADIUS_PX), design.face, -1, cv2.LINE_AA, 4)
    _scale(design, plate)
    return plate, covers


def _scale(design: Design, plate: Array) -> None:
    """Zones, ticks, numbers and a label."""
    start, span = design.min_deg, design.max_deg - design.min_deg
    inner, middle, outer = design.ticks
    for low, high, colour in design.zones:
        arc = [_point(start + span * share, outer + 0.02) for share in np.linspace(low, high, 60)]
        points = np.array(arc, np.int32)
        cv2.polylines(plate, [points], False, colour, 12, cv2.LINE_AA, 4)
    count = design.majors * design.minors
    for index in range(count + 1):
        major = index % design.minors == 0
        angle = start + span * index / count
        ends = _point(angle, inner if major else middle), _point(angle, outer)
        cv2.line(plate, *ends, design.ink, 4 if major else 2, cv2.LINE_AA, 4)
        if major:
            _text(plate, f"{design.max_value * index / count:g}", angle, design.numerals, design)
    _text(plate, design.label, 0.0 if design.max_deg < 110.0 else 180.0, 0.40, design)


def _text(plate: Array, text: str, angle_deg: float, radius: float, design: Design) -> None:
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.55, 2)
    u, v = (value / 16.0 for value in _point(angle_deg, radius))
    place = (round(u - width / 2.0), round(v + height / 2.0))
    cv2.putText(plate, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, design.ink, 2, cv2.LINE_AA)


def _needle(design: Design, share: float) -> Array:
    """Where the needle with its hub covers the face."""
    angle = design.min_deg + share * (design.max_deg - design.min_deg)
    half = {"taper": 0.045, "bar": 0.03, "lance": 0.03, "thin": 0.014, "spade": 0.03}
    wide, tip = half[design.needle], {"taper": 0.006, "bar": 0.03, "thin": 0.012}
    end = tip.get(design.needle, 0.006)
    outline = [(-design.tail, wide), (0.0, wide), (design.length, end)]
    if design.needle == "lance":
        outline = [(-design.tail, 0.05), (0.0, 0.022), (design.length - 0.18, 0.022),
                   (design.length - 0.17, 0.05), (design.length, 0.004)]  # fmt: skip
    elif design.needle == "spade":
        outline = [(-design.tail, 0.07), (-0.6 * design.tail, 0.03), (0.0, 0.035),
                   (design.length, 0.012)]  # fmt: skip
    ring = [*outline, *((along, -side) for along, side in reversed(outline))]
    turn = math.radians(angle)
    points = [
        (
            16.0 * (_CANVAS_PX / 2.0 + _RADIUS_PX * (a * math.sin(turn) + s * math.cos(turn))),
            16.0 * (_CANVAS_PX / 2.0 - _RADIUS_PX * (a * math.cos(turn) - s * math.sin(turn))),
        )
        for a, s in ring
    ]
    covers = np.zeros((_CANVAS_PX, _CANVAS_PX))
    corners = np.round(np.array(points)).astype(np.int32)
    cv2.fillPoly(covers, [corners], 1.0, cv2.LINE_AA, 4)
    cv2.circle(
        covers, _point(0.0, 0.0), round(16 * design.hub * _RADIUS_PX), 1.0, -1, cv2.LINE_AA, 4
    )
    return covers


def _lit(picture: Array, view: _View, rng: np.random.Generator) -> Array:
    """Exposure, a shadow's edge across it, reflections on the glass."""
    size = picture.shape[0]
    v, u = np.indices((size, size))
    lit = picture * float(rng.uniform(0.45, 1.15))
    if rng.random() < 0.5:
        angle = float(rng.uniform(0.0, 2.0 * math.pi))
        across = (u - view.u_px) * math.cos(angle) + (v - view.v_px) * math.sin(angle)
        across += float(rng.uniform(-0.7, 0.7)) * view.radius_px
        soft = view.radius_px * float(rng.uniform(0.02, 0.3))
        dark = float(rng.uniform(0.1, 0.6))
        lit *= (1.0 - dark / (1.0 + np.exp(-np.clip(across / soft, -30.0, 30.0))))[..., None]
    for _ in range(int(rng.integers(0, 3))):
        place = rng.normal(0.0, 0.5, 2) * view.radius_px + (view.u_px, view.v_px)
        long, wide = rng.uniform(0.08, 0.45, 2) * view.radius_px
        angle = float(rng.uniform(0.0, math.pi))
        along = (u - place[0]) * math.cos(angle) + (v - place[1]) * math.sin(angle)
        across = (v - place[1]) * math.cos(angle) - (u - place[0]) * math.sin(angle)
        spot = np.exp(-((along / long) ** 4) - (across / wide) ** 4)
        lit += float(rng.uniform(30.0, 220.0)) * spot[..., None]
    return np.clip(lit, 0.0, 255.0)


def _by_camera(picture: Array, radius_px: float, rng: np.random.Generator) -> Picture:
    """Out of focus, moved, noisy and compressed."""
    blurred = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 0.3 + 0.022 * radius_px)))
    if rng.random() < 0.3:
        length = max(1, round(float(rng.uniform(0.0, 0.06)) * radius_px))
        kernel = np.full((1, length), 1.0 / length)
        blurred = cv2.filter2D(blurred, -1, kernel if rng.random() < 0.5 else kernel.T)
    noisy = blurred + rng.normal(0.0, float(rng.uniform(1.0, 9.0)), picture.shape)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 95))]
    _, data = cv2.imencode(".jpg", np.clip(noisy, 0.0, 255.0).astype(np.uint8), quality)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
