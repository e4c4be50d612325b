"""How urgent an alert is, and when it is escalated because nobody has taken it.

Three priorities, few of the highest, as ISA-18.2 and EEMUA 191 advise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from patrol_core.params import param
from patrol_core.types.perception import FindingKind


class Severity(IntEnum):
    """LOW: by the end of the shift. MEDIUM: soon. HIGH: now."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


_OF_KIND = {
    FindingKind.EMERGENCY: Severity.HIGH,
    FindingKind.BEHAVIOUR: Severity.HIGH,
    FindingKind.REPORT: Severity.MEDIUM,
    FindingKind.OBJECT: Severity.MEDIUM,
    FindingKind.MISSING: Severity.MEDIUM,
    FindingKind.CHECK: Severity.MEDIUM,
    FindingKind.OBSTRUCTION: Severity.LOW,
    FindingKind.CHANGE: Severity.LOW,
    FindingKind.BLOCKED: Severity.LOW,
    FindingKind.INSPECTION: Severity.LOW,
}


@dataclass(frozen=True, slots=True)
class AlertParams:
    """Who is new for longer is escalated: told first, louder, and as overdue. A low battery is
    told until it is charged or full enough again.
    """

    high_s: float = param(60.0, "A high alert is escalated when new for so long [s]", 5.0, 3600.0)
    medium_s: float = param(600.0, "A medium one [s]", 30.0, 36_000.0)
    low_s: float = param(7200.0, "A low one [s]", 60.0, 360_000.0)
    low_battery_fraction: float = param(0.2, "Charge below which it is told", 0.0, 1.0)
    battery_margin_fraction: float = param(0.03, "Charge above that which ends it", 0.0, 0.5)

    def limit_s(self, severity: Severity) -> float:
        return {Severity.HIGH: self.high_s, Severity.MEDIUM: self.medium_s}.get(
            severity, self.low_s
        )


def severity_of(kind: FindingKind) -> Severity:
    """Every kind has one."""
    return _OF_KIND[kind]
