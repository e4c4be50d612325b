"""What conversations think with: the parts of this package, behind what they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from patrol_core.geometry import Points, Pose2
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Retention
from patrol_core.site.visitors import Visitors
from patrol_hri.dialogue.children import ChildWords
from patrol_hri.emergency import Emergency
from patrol_hri.intents import Intent, Understood
from patrol_hri.knowledge import Answer
from patrol_hri.languages.catalogue import Language
from patrol_hri.statements.interview import Step
from patrol_hri.statements.params import InterviewParams
from patrol_hri.statements.statement import Statement
from patrol_hri.statements.words import Words
from patrol_hri.turn import Way


class Understands(Protocol):
    """Takes a sentence for one of the closed intents; never raises."""

    def understand(self, text: str, language: str) -> Understood: ...


class DetectsEmergencies(Protocol):
    """Hears an emergency in any language; never raises."""

    def detect(self, text: str) -> Emergency | None: ...


class Knows(Protocol):
    """Answers from the site's own texts, with a source, or not at all."""

    def answer(
        self, text: str, understood: Understood, language: str, local_time: tuple[int, int]
    ) -> Answer | None: ...

    def near(
        self, text: str, understood: Understood, language: str
    ) -> tuple[tuple[str, Understood], ...]: ...


class FindsWays(Protocol):
    """Finds ways for people on foot."""

    def way(
        self,
        start_m: tuple[float, float],
        place_id: str,
        language: Language,
        step_free: bool = False,
        *,
        robot_yaw_rad: float | None = None,
        local_time: tuple[int, int] | None = None,
    ) -> Way | None: ...


class KeepsStatements(Protocol):
    """Keeps statements, encrypted, until they are deleted or too old."""

    def put(self, statement: Statement, now_s: float) -> str: ...

    def delete(self, receipt: str, now_s: float) -> bool: ...

    def expire(self, now_s: float) -> int: ...


class Interview(Protocol):
    """The taking of a statement or of a report, sentence by sentence."""

    def hear(self, text: str, understood: Understood, now_s: float) -> Step: ...

    def resume(self) -> Step: ...


@dataclass(frozen=True, slots=True)
class Mind:
    """All that conversations ask. Without `statements` none are taken; without `wayfinder` places
    are told from the site's texts alone. `words`: what is said in interviews; `outline_m`: the
    site's; `epoch_s`: the Unix time at stamp zero.
    """

    languages: Mapping[str, Language]
    understander: Understands
    emergencies: DetectsEmergencies
    children: ChildWords
    knowledge: Knows | None
    wayfinder: FindsWays | None
    statements: KeepsStatements | None
    visitors: Visitors | None
    words: Words
    interviews: InterviewParams
    outline_m: Points
    retention: Retention
    local_time: LocalTime
    epoch_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How it is about the robot. `pose`: in `map`, None while it is not known.

    `can_guide`: it may walk with a visitor now. `guided_session`: with whom it walks, or empty.
    """

    pose: Pose2 | None = None
    can_guide: bool = False
    guided_session: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence of a visitor, understood. `kind`: of an emergency, else empty."""

    text: str
    understood: Understood
    now_s: float
    around: Surroundings
    kind: str = ""

    @property
    def intent(self) -> Intent:
        return self.understood.intent
