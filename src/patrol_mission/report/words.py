"""What people read instead of the names in the records. Neutral: nothing is an accusation."""

from __future__ import annotations

import math
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from patrol_core.types.learning import VerdictKind
from patrol_core.types.perception import FindingKind

KINDS = {
    FindingKind.OBJECT: "Unknown object",
    FindingKind.OBSTRUCTION: "Obstruction",
    FindingKind.BLOCKED: "Blocked way",
    FindingKind.CHANGE: "Change",
    FindingKind.BEHAVIOUR: "Behaviour",
    FindingKind.MISSING: "Missing or open",
    FindingKind.CHECK: "Failed check",
    FindingKind.INSPECTION: "Inspection",
    FindingKind.REPORT: "Visitor's report",
    FindingKind.EMERGENCY: "Call for help",
}
VERDICTS = {
    VerdictKind.TRUE: "should not be there",
    VerdictKind.FALSE: "false alarm",
    VerdictKind.KNOWN: "belongs there",
    VerdictKind.IGNORE: "nothing here is to be told",
}
_EVENTS = {
    "join_failed": "Route not reached",
    "leg_failed": "Way not passable",
    "goal_resent": "Navigation restarted",
    "operator_command": "Operator",
    "no_picture": "No picture possible",
    "undock_failed": "Undocking failed",
    "dock_failed": "Docking failed",
    "check_unread": "Check could not be read",
}
_BAD = re.compile(r"fail|missed|lost|broken|stuck|unsure|given_up|stopped_here|unknown|refused")
_WARN = re.compile(
    r"skipp|low|unread|no_picture|resent|left_|paused|interrupt|retried|put_off|asked|nobody|"
    r"not_answered|link_return|link_stand"
)
_GOOD = re.compile(r"reached|completed|passed|succeeded|answered|taken_up|goes_on|link_back")


def event_words(kind: str) -> str:
    """The kind of a patrol event; one that has no words of its own is spelt out."""
    return _EVENTS.get(kind, kind.replace("_", " ").capitalize())


def event_tone(kind: str, subject: str) -> str:
    """How an event is marked: "good", "warn", "bad" or "plain"."""
    if kind == "patrol_ended":
        return "good" if subject == "succeeded" else "bad"
    for tone, pattern in (("bad", _BAD), ("warn", _WARN), ("good", _GOOD)):
        if pattern.search(kind):
            return tone
    return "plain"


def duration_words(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes, as a person says them."""
    if not math.isfinite(seconds):
        return "unknown"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def count_words(number: int, thing: str) -> str:
    """A number of things; their name is of the kind that takes an s."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def local_words(stamp_s: float, timezone: str, form: str = "%H:%M:%S") -> str:
    """A Unix time on the site's clocks."""
    return datetime.fromtimestamp(stamp_s, ZoneInfo(timezone)).strftime(form)
