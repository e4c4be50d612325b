"""What a run takes place in: site, world and robot, found by the site's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patrol_core.robot import RobotModel, load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.site import Site
from patrol_core.site.history import open_site
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.sdf import World, load_world
from ronda_cli.environment.paths import ROOT, site_folder

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
    robot_file: Path = ROBOT_FILE
    urdf_file: Path = URDF_FILE

    def setup(self, namespace: str = "") -> RobotSetup:
        """The robot as the simulator takes it."""
        return RobotSetup(namespace, self.robot, self.urdf, self.urdf_file)


def load_setting(
    site: str, world: Path | None = None, robot: Path | None = None, urdf: Path | None = None
) -> Setting:
    """The setting of a site (a name in `sites`, or a folder), without more in
    `sim/worlds/<site>.sdf` and with the rover; `urdf` may be xacro.

    Raises ConfigError (SiteError, SdfError...) with file, line and remedy.
    """
    world_file = (world or ROOT / "sim" / "worlds" / f"{Path(site).name}.sdf").resolve()
    robot_file, urdf_file = (robot or ROBOT_FILE).resolve(), (urdf or URDF_FILE).resolve()
    model = load_robot(robot_file)
    return Setting(
        open_site(site_folder(site).resolve(), model.body.width_m / 2.0),
        load_world(world_file),
        world_file,
        model,
        expand_xacro(urdf_file, robot_file),
        robot_file,
        urdf_file,
    )
