"""Parameters of interviews with visitors and of the store of their statements."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class InterviewParams:
    """Bounds of what one statement or report takes in."""

    max_message_chars: int = param(1000, "Longest message taken in; the rest is cut", 100, 4000)
    max_account_chars: int = param(8000, "Longest open account in all", 1000, 50000)
    max_messages: int = param(40, "Most messages of an open account", 5, 200)
    min_account_chars: int = param(
        20, "An account shorter than this is asked what happened [characters]", 0, 200
    )
    max_corrections: int = param(10, "Most corrections of one statement", 1, 50)
    max_questions: int = param(3, "Most questions about one report", 1, 5)


@dataclass(frozen=True, slots=True)
class StoreParams:
    """Where statements and their key are kept, and how fast receipts may be tried."""

    folder: str = param("", "Folder of the statements; empty: `statements` beside the run folders")
    key_file: str = param(
        "~/.config/ronda/statements.key", "The key, made at the first start with mode 0600"
    )
    tries: int = param(10, "Unknown receipts that may be tried in a row", 1, 100)
    try_period_s: float = param(60.0, "Time after which one more may be tried [s]", 1.0, 3600.0)


@dataclass(frozen=True, slots=True)
class StatementsParams:
    interview: InterviewParams = field(default_factory=InterviewParams)
    store: StoreParams = field(default_factory=StoreParams)
