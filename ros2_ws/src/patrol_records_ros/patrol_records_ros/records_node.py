"""The records process: incidents, evidence and the log."""

from __future__ import annotations

from patrol_core.processes import RECORDS
from patrol_host_ros import host


def main() -> None:
    """Run until told to stop."""
    host.main(RECORDS)


if __name__ == "__main__":
    main()
