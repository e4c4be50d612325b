"""Taking a report of something suspicious: what, where, when, in three questions at most."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from patrol_core.geometry import Points
from patrol_hri.intents import Intent, Understood
from patrol_hri.statements.interview import Say, Step
from patrol_hri.statements.params import InterviewParams
from patrol_hri.statements.words import Cue, Words, is_brief, own_words
from patrol_hri.understanding.text import tokens

STOP, UNKNOWN, NOW = "choice_report_stop", "choice_report_unknown", "choice_report_now"
_TELLS = 4  # words beyond the opening that make it a report
_PLACE = 2  # ... of which the name of a place takes so many
_POINT = re.compile(r"\s*(-?\d{1,5}(?:\.\d{1,3})?)\s*[,;]\s*(-?\d{1,5}(?:\.\d{1,3})?)\s*")


@dataclass(frozen=True, slots=True)
class Report:
    """Something to look at, in the words of who saw it.

    `told_s`: as `now_s` of what was heard. `place_id` of the site, or empty; `x_m`, `y_m` in
    `map`, NaN where the words name no place. `where`, `when`: answers, empty where `what` tells
    it or nothing was said.
    """

    told_s: float
    language: str
    what: str
    where: str
    when: str
    place_id: str
    x_m: float
    y_m: float

    @property
    def text(self) -> str:
        """All the words in one line, for the operator."""
        return " / ".join(part for part in (self.what, self.where, self.when) if part)


class ReportTaking:
    """One report. A state machine without a clock or chance.

    `places`: where each place of the site is, in `map` (`Visitors.places`); `outline_m`: the
    site's, what lies outside is not patrolled. A place may also be touched on a map: the front end
    says its coordinates, "12.5, -3.0".
    """

    def __init__(
        self,
        words: Words,
        places: Mapping[str, tuple[float, float]],
        outline_m: Points,
        params: InterviewParams,
    ) -> None:
        self._words = words
        self._places = places
        self._outline = shapely.Polygon(outline_m)
        self._params = params
        self._language = ""
        self._robot = (math.nan, math.nan)
        self._said = {"what": "", "where": "", "when": ""}
        self._when_told = False
        self._place_id = ""
        self._point = (math.nan, math.nan)
        self._asking = ""
        self._questions = 0
        self._where_asked = 0
        self._prompt = Step((), done=True)

    def begin(
        self,
        text: str,
        understood: Understood,
        now_s: float,
        language: str,
        x_m: float = math.nan,
        y_m: float = math.nan,
    ) -> Step:
        """Begin with the sentence that reported, which may tell all already. `language`: of the
        conversation; `x_m`, `y_m`: where the robot stands, in `map`.
        """
        self._language, self._robot = language, (x_m, y_m)
        words = len(tokens(self._words.without_opening(text)))
        if words >= _TELLS + (_PLACE if understood.place_id else 0):
            return self._take("what", text, understood, now_s)
        if understood.place_id:
            self._locate(text, understood)
        return self._next(now_s)

    def resume(self) -> Step:
        """Take it up again after something else came between."""
        if self._prompt.done:
            return self._prompt
        return Step((("report_resume", {}), *self._prompt.say), self._prompt.choices)

    def hear(self, text: str, understood: Understood, now_s: float) -> Step:
        """The next step after a message. Never raises, whatever the text."""
        if self._prompt.done:
            return self._prompt
        if not own_words(text, self._params.max_message_chars)[0]:
            return self._prompt
        ends = {Intent.GOODBYE} if self._asking == "where" else {Intent.GOODBYE, Intent.STOP}
        leaves = understood.intent in ends and is_brief(text)  # where: "bus stop" is a place
        if leaves or self._words.says(text, Cue.STOP) or self._words.chosen(text, (STOP,)):
            self._prompt = Step((), done=True)
            return Step((("report_stopped", {}),), done=True)
        return self._take(self._asking, text, understood, now_s)

    def _take(self, part: str, text: str, understood: Understood, now_s: float) -> Step:
        said, is_cut = own_words(text, self._params.max_message_chars)
        if part != "where" or not self._said["where"]:
            self._said[part] = said
        elif not _POINT.fullmatch(said):
            self._said["where"] += f"; {said}"
        languages = {self._language, understood.language}
        outside = part in {"what", "where"} and not self._locate(said, understood)
        self._when_told |= part == "when" or self._words.mentions(said, Cue.WHEN, languages)
        step = self._next(now_s)
        first: tuple[Say, ...] = (("report_outside", {}),) if outside and not step.done else ()
        if is_cut and not step.done:
            first = (("report_cut", {"characters": self._params.max_message_chars}), *first)
        return Step((*first, *step.say), step.choices, step.done, step.result)

    def _locate(self, said: str, understood: Understood) -> bool:
        """Take a place from the words if they tell one; False if it lies outside the site."""
        touched = _POINT.fullmatch(said)
        if touched:
            x_m, y_m = float(touched[1]), float(touched[2])
            if not self._outline.covers(shapely.Point(x_m, y_m)):
                return False
            self._point, self._place_id = (x_m, y_m), ""
            return True
        if understood.place_id in self._places:
            self._place_id, self._point = understood.place_id, self._places[understood.place_id]
        elif self._is_here(said, understood):
            self._point = self._robot
        return True

    def _is_here(self, said: str, understood: Understood) -> bool:
        languages = {self._language, understood.language}
        return self._words.mentions(said, Cue.HERE, languages) and not self._words.mentions(
            said, Cue.AWAY, languages
        )

    def _next(self, now_s: float) -> Step:
        if self._questions < self._params.max_questions:
            if not self._said["what"]:
                return self._ask("what", "report_ask_what", (STOP,))
            if math.isnan(self._point[0]) and self._where_asked < 2 and not self._gave_up():
                again = self._where_asked > 0 or bool(self._said["where"])
                self._where_asked += 1
                key = "report_ask_where_map" if again else "report_ask_where"
                return self._ask("where", key, (UNKNOWN, STOP))
            if not self._when_told:
                return self._ask("when", "report_ask_when", (NOW, UNKNOWN, STOP))
        report = Report(
            now_s, self._language, self._said["what"], self._said["where"], self._said["when"],
            self._place_id, *self._point,
        )  # fmt: skip
        self._prompt = Step((), done=True)
        return Step((("report_thanks", {}),), done=True, result=report)

    def _gave_up(self) -> bool:
        """Whether who reports does not know where: they are not asked again."""
        where = self._said["where"]
        return self._words.says(where, Cue.UNKNOWN) or bool(self._words.chosen(where, (UNKNOWN,)))

    def _ask(self, part: str, key: str, choices: tuple[str, ...]) -> Step:
        self._asking = part
        self._questions += 1
        self._prompt = Step(((key, {}),), choices)
        return self._prompt
