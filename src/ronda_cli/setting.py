"""What a run takes place in: site, world and robot, found by the site's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patrol_core.robot import RobotModel, load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.site import Site
from patrol_core.site.history import open_site
from patrol_sim.model_builder import RobotSetup
from patrol_sim.sdf import World, load_world
from ronda_cli.environment.paths import ROOT

ROBOT_FILE = ROOT / "urdf" / "config" / "rover.yaml"
URDF_FILE = ROOT / "urdf" / "urdf" / "rover.urdf.xacro"


@dataclass(frozen=True, slots=True)
class Setting:
    """A site with the world that stands for it in simulation, and the robot."""

    site: Site
    world: World
    world_file: Path
    robot: RobotModel
    urdf: str

    def setup(self, namespace: str = "") -> RobotSetup:
        """The robot as the simulator takes it."""
        return RobotSetup(namespace, self.robot, self.urdf, URDF_FILE)


def load_setting(site: str) -> Setting:
    """The setting of `sites/<site>` and `sim/worlds/<site>.sdf`.

    Raises ConfigError (SiteError, SdfError...) with file, line and remedy.
    """
    world_file = ROOT / "sim" / "worlds" / f"{site}.sdf"
    return Setting(
        open_site(ROOT / "sites" / site),
        load_world(world_file),
        world_file,
        load_robot(ROBOT_FILE),
        expand_xacro(URDF_FILE),
    )
