"""Ways on the site for people on foot: found on its map, told in sentences, drawn."""

from patrol_hri.wayfinding.params import WayParams
from patrol_hri.wayfinding.way_finder import WayFinder

__all__ = ["WayFinder", "WayParams"]
