"""The operators' console: its web application, joined to the graph."""

from __future__ import annotations

from patrol_core.processes import CONSOLE
from patrol_host_ros import host


def main() -> None:
    """Run until told to stop."""
    host.main(CONSOLE)


if __name__ == "__main__":
    main()
