"""Conversations of one visitor, on drawn parts."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.hri.dialogue_world import ENGLISH, POSE, VISITORS, Statements, World, kinds, text

from patrol_core.types.dialogue import DialogueKind, OperatorVerb
from patrol_hri.dialogue import authority
from patrol_hri.dialogue.care import KINDS
from patrol_hri.dialogue.mind import Surroundings
from patrol_hri.errors import UnknownSessionError
from patrol_hri.intents import Intent
from patrol_hri.turn import ActKind, Speaker


def test_the_first_words_say_what_it_is() -> None:
    first = World().texts()[0]
    for word in ("machine", "security", "records", "help"):
        assert word in first


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("greeting", "greeting"), ("help", "help"), ("who_are_you", "who"), ("stop", "stop"),
        ("thanks", "thanks"), ("goodbye", "goodbye"), ("command", "command"), ("yes", "ask_what"),
        ("secret", "secret"), ("no", "never_mind"), ("way", "way_which"), ("??", "unknown"),
    ],
)  # fmt: skip
def test_plain_answers(sentence: str, key: str) -> None:
    reply = World().say(sentence)
    assert reply.text == text(key) and reply.language == "en" and not reply.acts
    assert reply.ends == (key == "goodbye")


def test_what_is_recorded_is_told_with_the_numbers_of_the_site() -> None:
    told = World().say("what_is_recorded").text
    assert "14 days" in told and "30 days" in told


def test_a_question_is_answered_with_its_source() -> None:
    reply = World().say("question")
    assert reply.text == "We open at 8." and reply.source == "visitors.yaml:2 opening_hours"


def test_the_way_and_then_the_walk_only_when_the_visitor_agrees() -> None:
    world = World()
    reply = world.say("way:office")
    assert reply.way is not None and reply.way.place_id == "office" and "Go." in reply.text
    assert reply.source == "visitors.yaml:3 places/office" and not reply.acts
    offer = world.say(reply.choices[0])
    assert offer.text == text("walk_offer", {"place": "Office"}) and not offer.acts
    start = world.say("yes")
    assert kinds(start) == [ActKind.GUIDE] and start.acts[0].subject == "office"
    assert world.say("guide:gate").text == text("walk_already")
    assert kinds(world.say("question")) == []
    assert kinds(world.say("stop")) == [ActKind.STOP_GUIDE]
    assert kinds(world.say("stop")) == []


def test_no_walk_without_a_yes_or_when_it_cannot_walk() -> None:
    world = World()
    assert not world.say("guide:office", "no").acts and not world.say("yes").acts
    world.reception.set_surroundings(Surroundings(POSE))
    reply = world.say("guide:office")
    assert reply.text.startswith(text("walk_cannot")) and reply.way is not None
    assert not world.say("yes").acts


def test_a_walk_that_is_over_is_told_and_one_that_goes_on_is_not() -> None:
    world = World()
    world.say("guide:office", "yes")
    world.reception.set_surroundings(Surroundings(POSE, False, world.session))
    world.wait(200)
    assert world.texts()[-1].startswith("All right, I will walk")
    world.reception.set_surroundings(Surroundings(POSE, True))
    world.wait(1)
    assert world.texts()[-1] == text("walk_over") and not world.say("stop").acts


def test_which_place_is_asked_and_may_be_touched() -> None:
    world = World()
    asked = world.say("way")
    assert asked.choices == ("Office", "Main gate")
    reply = world.say("main gate")
    assert reply.way is not None and reply.way.place_id == "gate"
    unclear = world.say("way", "??")
    assert unclear.text == text("way_which_again") and unclear.choices
    assert kinds(world.say("??")) == [ActKind.CALL_HUMAN]


def test_two_failures_in_a_row_fetch_a_human_and_one_that_is_mended_does_not() -> None:
    world = World()
    assert world.say("??", "thanks", "??").text == text("unknown")
    assert kinds(world.say("??")) == [ActKind.CALL_HUMAN]
    assert kinds(world.say("??")) == [] and kinds(world.say("human")) == []


def test_languages_change_in_mid_dialogue() -> None:
    world = World()
    assert world.say("@de thanks").text.startswith("[de]")
    assert world.say("help").language == "de"
    assert world.say("English").text == text("language_now")
    assert world.say("language::de").text.startswith("[de]")
    unknown = world.say("language::tlh")
    assert unknown.choices == ("English", "Deutsch") and "Deutsch" in unknown.text
    assert world.say("English").language == "en"


def test_an_answer_is_said_again_with_all_that_belongs_to_it() -> None:
    world = World()
    first, again = world.say("way:office"), world.say("repeat")
    assert (again.text, again.way, again.source) == (first.text, first.way, first.source)
    assert not world.say("guide:office", "yes", "repeat").acts
    assert World().say("repeat").text == text("help")


def test_a_lost_child_fetches_a_human_and_is_not_described() -> None:
    world = World()
    reply = world.say("lost_child")
    assert kinds(reply) == [ActKind.CALL_HUMAN] and "others can hear" in reply.text


def test_who_says_to_be_a_child_hears_simpler_words() -> None:
    world = World()
    reply = world.say("Hello, I'm six")
    assert kinds(reply) == [ActKind.CALL_HUMAN] and reply.text == text("lost_child_child")
    assert world.say("who_are_you").text == text("who_child")
    assert kinds(World().say("I am six minutes late")) == []


def test_complaints_and_lost_things_are_passed_on_as_they_are() -> None:
    world = World()
    assert world.say("complaint").text == text("note_complaint")
    act = world.say("The gate was shut, and nobody helped me").acts[0]
    assert (act.kind, act.subject) == (ActKind.NOTICE, "complaint")
    assert act.text == "The gate was shut, and nobody helped me"
    assert world.say("lost_property").text == text("note_lost_property")
    assert not world.say("stop").acts


def test_the_second_insult_ends_it_calmly() -> None:
    world = World()
    assert world.say("insult").text == text("insult_first")
    reply = world.say("insult")
    assert reply.ends and kinds(reply) == [ActKind.NOTICE]
    with pytest.raises(UnknownSessionError):
        world.say("thanks")


@pytest.mark.parametrize(
    "before",
    [(), ("way",), ("guide:office",), ("guide:office", "yes"), ("??",), ("report",),
     ("statement",), ("statement", "Yes, I agree"), ("complaint",), ("delete_my_data",)],
)  # fmt: skip
def test_an_emergency_comes_first_and_what_was_begun_goes_on(before: tuple[str, ...]) -> None:
    world = World()
    if before:
        world.say(*before)
    reply = world.say("there is a fire! quick")
    assert reply.intent is Intent.EMERGENCY and reply.text == text("emergency_fire")
    (act,) = reply.acts
    assert (act.kind, act.subject, act.text) == (ActKind.ALERT, "fire", "there is a fire! quick")
    assert (act.x_m, act.y_m) == (POSE.x_m, POSE.y_m)
    if before[:1] == ("statement",):
        assert world.say("I saw a man at the fence").text != text("unknown")


def test_who_tells_of_an_emergency_hears_the_number_of_the_site() -> None:
    reply = World(visitors=replace(VISITORS, emergency_number="112")).say("fire!")
    number = ENGLISH.say("emergency_number", number="112")
    assert reply.text == f"{text('emergency_fire')} {number}" and "112" in number


def test_a_question_that_may_be_meant_is_offered_once_and_means_itself() -> None:
    world = World()
    reply = world.say("wify")
    assert reply.text == text("did_you_mean") and reply.source == ""
    assert reply.choices == ("Is there Wi-Fi?", text("choice_human"))
    answer = world.say("Is there Wi-Fi?")
    assert answer.intent is Intent.QUESTION and answer.source.startswith("visitors.yaml")
    assert kinds(world.say("wify", "wify")) == [ActKind.CALL_HUMAN]


def test_an_emergency_is_told_though_a_human_has_the_conversation() -> None:
    world = World()
    world.operator(OperatorVerb.TAKE)
    assert kinds(world.say("fire!")) == [ActKind.ALERT]
    assert world.reception.holder(world.session) is Speaker.OPERATOR


def test_a_human_takes_over_and_gives_back() -> None:
    world = World()
    assert kinds(world.say("human")) == [ActKind.CALL_HUMAN]
    world.operator(OperatorVerb.TAKE)
    assert world.texts()[-1] == text("human_now")
    silent = world.say("open the gate please")
    assert silent.text == "" and not silent.acts
    world.operator(OperatorVerb.SAY, "I am coming.")
    assert [line.speaker for line in world.reception.lines(world.session)][-2:] == [
        Speaker.VISITOR, Speaker.OPERATOR,
    ]  # fmt: skip
    world.operator(OperatorVerb.RELEASE)
    assert world.texts()[-1] == text("human_gone") and world.say("thanks").text == text("thanks")
    told = [event for event in world.reception.take_events() if event.kind is DialogueKind.LINE]
    assert [event.speaker for event in told[-4:]] == ["robot", "visitor", "operator", "robot"]


def test_the_operator_reads_what_was_said_when_called() -> None:
    world = World()
    world.say("question", "human")
    called = [e for e in world.reception.take_events() if e.kind is DialogueKind.HUMAN_WANTED]
    assert "visitor: question" in called[0].text and "We open at 8." in called[0].text


def test_nobody_comes_is_said_with_what_else_to_do() -> None:
    world = World()
    world.say("human")
    world.wait(59)
    assert world.texts()[-1] == text("human_called")
    world.wait(1)
    assert world.texts()[-1].startswith(text("human_nobody"))
    assert "Desk: at the gate" in world.texts()[-1]
    assert kinds(world.say("human")) == [ActKind.CALL_HUMAN]


def test_an_operator_who_falls_silent_gives_it_back() -> None:
    world = World()
    world.operator(OperatorVerb.TAKE)
    world.say("hello?")
    world.wait(60)
    assert world.texts()[-1].startswith(text("human_silent"))
    assert world.reception.holder(world.session) is Speaker.ROBOT


def test_an_interview_goes_on_after_a_human_has_left() -> None:
    world = World()
    world.say("statement", "Yes, I agree", "A man climbed over the fence and ran away")
    world.operator(OperatorVerb.TAKE)
    world.operator(OperatorVerb.RELEASE)
    assert text("statement_resume") in world.texts()[-1]
    assert world.say("That is all").text != text("unknown")


def test_silence_is_asked_about_once_and_then_ends_it() -> None:
    world = World()
    world.wait(89)
    assert len(world.texts()) == 1
    world.wait(1)
    assert world.texts()[-1] == text("still_there")
    world.wait(89)
    assert len(world.texts()) == 2
    world.wait(1)
    with pytest.raises(UnknownSessionError):
        world.texts()


def test_a_statement_is_kept_with_a_receipt_and_deleted_by_it() -> None:
    statements = Statements()
    world = World(statements)
    assert not statements.kept
    world.say("statement", "Yes, I agree", "A man climbed over the fence and ran away")
    reply = world.say("That is all")
    for _ in range(8):
        if text("choice_statement_right") in reply.choices:
            break
        reply = world.say(text("choice_statement_unknown"))
    done = world.say(text("choice_statement_right"))
    assert kinds(done) == [ActKind.STATEMENT] and len(statements.kept) == 1
    receipt = next(iter(world.statements.kept))
    receipt = "-".join(receipt[start : start + 4] for start in (0, 4, 8))
    assert receipt in done.text
    assert not any(receipt in event.text for event in world.reception.take_events())
    world.say("delete_my_data")
    assert world.say("ABCD-EFGH-JKLM").text == text("receipt_unknown")
    gone = world.say(f"It is {receipt.lower()}")
    assert gone.text == text("receipt_deleted") and kinds(gone) == [ActKind.DELETE]
    assert not statements.kept


def test_a_statement_without_consent_keeps_nothing() -> None:
    world = World()
    assert not world.say("statement", "No, I do not agree", "yes").acts
    assert not world.statements.kept


def test_a_report_names_the_place_and_the_words() -> None:
    world = World()
    reply = world.say("report")
    for answer in ("a bag without an owner", "way:office", "just now"):
        reply = world.say(answer)
    (act,) = reply.acts
    assert act.kind is ActKind.REPORT and "a bag without an owner" in act.text
    assert (act.x_m, act.y_m) == (10.0, 0.0)


def test_a_human_is_called_in_the_middle_of_a_statement_and_no_sentence_is_lost() -> None:
    world = World()
    world.say("statement", "Yes, I agree")
    reply = world.say("human")
    assert kinds(reply) == [ActKind.CALL_HUMAN]
    assert text("statement_listening") in reply.text


def test_without_a_pose_the_site_tells_the_place_and_alarms_have_none() -> None:
    world = World()
    world.reception.set_surroundings(Surroundings())
    assert world.say("way:office").way is None
    assert math.isnan(world.say("fire!").acts[0].x_m)


def test_what_another_part_says_is_a_line_of_the_robot() -> None:
    world = World()
    world.reception.tell(world.session, "Here we are.", 5.0)
    assert world.texts()[-1] == "Here we are."


def test_in_the_middle_of_a_statement_the_language_may_change() -> None:
    world = World()
    world.say("statement", "Yes, I agree")
    assert world.say("Deutsch").text.startswith("[de]")
    assert world.say("repeat").text.startswith("[de]")
    assert not world.statements.kept


def test_what_is_said_is_cleaned_and_cut() -> None:
    world = World()
    world.say("a\x00\ud800b" + "x" * 5000)
    said = world.reception.lines(world.session)[1].text
    assert said.startswith("abx") and len(said) == 2000
    said.encode()


def test_every_sentence_of_the_dialogue_has_words() -> None:
    folder = Path(authority.__file__).parent
    code = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    keys = set(re.findall(r"(?:say|choice|_plain|_go_on|_what_else)\(\s*\"(\w+)\"", code))
    keys |= {f"emergency_{kind}" for kind in KINDS}
    assert len(keys) > 40 and keys <= set(ENGLISH.texts)
    simpler = {key for key in ENGLISH.texts if key.endswith("_child")} - {"lost_child"}
    assert {key.removesuffix("_child") for key in simpler} <= set(ENGLISH.texts)


def test_nothing_of_a_conversation_is_left_when_it_has_ended() -> None:
    world = World()
    world.say("remember the green quorvex", "question", "goodbye")
    world.reception.take_events()
    world.reception.take_acts()
    kept = {**vars(world.reception), **vars(world.memory)}
    assert "quorvex" not in repr(kept) and world.session not in repr(kept)
