"""The mission process: the patrol executive."""

from __future__ import annotations

from patrol_core.processes import MISSION
from patrol_host_ros import host


def main() -> None:
    """Run until told to stop."""
    host.main(MISSION)


if __name__ == "__main__":
    main()
