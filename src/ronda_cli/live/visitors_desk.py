"""An operator's end of conversations with visitors: what happens in them, and what is typed."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.types.dialogue import DialogueEvent, DialogueKind, OperatorLine, OperatorVerb
from patrol_core.types.perception import place_words

HELP = """/take N    speak with visitor N yourself; then what you type is said to them
/leave     give the conversation back to the robot
/all TEXT  say TEXT in every conversation
/quit      end (also Ctrl-C)"""
_WORDS = {
    DialogueKind.OPENED: "has come",
    DialogueKind.CLOSED: "has left",
    DialogueKind.HUMAN_WANTED: "WANTS A HUMAN",
    DialogueKind.EMERGENCY: "CALLS FOR HELP",
    DialogueKind.REPORT: "reports",
    DialogueKind.STATEMENT: "has made a statement: ./ronda statements list",
    DialogueKind.DELETED: "has had a statement deleted",
    DialogueKind.NOTICE: "for you to know",
    DialogueKind.GUIDING: "is being guided",
}
_WITH_PLACE = (DialogueKind.EMERGENCY, DialogueKind.REPORT)


@dataclass(slots=True)
class VisitorsDesk:
    """Visitors have numbers in order of appearance; `who` is kept by the robot, and never told."""

    who: str
    numbers: dict[str, int] = field(default_factory=dict)
    taken: str = ""
    stamp_s: float = 0.0
    calls_s: dict[str, float] = field(default_factory=dict)

    def hear(self, event: DialogueEvent) -> str:
        """The line to be shown for an event; empty for a call that is only told again."""
        if event.kind is DialogueKind.HUMAN_WANTED:
            if self.calls_s.get(event.session_id) == event.stamp_s:
                return ""
            self.calls_s[event.session_id] = event.stamp_s
        self.stamp_s = max(self.stamp_s, event.stamp_s)
        number = self.numbers.setdefault(event.session_id, len(self.numbers) + 1)
        if event.kind is DialogueKind.CLOSED and event.session_id == self.taken:
            self.taken = ""
        if event.kind is DialogueKind.LINE:
            return f"visitor {number} ({event.language})  {event.speaker}: {event.text}"
        where = f" {place_words(event.x_m, event.y_m)}" if event.kind in _WITH_PLACE else ""
        about = f": {event.text}" if event.text else ""
        return f"visitor {number} ({event.language})  {_WORDS[event.kind]}{where}{about}"

    def typed(self, line: str) -> OperatorLine | str:
        """What a typed line says to visitors, or why it says nothing."""
        word, _, rest = line.strip().partition(" ")
        if word == "/take":
            return self._take(rest.strip())
        if word == "/all":
            return self._line(OperatorVerb.ANNOUNCE, rest, "") if rest else "to do: /all TEXT"
        if word.startswith("/") and word != "/leave":
            return f"unknown command '{word}'; to do: one of /take N, /leave, /all TEXT, /quit"
        if not self.taken:
            return "you have no conversation; to do: /take N, with the number of a visitor"
        if word == "/leave":
            session_id, self.taken = self.taken, ""
            return self._line(OperatorVerb.RELEASE, "", session_id)
        return self._line(OperatorVerb.SAY, line.strip(), self.taken)

    def _take(self, number: str) -> OperatorLine | str:
        by_number = {str(number): session_id for session_id, number in self.numbers.items()}
        if number not in by_number:
            return f"no visitor '{number}'; expected one of {', '.join(by_number) or 'none yet'}"
        self.taken = by_number[number]
        return self._line(OperatorVerb.TAKE, "", self.taken)

    def _line(self, verb: OperatorVerb, text: str, session_id: str) -> OperatorLine:
        return OperatorLine(self.stamp_s, session_id, verb, self.who, text)
