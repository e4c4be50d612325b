"""The web application: the routes of all parts."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.types import ASGIApp

from patrol_console.station import Station


def create_app(station: Station) -> ASGIApp:
    """The application over `station`: every part adds its `routes(station)` here."""
    del station
    return Starlette(routes=[])
