"""Questions of visitors on two sites: answered from the right entry, or known to be unanswerable?

300 questions, a third of them without an answer in the site's `visitors.yaml`, frozen before
there was anything to answer them; parameters were chosen on `grounding/development.yaml`. The
language of each is that of its conversation. Every answer is held against the lines of the file
that it names as its source. Beside it, in the same run: by words alone, without encoder and
understanding, and plain BM25 over the same entries with a threshold chosen on the development
questions.
"""

from __future__ import annotations

import itertools
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from _bench import begin, options_parser
from _bm25 import Bm25
from _grounding import (
    RECOGNISED,
    Guess,
    Question,
    draw,
    groups,
    read_questions,
    shares,
    threshold_of,
)

from patrol_core.site import load_site
from patrol_core.site.visitors import Visitors
from patrol_hri.dialogue.building import make_mind
from patrol_hri.dialogue.mind import Mind
from patrol_hri.intents import Intent, Understood
from patrol_hri.knowledge import Answer
from patrol_hri.knowledge.asked import load_asked
from patrol_hri.knowledge.entries import Entry, entries_of
from patrol_hri.knowledge.params import KnowledgeParams
from patrol_hri.knowledge.retrieval import Retrieval, encoders_of_meaning
from patrol_hri.understanding.encoder import Encoder
from patrol_hri.understanding.places import PlaceFinder
from patrol_hri.understanding.text import tokens
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

FOLDER = ROOT / "bench" / "grounding"
NOON_MONDAY = (0, 12 * 3600)
QUICK = 3
_SOURCE = re.compile(
    r"visitors\.yaml:(\d+) ([a-z]+)/([a-z0-9_]+)\Z|visitors\.yaml:(\d+) opening_hours\Z"
)


class Sites:
    """The sites, what the robot thinks with on each, and the words of questions."""

    def __init__(self, names: Sequence[str]) -> None:
        self.asked = load_asked()
        folders = {name: ROOT / "sites" / name for name in names}
        self.files = {name: (path / "visitors.yaml").read_text() for name, path in folders.items()}
        self.visitors: dict[str, Visitors] = {}
        self.minds: dict[str, Mind] = {}
        for name, path in folders.items():
            site = load_site(path, with_map=False)
            assert site.visitors is not None
            self.visitors[name] = site.visitors
            self.minds[name] = make_mind(site, None, None)

    def understood(self, question: Question) -> Understood:
        """In a conversation of its language."""
        understander = self.minds[question.site].understander
        return understander.understand(question.text, question.language)

    def guesses(
        self, questions: Sequence[Question], encoders: Mapping[str, Encoder], *, bare: bool
    ) -> list[Guess]:
        """The best entry of each question, whatever its score; `bare`: from its words alone."""
        params = KnowledgeParams()
        any_score = replace(params, enough=0.0, enough_words=0.0)
        by_site = {
            name: Retrieval(one, PlaceFinder(one), self.asked, encoders, any_score)
            for name, one in self.visitors.items()
        }
        found = []
        for question in questions:
            text, language = question.text, question.language
            understood = _bare(question) if bare else self.understood(question)
            ranked = by_site[question.site].find(text, understood, language)
            enough = params.enough if language in encoders else params.enough_words
            entry = ranked[0].entry.name if ranked else ""
            found.append(Guess(question, entry, ranked[0].score - enough if ranked else -1.0))
        return found

    def bm25(self, questions: Sequence[Question]) -> list[Guess]:
        """The same by plain BM25."""
        found, indexes = [], {}
        for question in questions:
            visitors = self.visitors[question.site]
            entries = entries_of(visitors, {c: words.opening for c, words in self.asked.items()})
            key = (question.site, question.language)
            if key not in indexes:
                indexes[key] = Bm25([_texts(e, key[1], visitors.language) for e in entries])
            scores = indexes[key].scores(question.text)
            best = int(np.argmax(scores))
            found.append(Guess(question, entries[best].name, float(scores[best])))
        return found

    def answers(self, questions: Sequence[Question]) -> tuple[list[Answer | None], list[float]]:
        """What the robot says, and how much of a processor each took once understood [s]."""
        told, seconds = [], []
        for question in questions:
            knowledge = self.minds[question.site].knowledge
            assert knowledge is not None
            understood = self.understood(question)
            start_s = time.process_time()
            told.append(
                knowledge.answer(question.text, understood, question.language, NOON_MONDAY)
            )
            seconds.append(time.process_time() - start_s)
        return told, seconds

    def is_grounded(self, site: str, answer: Answer) -> bool:
        """Whether its source is an entry of the file, and its words are that entry's, or those of
        a sentence made for such answers."""
        match = _SOURCE.match(answer.source)
        lines = self.files[site].splitlines()
        line = int(match[1] or match[4]) if match else 0
        if match is None or not 1 <= line <= len(lines):
            return False
        if match[2] and f"id: {match[3]}" not in lines[line - 1]:
            return False
        section = next(x for x in reversed(lines[:line]) if re.match(r"[a-z_]+:", x))
        if section.split(":")[0] != (match[2] or "opening_hours"):
            return False
        rest = itertools.takewhile(lambda x: not re.match(r"  - id:|[a-z_]+:", x), lines[line:])
        entry = set(tokens(" ".join((lines[line - 1], *rest))))
        templates = " ".join(
            text
            for key, text in self._texts(site, answer.language).items()
            if key.startswith("knowledge_")
        )
        return set(tokens(answer.text)) <= entry | set(tokens(templates)) | {"24", "00"}

    def _texts(self, site: str, language: str) -> Mapping[str, str]:
        """The sentences of a language, or of the one that stands in for it."""
        languages = self.minds[site].languages
        return (languages.get(language) or next(iter(languages.values()))).texts


def _bare(question: Question) -> Understood:
    """A question of which nothing but the language is understood."""
    return Understood(Intent.QUESTION, 1.0, question.language)


def _texts(entry: Entry, language: str, own: str) -> list[str]:
    keys = entry.keys_in(language) or entry.keys_in(own)
    return [*keys, *(entry.says_in(language) or entry.says_in(own))]


def rows(
    ours: Sequence[Guess],
    light: Sequence[Guess],
    plain: Sequence[Guess],
    plain_threshold: float,
    without_source: int,
    seconds: Sequence[float],
) -> Iterator[Row]:
    """The figures."""
    yield Row("questions", len(ours), "")
    yield Row("statements without source", without_source, "", goal=0.0, better="lower")
    recognised, right, wrong = shares(ours, 0.0)
    yield Row("unanswerable recognised", recognised, "", goal=RECOGNISED)
    yield Row("answered rightly", right, "")
    yield Row("answered wrongly, though answerable", wrong, "", better="lower")
    for name, choose in groups([guess.question for guess in ours]).items():
        some = [guess for guess in ours if choose(guess.question)]
        recognised, right, _ = shares(some, 0.0)
        yield Row(f"{name}: unanswerable recognised", recognised, "")
        yield Row(f"{name}: answered rightly", right, "")
    yield Row("time of an answer", 1000.0 * float(np.median(seconds)), "ms", better="lower")
    for name, guesses, threshold in (
        ("words alone", light, 0.0),
        ("BM25", plain, plain_threshold),
    ):
        recognised, right, wrong = shares(guesses, threshold)
        yield Row(f"{name}: unanswerable recognised", recognised, "")
        yield Row(f"{name}: answered rightly", right, "")
        yield Row(f"{name}: answered wrongly, though answerable", wrong, "", better="lower")


def main() -> int:
    parser = options_parser()
    parser.add_argument(
        "--wrong", action="store_true", help="also list the questions that went wrong"
    )
    bench = begin("grounding", __doc__, parser, quick=f"every {QUICK}rd question")
    questions = read_questions(FOLDER / "questions.yaml")
    if bench.options.quick:
        questions = questions[::QUICK]
    encoders = encoders_of_meaning()
    if not encoders:
        bench.console.print("MiniLM is not installed: words alone decide")
    sites = Sites(sorted({question.site for question in questions}))
    answers, seconds = sites.answers(questions)
    without_source = sum(
        answer is not None and not sites.is_grounded(question.site, answer)
        for question, answer in zip(questions, answers, strict=True)
    )
    ours = sites.guesses(questions, encoders, bare=False)
    light = sites.guesses(questions, {}, bare=True)
    threshold = threshold_of(sites.bm25(read_questions(FOLDER / "development.yaml")))
    plain = sites.bm25(questions)
    if bench.options.wrong:
        for guess in ours:
            said = guess.entry if guess.score >= 0.0 else ""
            if said not in (guess.question.answered_by or ("",)):
                bench.console.print(f"{guess.question.text!r}: {said or 'nothing'}", markup=False)
    draw(ours, light, plain, threshold).savefig(bench.picture, dpi=90)
    return bench.answer(list(rows(ours, light, plain, threshold, without_source, seconds)))


if __name__ == "__main__":
    sys.exit(main())
