"""The nav process: map server, localisation, planner and controller."""

from __future__ import annotations

from patrol_core.processes import NAV
from patrol_host_ros import host


def main() -> None:
    """Run until told to stop."""
    host.main(NAV)


if __name__ == "__main__":
    main()
