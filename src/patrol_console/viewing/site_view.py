"""The site as markers: outline, zones in force, checkpoints, docks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from patrol_console.viewing.shapes import body, ring, words
from patrol_core.geometry import Points, Pose2
from patrol_core.site.model import Site, Zone, ZoneKind
from patrol_core.types.markers import Color, Marker, Markers, Shape

COLORS: dict[ZoneKind, Color] = {
    ZoneKind.KEEP_OUT: (0.85, 0.10, 0.10, 1.0),
    ZoneKind.KEEP_CLEAR: (0.95, 0.55, 0.05, 1.0),
    ZoneKind.SPEED: (0.85, 0.75, 0.00, 1.0),
    ZoneKind.PREFERRED: (0.10, 0.65, 0.25, 1.0),
    ZoneKind.PRIVACY: (0.55, 0.20, 0.75, 1.0),
    ZoneKind.PUBLIC: (0.10, 0.45, 0.85, 1.0),
}
_GREY: Color = (0.35, 0.38, 0.42, 1.0)
_BLUE: Color = (0.10, 0.35, 0.75, 1.0)
_WORDS_M = 0.6


def site_markers(site: Site, zones: Iterable[Zone], now_s: float) -> Markers:
    """Everything of a site that does not move, drawn anew."""
    return Markers((*_zones(site, zones, now_s), *_places(site, now_s)), clears=True)


def _zones(site: Site, zones: Iterable[Zone], now_s: float) -> Iterator[Marker]:
    yield ring(now_s, "outline", 0, site.outline_m, _GREY)
    for number, zone in enumerate(zones):
        color, text = COLORS[zone.kind], f"{zone.zone_id}: {zone.kind.value.replace('_', ' ')}"
        if zone.speed_limit_mps is not None:
            text += f" {zone.speed_limit_mps:g} m/s"
        yield ring(now_s, f"zones/{zone.kind.value}", number, zone.polygon_m, color)
        at = (*_middle(zone.polygon_m), _WORDS_M)
        yield words(now_s, f"zones/{zone.kind.value}", 1000 + number, at, text, color)


def _places(site: Site, now_s: float) -> Iterator[Marker]:
    for number, one in enumerate(site.checkpoints):
        size = (0.6, 0.12, 0.12)
        yield body(now_s, "checkpoints", number, Shape.ARROW, one.pose, size, _BLUE)
        yield _label(now_s, "checkpoints", number, one.pose, one.name)
    for number, dock in enumerate(site.docks):
        yield ring(now_s, "docks", number, dock.outline_m, _GREY)
        yield _label(now_s, "docks", number, dock.pose, f"dock {dock.dock_id}")


def _label(now_s: float, namespace: str, number: int, pose: Pose2, text: str) -> Marker:
    at = (pose.x_m, pose.y_m, _WORDS_M)
    return words(now_s, namespace, 1000 + number, at, text, _BLUE)


def _middle(polygon_m: Points) -> tuple[float, float]:
    xs, ys = zip(*polygon_m, strict=True)
    return sum(xs) / len(xs), sum(ys) / len(ys)
