"""The visitors' process: conversations, the kiosk page, guided walks."""

from __future__ import annotations

from patrol_core.processes import HRI
from patrol_host_ros import host


def main() -> None:
    """Run until told to stop."""
    host.main(HRI)


if __name__ == "__main__":
    main()
