"""A report has a place for the patrol, in three questions at most."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.hri.interviewing import ENGLISH, WORDS, understood

from patrol_hri.intents import Intent, Understood
from patrol_hri.statements.interview import Step
from patrol_hri.statements.params import InterviewParams
from patrol_hri.statements.report import Report, ReportTaking

PLACES = {"office": (-34.5, 9.0)}
OUTLINE = ((-50.0, -40.0), (50.0, -40.0), (50.0, 40.0), (-50.0, 40.0))
BAG = "There is a big bag without anybody near it"


def taking() -> ReportTaking:
    return ReportTaking(WORDS, PLACES, OUTLINE, InterviewParams())


def tell(*texts: str | tuple[str, str], robot: tuple[float, float] = (3.0, 4.0)) -> Step:
    """All that is said, after the first that reports; with the place that a text names."""
    report, step = taking(), None
    for told in texts:
        text, place_id = (told, "") if isinstance(told, str) else told
        taken = understood(text, place_id=place_id)
        if step is None:
            step = report.begin(text, taken, 5.0, "en", *robot)
        else:
            step = report.hear(text, taken, 6.0)
    assert step is not None
    return step


def keys(step: Step) -> list[str]:
    return [key for key, _ in step.say]


def result(step: Step) -> Report:
    assert step.done and isinstance(step.result, Report)
    return step.result


@pytest.mark.parametrize("opening", ["I want to report something suspicious.", "report"])
def test_what_where_and_when_are_asked(opening: str) -> None:
    assert keys(tell(opening)) == ["report_ask_what"]
    assert keys(tell(opening, BAG)) == ["report_ask_where"]
    assert keys(tell(opening, BAG, ("at the office", "office"))) == ["report_ask_when"]
    step = tell(opening, BAG, ("at the office", "office"), "Just now")
    assert keys(step) == ["report_thanks"]
    assert result(step) == Report(
        6.0, "en", BAG, "at the office", "Just now", "office", -34.5, 9.0
    )
    assert result(step).text == f"{BAG} / at the office / Just now"


def test_what_is_told_at_once_is_not_asked() -> None:
    step = tell(("Ten minutes ago there was a strange man at the office", "office"))
    assert step.done and (result(step).x_m, result(step).y_m) == (-34.5, 9.0)


def test_what_tells_when_is_not_repeated() -> None:
    step = tell("report", f"{BAG}, since yesterday", ("at the office", "office"))
    assert result(step).text == f"{BAG}, since yesterday / at the office"


def test_a_bus_stop_is_a_place() -> None:
    assert keys(tell("report", BAG, "bus stop")) == ["report_ask_where_map"]


def test_a_place_in_the_opening_is_kept() -> None:
    assert keys(tell(("I want to report something at the office", "office"))) == [
        "report_ask_what"
    ]
    opened = ("I want to report something at the office", "office")
    assert keys(tell(opened, BAG)) == ["report_ask_when"]


def test_here_is_where_the_robot_is_but_over_there_is_asked() -> None:
    step = tell("report", BAG, "right here", "Just now")
    assert (result(step).x_m, result(step).y_m) == (3.0, 4.0)
    step = tell("report", BAG, "behind me, over there")
    assert keys(step) == ["report_ask_where_map"]
    step = tell("report", BAG, "behind me, over there", "12.5, -3.0")
    assert (result(step).x_m, result(step).y_m) == (12.5, -3.0)
    assert result(step).where == "behind me, over there" and result(step).place_id == ""


def test_words_that_name_no_place_are_kept_as_words() -> None:
    step = tell("report", BAG, "by the old oak", "well, the oak")
    assert result(step).where == "by the old oak; well, the oak"
    assert math.isnan(result(step).x_m) and result(step).when == ""


def test_who_does_not_know_is_not_asked_again() -> None:
    assert keys(tell("report", BAG, "I don't know")) == ["report_ask_when"]
    step = tell("report", BAG, "I don't know", "I don't know")
    assert math.isnan(result(step).x_m)


def test_here_is_asked_where_the_robot_does_not_know_its_place() -> None:
    step = tell("report", BAG, "right here", robot=(math.nan, math.nan))
    assert keys(step) == ["report_ask_where_map"]


def test_what_lies_outside_the_site_is_said() -> None:
    step = tell("report", BAG, "500, 3")
    assert keys(step) == ["report_outside", "report_ask_where_map"]


def test_it_can_be_stopped_and_taken_up_again() -> None:
    for stop in ("stop", "Stop, report nothing", "bye"):
        step = tell("report", BAG, stop)
        assert step.done and step.result is None and keys(step) == ["report_stopped"]
    report = taking()
    report.begin("report", understood("report"), 5.0, "en")
    assert keys(report.resume()) == ["report_resume", "report_ask_what"]


def test_thanks_promise_nothing() -> None:
    thanks = ENGLISH["report_thanks"].casefold()
    assert not any(word in thanks for word in ("will come", "promise", "be sure", "we will"))


@settings(max_examples=60, deadline=None)
@given(
    said=st.lists(
        st.tuples(
            st.one_of(st.text(max_size=40), st.sampled_from(
                ["1e9, 3", "99999, 99999", "-0, -0", "here", "there", "\ud800", "x" * 5000])),
            st.sampled_from(Intent), st.sampled_from(["", "office", "nowhere"]),
        ),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_any_text_is_borne_and_three_questions_are_the_most(
    said: list[tuple[str, Intent, str]],
) -> None:
    report = taking()
    asked: list[Step] = []
    for number, (text, intent, place_id) in enumerate(said):
        taken = Understood(intent, 0.5, "en", place_id)
        step = report.hear(text, taken, 6.0) if number else report.begin(text, taken, 5.0, "en")
        assert set(step.choices) | {*keys(step)} <= set(ENGLISH)
        if not step.done and report._prompt not in asked:
            asked.append(report._prompt)
        if isinstance(step.result, Report):
            assert len(step.result.text) <= 4100
            step.result.text.encode()
    assert len(asked) <= 3
