"""What stands at the head of a recording: under what it was made, and who had the robot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from patrol_records.flight.occasions import Occasion

HEAD = "ronda"
OCCASION = "occasion"
"""Names of the MCAP metadata records: one head, an occasion each."""
DESCRIPTION_TOPIC = "robot_description"
DESCRIPTION_TYPE = "std_msgs/msg/String"
DESCRIPTION_SCHEMA = "string data\n"


@dataclass(frozen=True, slots=True)
class Setting:
    """What does not change while the process runs. `epoch_s`: Unix time at stamp zero.

    `parameters`: text of the site's and the robot's files by name, and of the recorder's
    parameters. `description`: the robot's URDF, empty where there is none.
    """

    robot: str
    site: str
    site_version: str
    configuration: str
    software: str
    epoch_s: float
    parameters: Mapping[str, str] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """One recording's. `start_s`: the robot's time of its first message. `authority`: who moves
    the robot as the gate says; `holder`: who sits at it, empty: nobody. `people`: the roles of
    those who are named, as far as known."""

    setting: Setting
    start_s: float
    authority: str
    holder: str
    people: Mapping[str, str] = field(default_factory=dict)

    def metadata(self) -> dict[str, str]:
        """As text by name, as MCAP has it."""
        about = self.setting
        return {
            "robot": about.robot,
            "site": about.site,
            "site_version": about.site_version,
            "configuration": about.configuration,
            "software": about.software,
            "epoch_s": repr(about.epoch_s),
            "start_s": repr(self.start_s),
            "authority": self.authority,
            "holder": self.holder,
            "people": json.dumps(dict(self.people)),
        }


def occasion_metadata(occasion: Occasion) -> dict[str, str]:
    """As text by name, as MCAP has it."""
    return {name: str(value) for name, value in asdict(occasion).items()}


def occasion_of(metadata: Mapping[str, str]) -> Occasion:
    """Back again. Raises ValueError, KeyError."""
    return Occasion(
        float(metadata["stamp_s"]), metadata["kind"], metadata["words"],
        int(metadata["incident_id"]),
    )  # fmt: skip
