"""What the robot may tell about a site, as data: `visitors.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from patrol_core.site.model import Hours

Texts = Mapping[str, str]
"""A text by language code. What a site gives as plain text is in the site's own language."""


@dataclass(frozen=True, slots=True)
class VisitorPlace:
    """A place that visitors ask for. `at_m`: where one arrives, in `map`.

    `aliases`: other names by language. `step_free`: can be reached and entered without steps.
    `line`: in the file.
    """

    place_id: str
    names: Texts
    at_m: tuple[float, float]
    about: Texts
    aliases: Mapping[str, tuple[str, ...]]
    step_free: bool
    line: int


@dataclass(frozen=True, slots=True)
class VisitorContact:
    """Who is there for what, and where."""

    contact_id: str
    names: Texts
    serves: Texts
    where: Texts
    line: int


@dataclass(frozen=True, slots=True)
class VisitorQuestion:
    """A question of this site with its answer; `examples`: ways to ask it, by language."""

    question_id: str
    examples: Mapping[str, tuple[str, ...]]
    answers: Texts
    line: int


@dataclass(frozen=True, slots=True)
class Visitors:
    """All that may be told about a site. `language`: its own; `quiet_hours`: no greeting then.

    `hours_line`: where the opening hours stand in the file. `emergency_number`: that of the site,
    as it is dialled; empty where the file names none.
    """

    language: str
    opening_hours: tuple[Hours, ...]
    quiet_hours: tuple[Hours, ...]
    places: tuple[VisitorPlace, ...]
    contacts: tuple[VisitorContact, ...]
    rules: tuple[VisitorQuestion, ...]
    questions: tuple[VisitorQuestion, ...]
    hours_line: int
    emergency_number: str = ""
