"""Parameters of conversations."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class DialogueParams:
    """How patient the robot is, and how much it takes in. No time-out is under 60 s."""

    ask_after_s: float = param(90.0, "Silence after which it asks once [s]", 60.0, 3600.0)
    end_after_s: float = param(90.0, "Silence after that, until it ends [s]", 60.0, 3600.0)
    nobody_after_s: float = param(
        60.0, "How long a visitor waits for a human before being told that nobody came [s]",
        60.0, 600.0,
    )  # fmt: skip
    guide_start_s: float = param(
        5.0, "How long a guided walk may take to begin before it counts as over [s]", 1.0, 60.0
    )
    max_age_s: float = param(7200.0, "Longest conversation [s]", 600.0, 86400.0)
    max_sessions: int = param(256, "Most conversations at once", 1, 10000)
    max_text: int = param(2000, "Longest sentence that is taken in [characters]", 100, 5000)
    max_lines: int = param(400, "Most lines of a conversation that are remembered", 50, 5000)
    max_waiting: int = param(
        500, "Most events that wait for the host; then lines go first, never alarms", 50, 900
    )
    max_choices: int = param(8, "Most places offered to be touched", 2, 20)
    counts_days: int = param(90, "How long counts of a day are kept [days]", 1, 3650)
