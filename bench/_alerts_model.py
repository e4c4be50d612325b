"""What states alerts must have after what was done, written down apart from the product.

New: acknowledge, resolve and reopen say what it is from then on, and end shelving; shelving hides
that for a while. A cause that is seen long after it was resolved is new again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

BECOMES = {"acknowledge": "acknowledged", "resolve": "resolved", "reopen": "new"}
VERDICTS = ("true", "false", "known")
SEEN, SEEN_LATER = "seen", "seen later"


@dataclass(slots=True)
class Deed:
    """Something done at a place. `word` is in its reason; `incident`: which it was about; `sure`:
    whether it is known to be stored, or known not to be; None: nobody has said."""

    what: str
    word: str
    incident: int
    sure: bool | None = None


@dataclass(slots=True)
class Place:
    """One cause: its incidents in order, and all that was done."""

    incidents: list[int] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)

    @property
    def open_question(self) -> bool:
        return any(deed.sure is None for deed in self.deeds)

    def standing(self) -> tuple[str, str | None, int]:
        """State, verdict, and how often it was opened again by being seen."""
        state, shelved, opened = "new", False, 0
        verdicts: list[tuple[int, str]] = []
        for deed in self.deeds:
            if not deed.sure:
                continue
            if deed.what == "shelve":
                shelved = shelved or state != "resolved"
            elif deed.what in BECOMES:
                state, shelved = BECOMES[deed.what], False
            elif deed.what == SEEN_LATER:
                if state == "resolved":
                    state, shelved, opened = "new", False, opened + 1
            elif deed.what in VERDICTS:
                verdicts.append((deed.incident, deed.what))
        ends = (self.incidents[0], self.incidents[-1])
        counted = [what for incident, what in verdicts if incident in ends]
        return "shelved" if shelved else state, counted[-1] if counted else None, opened

    def settle(self, document: dict[str, Any]) -> None:
        """Answer open questions by what an incident's history shows."""
        words = [one["why"] for one in document["history"]]
        for deed in self.deeds:
            if deed.sure is None:
                deed.sure = deed.word in words

    def faults(self, document: dict[str, Any]) -> dict[str, int]:
        """What an incident's document shows that is not so, by kind."""
        words = [one["why"] for one in document["history"] if one["who"] != "records"]
        again = len(document["history"]) - len(words)
        expected = [deed.word for deed in self.deeds if deed.sure and deed.word]
        state, verdict, opened = self.standing()
        right = (
            document["state"] == state and document["verdict"] == verdict and again == opened
            and document["count"] == len(self.incidents)
            and document["same_cause"] == self.incidents
        )  # fmt: skip
        return {
            "lost": sum(word not in words for word in expected),
            "twice": len(words) - len(set(words)),
            "unknown": len(set(words) - set(expected)),
            "wrong": not right,
        }
