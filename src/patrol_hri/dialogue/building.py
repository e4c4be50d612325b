"""Builds the mind of a site from its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from patrol_core.site import Site
from patrol_core.site.local_time import site_local_time
from patrol_core.site.visitors import VisitorQuestion, Visitors
from patrol_hri.dialogue.children import ChildWords
from patrol_hri.dialogue.mind import FindsWays, KeepsStatements, Mind
from patrol_hri.emergency import EmergencyDetector
from patrol_hri.knowledge import KnowledgeBase
from patrol_hri.knowledge.asked import AskedWords, load_asked
from patrol_hri.knowledge.entries import HOURS
from patrol_hri.knowledge.params import KnowledgeParams
from patrol_hri.knowledge.phrasing import LlmPhrasing
from patrol_hri.languages.catalogue import FOLDER, load_languages
from patrol_hri.languages.recognition import LanguageRecognizer
from patrol_hri.statements.params import InterviewParams
from patrol_hri.statements.words import Words, load_cues
from patrol_hri.understanding.params import UnderstandingParams
from patrol_hri.understanding.places import PlaceFinder
from patrol_hri.understanding.understander import Understander

FIRST = "en"
"""The language that has every text; another one is spoken as soon as it has them all, too."""


@dataclass(frozen=True, slots=True)
class MindParams:
    """Parameters of what conversations think with."""

    understanding: UnderstandingParams = field(default_factory=UnderstandingParams)
    knowledge: KnowledgeParams = field(default_factory=KnowledgeParams)
    interviews: InterviewParams = field(default_factory=InterviewParams)


def make_mind(
    site: Site,
    wayfinder: FindsWays | None,
    statements: KeepsStatements | None,
    epoch_s: float = 0.0,
    params: MindParams | None = None,
) -> Mind:
    """All languages are read and learnt: this takes seconds. `epoch_s`: Unix time at stamp zero.

    Emergencies are heard in every language, also in one that is not spoken. Raises ConfigError
    where a packaged file is wrong.
    """
    params = params or MindParams()
    languages = load_languages()
    texts = languages[FIRST].texts.keys()
    spoken = {code: some for code, some in languages.items() if some.texts.keys() >= texts}
    asked, visitors, knowledge = load_asked(), site.visitors, None
    understander = Understander(
        languages, _with_hours(visitors, asked), params.understanding,
        LanguageRecognizer(languages),
    )  # fmt: skip
    if visitors is not None:
        llm = params.knowledge.llm
        knowledge = KnowledgeBase(
            visitors, PlaceFinder(visitors), spoken, asked, params=params.knowledge,
            phrasing=LlmPhrasing(llm, asked) if llm.url else None,
        )  # fmt: skip
    return Mind(
        spoken, understander, EmergencyDetector(languages), ChildWords(), knowledge, wayfinder,
        statements, visitors, Words(load_cues(FOLDER), {c: s.texts for c, s in spoken.items()}),
        params.interviews, site.outline_m, site.retention,
        site_local_time(site.timezone, epoch_s), epoch_s,
    )  # fmt: skip


def _with_hours(visitors: Visitors | None, asked: Mapping[str, AskedWords]) -> Visitors | None:
    """What is to be understood: the site's questions, and that for its opening hours."""
    if visitors is None or not visitors.opening_hours:
        return visitors
    examples = {code: words.opening for code, words in asked.items() if words.opening}
    hours = VisitorQuestion(HOURS, examples, {}, visitors.hours_line)
    return replace(visitors, questions=(*visitors.questions, hours))
