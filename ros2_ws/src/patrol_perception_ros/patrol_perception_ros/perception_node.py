"""The perception process: tracks, anomalies and the blurred camera stream."""

from __future__ import annotations

from patrol_core.processes import PERCEPTION
from patrol_host_ros import host


def main() -> None:
    """Run until told to stop."""
    host.main(PERCEPTION)


if __name__ == "__main__":
    main()
