"""The report of one patrol: a self-contained HTML page made from the records."""

from patrol_mission.report.page import write_report

__all__ = ["write_report"]
