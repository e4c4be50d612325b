"""Moves about places: the way there, and walking ahead."""

from __future__ import annotations

from patrol_core.site.visitors import VisitorPlace
from patrol_hri.dialogue.authority import State
from patrol_hri.dialogue.care import answer, not_known
from patrol_hri.dialogue.talk import Answered, Choice, Turn
from patrol_hri.intents import Intent, Understood
from patrol_hri.turn import ActKind

HERE_M = 5.0
"""Nearer than this nobody has to be led."""


def way(turn: Turn) -> Answered:
    """The way to the place that was named; else asks to which."""
    place = turn.place(turn.heard.understood.place_id)
    return _which(turn) if place is None else _tell(turn, place)


def offer_guide(turn: Turn) -> Answered:
    """Asks whether to walk ahead; where it cannot walk now, it tells the way instead."""
    talk, understood = turn.talk, turn.heard.understood
    place = turn.place(understood.place_id or talk.place_id)
    if place is None:
        return _which(turn)
    if not turn.heard.around.can_guide:
        return _instead(turn, place)
    talk.place_id = place.place_id
    text = talk.say("walk_offer", place=_name(turn, place))
    return Answered(text, State.OFFERED_GUIDE, talk.yes_no())


def start_guide(turn: Turn) -> Answered:
    """Yes: it walks ahead, to the place that it offered and to no other."""
    talk, heard = turn.talk, turn.heard
    place = turn.place(talk.place_id)
    if place is None or heard.understood.place_id not in {"", place.place_id}:
        return offer_guide(turn)
    if not heard.around.can_guide:
        return _instead(turn, place)
    talk.place_id = place.place_id
    talk.guided_s = heard.now_s
    act = talk.act(ActKind.GUIDE, heard, place.place_id, at_m=place.at_m)
    choices = (talk.choice("choice_stop"),)
    text = talk.say("walk_start", place=_name(turn, place))
    return Answered(text, State.GUIDING, choices, (act,))


def stay_on_guide(turn: Turn) -> Answered:
    """Already walking: the way to another place comes after this one."""
    talk = turn.talk
    return Answered(talk.say("walk_already"), choices=(talk.choice("choice_stop"),))


def stop(turn: Turn) -> Answered:
    """The end of a guided walk; else nothing goes on that a visitor could stop."""
    talk = turn.talk
    if talk.guided_s is None:
        return Answered(talk.say("stop"))
    talk.guided_s = None
    act = talk.act(ActKind.STOP_GUIDE, turn.heard)
    return Answered(talk.say("walk_stopped"), acts=(act,))


def _tell(turn: Turn, place: VisitorPlace) -> Answered:
    """The way in words and drawn; where there is none, what the site tells about the place."""
    talk, heard = turn.talk, turn.heard
    talk.place_id = place.place_id
    pose, found = heard.around.pose, None
    if turn.mind.wayfinder is not None and pose is not None:
        found = turn.mind.wayfinder.way(
            (pose.x_m, pose.y_m), place.place_id, talk.language, talk.step_free,
            robot_yaw_rad=pose.yaw_rad, local_time=turn.mind.local_time(heard.now_s),
        )  # fmt: skip
    if found is None:
        return answer(turn)
    source = f"visitors.yaml:{place.line} places/{place.place_id}"
    if found.length_m < HERE_M:
        return Answered("\n".join(found.steps), source=source, way=found)
    text = "\n".join((talk.say("way_intro", place=_name(turn, place)), *found.steps))
    may_guide = heard.around.can_guide and talk.guided_s is None
    choices = (talk.choice("choice_guide"),) if may_guide else ()
    return Answered(text, choices=choices, source=source, way=found)


def _instead(turn: Turn, place: VisitorPlace) -> Answered:
    told = _tell(turn, place)
    text = f"{turn.talk.say('walk_cannot')}\n{told.text}"
    return Answered(text, source=told.source, way=told.way, language=told.language)


def _which(turn: Turn) -> Answered:
    """Asks which place; a sentence in answer to that which names none is not understood."""
    talk, intent = turn.talk, turn.heard.intent
    visitors = turn.mind.visitors
    if visitors is None or not visitors.places:
        return not_known(turn)
    if talk.state is State.WHICH_PLACE:
        if intent is Intent.QUESTION:
            return answer(turn)
        if talk.failures:
            return not_known(turn)
    wanted = intent if intent is Intent.GUIDE else Intent.WAY
    code = talk.language.code
    choices = tuple(
        Choice(_name(turn, place), Understood(wanted, 1.0, code, place.place_id))
        for place in visitors.places[: talk.params.max_choices]
    )
    again = talk.state is State.WHICH_PLACE
    text = talk.say("way_which_again" if again else "way_which")
    return Answered(text, State.WHICH_PLACE, choices, failed=again)


def _name(turn: Turn, place: VisitorPlace) -> str:
    """Its name in the visitor's language, else in the site's."""
    own = turn.mind.visitors.language if turn.mind.visitors else ""
    return place.names.get(turn.talk.language.code) or place.names[own]
