"""An operator sees what visitors want, and speaks in the conversation that was taken."""

from __future__ import annotations

import math
from dataclasses import replace

from patrol_core.types.dialogue import DialogueEvent, DialogueKind, OperatorLine, OperatorVerb
from ronda_cli.live.visitors_desk import VisitorsDesk


def event(kind: DialogueKind, session: str = "s1", text: str = "") -> DialogueEvent:
    x_m = 3.0 if kind is DialogueKind.EMERGENCY else math.nan
    speaker = "visitor" if kind is DialogueKind.LINE else ""
    return DialogueEvent(7.0, session, kind, "de", speaker, text, x_m, x_m)


def test_every_kind_of_event_is_shown_under_the_visitors_number() -> None:
    desk = VisitorsDesk("op")
    desk.hear(event(DialogueKind.OPENED, "other"))
    shown = {kind: desk.hear(event(kind, text="words")) for kind in DialogueKind}
    assert all(line.startswith("visitor 2 (de)") for line in shown.values())
    assert shown[DialogueKind.EMERGENCY].endswith("CALLS FOR HELP at 3.0, 3.0 m: words")
    assert shown[DialogueKind.REPORT].endswith("reports place unknown: words")
    assert shown[DialogueKind.LINE].endswith("visitor: words")


def test_a_call_that_is_told_again_is_shown_once() -> None:
    desk = VisitorsDesk("op")
    assert "WANTS A HUMAN" in desk.hear(event(DialogueKind.HUMAN_WANTED))
    assert desk.hear(event(DialogueKind.HUMAN_WANTED)) == ""
    later = replace(event(DialogueKind.HUMAN_WANTED), stamp_s=9.0)
    assert "WANTS A HUMAN" in desk.hear(later)


def test_what_is_typed_goes_to_the_visitor_that_was_taken() -> None:
    desk = VisitorsDesk("op")
    desk.hear(event(DialogueKind.HUMAN_WANTED))
    assert desk.typed("/take 1") == OperatorLine(7.0, "s1", OperatorVerb.TAKE, "op", "")
    assert desk.typed("I am here\n") == OperatorLine(
        7.0, "s1", OperatorVerb.SAY, "op", "I am here"
    )
    assert desk.typed("/leave") == OperatorLine(7.0, "s1", OperatorVerb.RELEASE, "op", "")
    assert desk.typed("/all closing") == OperatorLine(
        7.0, "", OperatorVerb.ANNOUNCE, "op", "closing"
    )


def test_what_goes_nowhere_says_why() -> None:
    desk = VisitorsDesk("op")
    assert "you have no conversation" in str(desk.typed("hello"))
    assert "you have no conversation" in str(desk.typed("/leave"))
    assert "no visitor '9'" in str(desk.typed("/take 9"))
    assert "unknown command '/tak'" in str(desk.typed("/tak 1"))
    assert "/all TEXT" in str(desk.typed("/all"))


def test_a_visitor_who_has_left_is_spoken_to_no_more() -> None:
    desk = VisitorsDesk("op")
    desk.hear(event(DialogueKind.OPENED))
    desk.typed("/take 1")
    desk.hear(event(DialogueKind.CLOSED))
    assert "you have no conversation" in str(desk.typed("hello"))
