"""What was said in one conversation, and what is told of it to the operator."""

from __future__ import annotations

import math
from collections import deque

from patrol_core.types.dialogue import DialogueEvent, DialogueKind
from patrol_hri.turn import Act, ActKind, Line, Speaker

EVENTS = {
    ActKind.ALERT: DialogueKind.EMERGENCY,
    ActKind.CALL_HUMAN: DialogueKind.HUMAN_WANTED,
    ActKind.REPORT: DialogueKind.REPORT,
    ActKind.STATEMENT: DialogueKind.STATEMENT,
    ActKind.DELETE: DialogueKind.DELETED,
    ActKind.NOTICE: DialogueKind.NOTICE,
}
"""Acts that the operator hears of here; who walks with a visitor tells of that."""
RECENT, SHOWN = 20, 500
"""Lines that the operator reads when called, and characters of each."""


class Book:
    """The lines of a conversation, as many as may be remembered; they go when it goes.

    Lines are told to the operator only where `is_shared`: a human is wanted, or is there.
    """

    def __init__(self, session_id: str, most_lines: int) -> None:
        self._session_id = session_id
        self._lines: deque[Line] = deque(maxlen=most_lines)
        self._count = 0
        self._events: list[DialogueEvent] = []

    @property
    def last_s(self) -> float:
        """When something was said last."""
        return self._lines[-1].stamp_s

    def lines(self, after: int) -> tuple[Line, ...]:
        """Those with a number above `after`, oldest first."""
        return tuple(line for line in self._lines if line.number > after)

    def line(
        self, speaker: Speaker, text: str, now_s: float, language: str, is_shared: bool
    ) -> None:
        self._count += 1
        self._lines.append(Line(self._count, now_s, speaker, text))
        if is_shared:
            self._share(self._lines[-1], language)

    def share(self, language: str) -> None:
        """Tell what was said last, to a human who comes into the conversation unasked."""
        for line in list(self._lines)[-RECENT:]:
            self._share(line, language)

    def event(self, kind: DialogueKind, now_s: float, language: str, text: str = "") -> None:
        """Something without a speaker and a place."""
        self._events.append(
            DialogueEvent(now_s, self._session_id, kind, language, "", text, math.nan, math.nan)
        )

    def act(self, act: Act, language: str) -> None:
        """What was set off, as far as the operator hears of it here."""
        kind = EVENTS.get(act.kind)
        if kind is None:
            return
        text = act.text
        if act.kind is ActKind.CALL_HUMAN:
            said = (
                f"{line.speaker.value}: {line.text[:SHOWN]}"
                for line in list(self._lines)[-RECENT:]
            )
            text = "\n".join((act.text, *said))
        elif act.kind is ActKind.NOTICE:
            text = f"{act.subject}: {act.text}"
        self._events.append(
            DialogueEvent(act.stamp_s, act.session_id, kind, language, "", text, act.x_m, act.y_m)
        )

    def take_events(self) -> tuple[DialogueEvent, ...]:
        taken, self._events = tuple(self._events), []
        return taken

    def _share(self, line: Line, language: str) -> None:
        self._events.append(
            DialogueEvent(
                line.stamp_s, self._session_id, DialogueKind.LINE, language, line.speaker.value,
                line.text, math.nan, math.nan,
            )
        )  # fmt: skip
