"""Many conversations at once: bounds, floods, threads, and what is left of them."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.hri.dialogue_world import CAN_GUIDE, World, kinds

from patrol_core.errors import ConfigError
from patrol_core.types.dialogue import DialogueKind, OperatorLine, OperatorVerb
from patrol_hri.dialogue.memory import FILE, Memory
from patrol_hri.errors import ReceptionFullError, UnknownSessionError
from patrol_hri.intents import Intent
from patrol_hri.turn import ActKind, Speaker

TODAY = date(2026, 3, 1)


def days(now_s: float) -> date:
    return TODAY + timedelta(days=int(now_s))


def test_conversations_do_not_see_each_other() -> None:
    world = World()
    other = world.reception.open("phone", 0.0, "de")
    world.say("question")
    assert len(world.reception.lines(other)) == 1
    assert world.reception.lines(other)[0].text.startswith("[de]")
    world.reception.close(other, 1.0)
    with pytest.raises(UnknownSessionError):
        world.reception.hear(other, "thanks", 2.0)
    assert world.say("thanks").text


def test_statements_that_are_too_old_are_looked_for_every_hour() -> None:
    world = World()
    for now_s in (0.0, 100.0, 3500.0, 3700.0, 7000.0, 7400.0):
        world.reception.step(now_s)
    assert world.statements.expired_s == [0.0, 3700.0, 7400.0]


def test_a_flood_ends_those_in_which_nothing_was_said_first() -> None:
    world = World(max_sessions=4)
    world.say("thanks")
    flood = [world.reception.open("phone", 1.0 + number) for number in range(50)]
    assert world.say("thanks").text
    with pytest.raises(UnknownSessionError):
        world.reception.lines(flood[0])
    assert world.reception.lines(flood[-1])


def test_of_those_who_spoke_the_one_silent_longest_goes_first() -> None:
    world = World(max_sessions=2)
    world.say("thanks")
    second = world.reception.open("phone", 50.0)
    world.reception.hear(second, "thanks", 60.0)
    world.reception.open("phone", 70.0)
    with pytest.raises(UnknownSessionError):
        world.texts()
    assert world.reception.lines(second)


def test_nobody_in_need_is_put_out_for_another() -> None:
    world = World(max_sessions=2)
    world.say("fire!")
    second = world.reception.open("phone", 1.0)
    world.reception.hear(second, "human", 2.0)
    with pytest.raises(ReceptionFullError):
        world.reception.open("phone", 3.0)


def test_a_conversation_has_a_longest_time() -> None:
    world = World(max_age_s=600)
    for _ in range(10):
        world.say("thanks")
        world.wait(60)
    with pytest.raises(UnknownSessionError):
        world.texts()


def test_events_that_nobody_takes_are_bounded_and_alarms_stay() -> None:
    world = World(max_waiting=50)
    world.say("fire!")
    for number in range(200):
        world.reception.open("phone", float(number))
    events = world.reception.take_events()
    assert len(events) == 50
    assert sum(event.kind is DialogueKind.EMERGENCY for event in events) == 1
    assert not world.reception.take_events()
    assert kinds_of_acts(world) == [ActKind.ALERT] and not world.reception.take_acts()


def kinds_of_acts(world: World) -> list[ActKind]:
    return [act.kind for act in world.reception.take_acts()]


def test_an_announcement_goes_to_everybody() -> None:
    world = World()
    other = world.reception.open("phone", 0.0)
    line = OperatorLine(1.0, "", OperatorVerb.ANNOUNCE, "anna", "We close in ten minutes.")
    world.reception.operator(line, 1.0)
    for session in (world.session, other):
        last = world.reception.lines(session)[-1]
        assert (last.speaker, last.text) == (Speaker.OPERATOR, "We close in ten minutes.")
        assert world.reception.holder(session) is Speaker.ROBOT


def test_an_operator_of_a_conversation_that_has_ended_is_told() -> None:
    world = World()
    world.say("goodbye")
    with pytest.raises(UnknownSessionError):
        world.operator(OperatorVerb.SAY, "Wait")


def test_threads_get_what_belongs_to_them() -> None:
    world = World()
    failures: list[BaseException] = []

    def visitor(number: int) -> None:
        try:
            session = world.reception.open("phone", 0.0)
            for turn in range(20):
                world.reception.hear(session, f"sentence {number}", float(turn))
                world.reception.step(float(turn))
            said = world.reception.lines(session)
            mine = [line for line in said if line.speaker is Speaker.VISITOR]
            assert {line.text for line in mine} == {f"sentence {number}"} and len(mine) == 20
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_what_is_left_are_counts_and_no_word(tmp_path: Path) -> None:
    memory = Memory(tmp_path, 30, days)
    world = World()
    world.reception._memory = memory
    world.say("question", "my secret sentence", "goodbye")
    world.reception.save()
    day = memory.days[days(world.now_s).isoformat()]
    assert day["conversations"] == 1 and day["outcomes"] == {"goodbye": 1}
    assert day["intents"] == {"question": 1, "unknown": 1, "goodbye": 1}
    assert day["languages"] == {"en": 1} and day["front_ends"] == {"test": 1}
    assert "my secret" not in (tmp_path / FILE).read_text(encoding="utf-8")
    assert Memory(tmp_path, 30, days).days == memory.days


def test_counts_are_dropped_when_they_are_too_old(tmp_path: Path) -> None:
    memory = Memory(tmp_path, 3, days)
    for day in range(6):
        memory.count(float(day), {"thanks": 1}, "en", "left", "test")
    assert list(memory.days) == ["2026-03-04", "2026-03-05", "2026-03-06"]
    memory.step(9.0)
    assert not memory.days
    memory.write()
    assert not Memory(tmp_path, 3, days).days


def test_counts_are_written_now_and_then(tmp_path: Path) -> None:
    memory = Memory(tmp_path, 30, days)
    memory.step(0.0)
    memory.count(1.0, {}, "en", "left", "test")
    memory.step(9.0)
    assert not (tmp_path / FILE).exists()
    memory.step(10.0)
    assert (tmp_path / FILE).exists()


@pytest.mark.parametrize("content", ["", "[]", '{"days": 3}', '{"days": {"x": {}}}', "{"])
def test_a_file_that_is_no_count_is_refused_and_left_as_it_is(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="count"):
        Memory(tmp_path, 30, days)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == content


WORDS = [intent.value for intent in Intent if intent is not Intent.EMERGENCY] + [
    "way:office", "guide:gate", "guide:office", "language::de", "language::xx", "@de way:office",
    "fire!", "Yes, I agree", "That is all", "I don't know", "That is right", "I'm six",
    "ABCD-EFGH-JKLM", "{place}", "", "\ud800", "x" * 3000, "TAKE", "RELEASE", "SAY", "WAIT",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25), st.booleans())
def test_whatever_is_said_no_forbidden_act_and_every_emergency_is_told(
    said: list[str], can_guide: bool
) -> None:
    world = World()
    if can_guide:
        world.reception.set_surroundings(CAN_GUIDE)
    offered = False
    for sentence in said:
        try:
            if sentence in {"TAKE", "RELEASE", "SAY"}:
                world.operator(OperatorVerb[sentence], "words")
                offered = False
                continue
            if sentence == "WAIT":
                world.wait(61)
                continue
            is_robot = world.reception.holder(world.session) is Speaker.ROBOT
            reply = world.say(sentence)
        except UnknownSessionError:
            world.session = world.reception.open("test", world.now_s)
            offered = False
            continue
        assert reply.language in {"en", "de"}
        assert reply.text or not is_robot
        assert ActKind.ALERT in kinds(reply) if sentence == "fire!" else True
        if ActKind.GUIDE in kinds(reply):
            assert offered, "nobody is led who was not asked"
        if ActKind.STATEMENT in kinds(reply):
            assert "Yes, I agree" in said
        offered = "Shall I walk ahead" in reply.text or (
            offered and sentence in {"fire!", "repeat"}
        )
    assert len(world.statements.kept) <= said.count("Yes, I agree")
