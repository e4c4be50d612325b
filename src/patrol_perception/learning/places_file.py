"""The judged places of a site that are in force."""

from __future__ import annotations

from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.learned import PLACES_FILE, file_in_force
from patrol_core.yaml_file import load_yaml
from patrol_perception.learning.places import JudgedPlace, place_from_document


def read_places(site_folder: Path) -> tuple[JudgedPlace, ...]:
    """The places in force; none where nothing was learned. Raises ConfigError."""
    path = file_in_force(site_folder, PLACES_FILE)
    if path is None:
        return ()
    try:
        return tuple(map(place_from_document, load_yaml(path, "the places")["places"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"not a list of places: {error}",
            place=Place(path),
            expected="places: [{source, verdict, what, x_m, ...}]",
            remedy="`./ronda learn --back` returns to the version before",
        ) from error
