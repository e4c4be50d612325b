"""A reception on drawn parts: sentences name their intent, so that nothing is left to chance.

"way:office" is a sentence with the intent WAY and the place `office`; "language::de" asks for a
language; "@de thanks" is said in German. All other words are UNKNOWN; "fire!" is an emergency.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from patrol_core.geometry import Pose2
from patrol_core.site.model import Retention
from patrol_core.site.visitors import VisitorContact, VisitorPlace, Visitors
from patrol_core.types.dialogue import OperatorLine, OperatorVerb
from patrol_hri.dialogue.children import ChildWords
from patrol_hri.dialogue.memory import Memory, site_date
from patrol_hri.dialogue.mind import Mind, Surroundings
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.dialogue.reception import Reception
from patrol_hri.emergency import Emergency
from patrol_hri.intents import Intent, Understood
from patrol_hri.knowledge import Answer
from patrol_hri.languages.catalogue import FOLDER, Language, load_languages
from patrol_hri.statements.params import InterviewParams
from patrol_hri.statements.receipt import new_receipt
from patrol_hri.statements.statement import Statement
from patrol_hri.statements.words import Words, load_cues
from patrol_hri.turn import ActKind, Reply, Way

ENGLISH = load_languages()["en"]
GERMAN = Language(
    "de", "Deutsch", "ltr", {}, {}, {k: f"[de] {v}" for k, v in ENGLISH.texts.items()}
)
LANGUAGES = {"en": ENGLISH, "de": GERMAN}
CHILDREN = ChildWords()
WORDS = Words(load_cues(FOLDER), {"en": ENGLISH.texts, "de": GERMAN.texts})
POSE = Pose2(1.0, 2.0, 0.5)
CAN_GUIDE = Surroundings(POSE, can_guide=True)


def place(place_id: str, name: str, x_m: float) -> VisitorPlace:
    return VisitorPlace(place_id, {"en": name}, (x_m, 0.0), {"en": "It is there."}, {}, True, 3)


VISITORS = Visitors(
    "en", (), (), (place("office", "Office", 10.0), place("gate", "Main gate", 20.0)),
    (VisitorContact("desk", {"en": "Desk"}, {"en": "all"}, {"en": "at the gate"}, 9),),
    (), (), 1,
)  # fmt: skip


class Understander:
    """Reads the intent off the sentence."""

    def understand(self, text: str, language: str) -> Understood:
        code, _, said = text[1:].partition(" ") if text.startswith("@") else (language, "", text)
        intent, _, rest = said.partition(":")
        place_id, _, wanted = rest.partition(":")
        known = intent in {i.value for i in Intent}
        slots = {"language": wanted} if wanted else {}
        found = Intent(intent) if known else Intent.UNKNOWN
        return Understood(found, 1.0, code, place_id if known else "", slots=slots)


class Emergencies:
    def detect(self, text: str) -> Emergency | None:
        return Emergency("fire", "en", "fire!") if "fire!" in text else None


class Knowledge:
    def answer(
        self, text: str, understood: Understood, language: str, local_time: tuple[int, int]
    ) -> Answer | None:
        known = understood.intent is Intent.QUESTION
        return Answer("We open at 8.", "visitors.yaml:2 opening_hours", "en") if known else None

    def near(
        self, text: str, understood: Understood, language: str
    ) -> tuple[tuple[str, Understood], ...]:
        asked = Understood(Intent.QUESTION, 1.0, language, question_id="wifi")
        return (("Is there Wi-Fi?", asked),) if "wify" in text else ()


class Ways:
    def way(
        self, start_m: tuple[float, float], place_id: str, language: Language,
        step_free: bool = False, *, robot_yaw_rad: float | None = None,
        local_time: tuple[int, int] | None = None,
    ) -> Way | None:  # fmt: skip
        return Way(place_id, np.array([start_m, (9.0, 9.0)]), 12.0, 10.0, step_free, ("Go.",))


@dataclass
class Statements:
    """Keeps them in a dictionary, by receipt."""

    kept: dict[str, Statement] = field(default_factory=dict)
    expired_s: list[float] = field(default_factory=list)

    def put(self, statement: Statement, now_s: float) -> str:
        receipt = new_receipt(lambda count: bytes([len(self.kept)] * count))
        self.kept[receipt.replace("-", "")] = statement
        return receipt

    def delete(self, receipt: str, now_s: float) -> bool:
        return self.kept.pop(receipt, None) is not None

    def expire(self, now_s: float) -> int:
        self.expired_s.append(now_s)
        return 0


class World:
    """A reception with one visitor, and a clock."""

    def __init__(
        self,
        statements: Statements | None = None,
        visitors: Visitors = VISITORS,
        **params: int,
    ) -> None:
        self.statements = statements or Statements()
        self.mind = Mind(
            LANGUAGES, Understander(), Emergencies(), CHILDREN, Knowledge(), Ways(),
            self.statements, visitors, WORDS, InterviewParams(),
            ((-50.0, -50.0), (50.0, -50.0), (50.0, 50.0), (-50.0, 50.0)),
            Retention(30, 14, 7), lambda now_s: (0, 0),
        )  # fmt: skip
        self.memory = Memory(None, 30, site_date("UTC"))
        ids = (f"talk{number}" for number in itertools.count(1))
        self.reception = Reception(
            self.mind,
            DialogueParams(**params),
            lambda: next(ids),
            self.memory,
        )
        self.reception.set_surroundings(CAN_GUIDE)
        self.now_s = 0.0
        self.session = self.reception.open("test", self.now_s)

    def say(self, *sentences: str) -> Reply:
        """Several in a row, a second apart: the last reply."""
        for sentence in sentences:
            self.now_s += 1.0
            reply = self.reception.hear(self.session, sentence, self.now_s)
        return reply

    def wait(self, seconds: float) -> None:
        """With a step each second."""
        for _ in range(int(seconds)):
            self.now_s += 1.0
            self.reception.step(self.now_s)

    def operator(self, verb: OperatorVerb, text: str = "") -> None:
        line = OperatorLine(self.now_s, self.session, verb, "anna", text)
        self.reception.operator(line, self.now_s)

    def texts(self) -> list[str]:
        return [line.text for line in self.reception.lines(self.session)]


def kinds(reply: Reply) -> list[ActKind]:
    return [act.kind for act in reply.acts]


def text(key: str, values: Mapping[str, object] | None = None) -> str:
    return ENGLISH.say(key, **(values or {}))
