"""Everything that can be wrong with a site folder, of all who read something from it."""

from __future__ import annotations

from pathlib import Path

from patrol_core.errors import ConfigError
from patrol_core.robot import load_robot
from patrol_core.site import SiteCheck, SiteError
from patrol_core.site.trial import check_folder
from ronda_cli.environment.paths import ROOT


def check_all(folder: Path) -> SiteCheck:
    """As `check_folder`, with room for the rover, and with lanes."""
    from patrol_nav.routing.geojson import read_route_graph

    robot = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
    outcome = check_folder(folder, robot.body.width_m / 2.0)
    site = outcome.site
    if site is None:
        return outcome
    try:
        if site.lanes_file is not None:
            read_route_graph(site.lanes_file)
    except SiteError as error:
        return SiteCheck(None, error.problems)
    except ConfigError as error:
        return SiteCheck(None, (error,))
    return outcome
