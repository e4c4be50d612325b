"""What people say in an interview, by language: `languages/<code>/interview.yaml`.

Whole sentences that mean one thing (that is all, I don't know, stop) and words that show what an
account already tells (when, where, ...). A question that is asked although it was answered costs a
sentence; one that is left out costs a fact: the words are those that leave little doubt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from pathlib import Path

from patrol_core.site.yaml_tree import Problems, read_yaml
from patrol_hri.understanding.text import normalize, tokens

FILE = "interview.yaml"
_BRIEF_TOKENS, _BRIEF_CHARS = 3, 12
_CLOCK = re.compile(
    r"(?<![\d.,:])([01]?\d|2[0-3])(:[0-5]\d|h[0-5]\d|\s?(am|pm|a\.m\.|p\.m\.))(?!\d)"
    r"|[\d一二三四五六七八九十]時(?!間)"
)
_PIECE = re.compile(r"(\d{1,3})\s*(?:$|[:.)\u3001-](?!\d)\s*)(.*)", re.DOTALL)
_ARABIC, _AFTER_ARABIC = "\u0590", "\u0900"
_ARTICLE, _PARTICLES = "\u0627\u0644", "\u0648\u0641\u0628\u0644\u0643"
_UNSAFE = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they turn the direction of what follows


class Cue(Enum):
    """What is listed of a language.

    Whole sentences: ENOUGH (that is all), UNKNOWN (I don't know), STOP. Words anywhere in a text:
    WHEN, WHERE, WHO (how somebody looked, or that nobody was seen), WITNESSES; HERE (where the
    robot is), AWAY (words that point: over there). Words at the start: NUMBER, before the number
    of a piece; OPENING, of a report that says nothing yet.
    """

    ENOUGH = "enough"
    UNKNOWN = "unknown"
    STOP = "stop"
    WHEN = "when"
    WHERE = "where"
    WHO = "who"
    WITNESSES = "witnesses"
    HERE = "here"
    AWAY = "away"
    NUMBER = "number"
    OPENING = "opening"


CueLists = Mapping[Cue, tuple[str, ...]]


def load_cues(folder: Path) -> dict[str, CueLists]:
    """The lists of every language that has them, by code. Raises ConfigError for a bad file."""
    found: dict[str, CueLists] = {}
    names = [cue.value for cue in Cue]
    for path in sorted(folder.glob(f"*/{FILE}")):
        problems = Problems()
        root = read_yaml(path, "the words of interviews", problems)
        fields = root.fields(names) if root is not None else {}
        lists: dict[Cue, tuple[str, ...]] = {}
        for name, value in fields.items():
            texts = [item.text() for item in value.items()]
            lists[Cue(name)] = tuple(normalize(text) for text in texts if text)
        if problems.found:
            raise problems.found[0]
        found[path.parent.name] = lists
    return found


class Words:
    """Tells what a sentence says. `texts`: the robot's own, by language, of which some are offered
    as choices and come back as they are.
    """

    def __init__(
        self, cues: Mapping[str, CueLists], texts: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._cues = cues
        self._choices: dict[str, set[str]] = {}
        for key, text in (pair for told in texts.values() for pair in told.items()):
            if key.startswith("choice_"):
                self._choices.setdefault(_bare(text), set()).add(key)
        self._whole = {
            cue: {_bare(text) for lists in cues.values() for text in lists[cue]} for cue in Cue
        }
        self._parts = {
            (code, cue): _pattern(lists[cue]) for code, lists in cues.items() for cue in lists
        }
        openings = [text for lists in cues.values() for text in lists[Cue.OPENING]]
        self._openings = sorted(openings, key=len, reverse=True)
        numbers = [text for lists in cues.values() for text in lists[Cue.NUMBER]]
        self._numbers = re.compile(rf"(?:{'|'.join(map(re.escape, numbers)) or '(?!)'})\W*(?=\d)")

    def chosen(self, text: str, keys: Collection[str]) -> str:
        """The key among these choices whose text, in any language, was said; or empty."""
        found = self._choices.get(_bare(text), set())
        return next((key for key in keys if key in found), "")

    def says(self, text: str, cue: Cue) -> bool:
        """Whether the text is one of the sentences, and nothing else."""
        return _bare(text) in self._whole[cue]

    def mentions(self, text: str, cue: Cue, languages: Iterable[str]) -> bool:
        """Whether the text holds one of the words of these languages."""
        normal = normalize(text)
        if cue is Cue.WHEN and _CLOCK.search(normal):
            return True
        patterns = [self._parts[code, cue] for code in languages if code in self._cues]
        return any(pattern.search(normal) for pattern in patterns)

    def without_opening(self, text: str) -> str:
        """What a report says beyond "I want to report something", normalized."""
        normal = normalize(text)
        for opening in self._openings:
            if normal.startswith(opening):
                return normal.removeprefix(opening).strip(" ,.;:!-")
        return normal

    def numbered(self, text: str) -> tuple[int, str]:
        """The number of a piece at the start and what follows it; 0 where there is none.

        "2: at the gate" and "number 2" have one; "2 men ran away" and "2.30 at night" do not.
        """
        plain = unicodedata.normalize("NFKC", text).strip()
        start = self._numbers.match(plain.casefold())
        named = _after_name(plain[start.end() :]) if start else None
        match = named or _PIECE.match(plain)
        if match is None:
            return 0, ""
        return int(match[1]), match[2].strip()


def is_brief(text: str) -> bool:
    """Whether a text is so short that a yes or no in it is all that it says."""
    return len(tokens(text)) <= _BRIEF_TOKENS or len(normalize(text)) <= _BRIEF_CHARS


def own_words(text: str, most_chars: int) -> tuple[str, bool]:
    """A text as it can be kept, and whether it had to be cut.

    Blanks are drawn together; control characters, lone surrogates and marks that turn the
    direction of writing are left out. Nothing else is changed.
    """
    head = text[: 4 * most_chars]
    kept = "".join(
        " " if letter.isspace() else letter
        for letter in _UNSAFE.sub("", head)
        if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cs"}
    )
    joined = unicodedata.normalize("NFC", " ".join(kept.split()))
    cut = joined[:most_chars].rstrip()
    return cut, len(head) < len(text) or len(cut) < len(joined)


def _after_name(text: str) -> re.Match[str] | None:
    """After "number" the figure need not be set off: "number 2 was at the gate"."""
    return re.match(r"(\d{1,3})(?!\d)[\s:.)\u3001\u060c,-]*(.*)", text, re.DOTALL)


def _bare(text: str) -> str:
    return " ".join(tokens(text))


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Whole words. To what ends in an apostrophe or in the article of Arabic more is added; Arabic
    puts particles of one letter in front of words, and Japanese does not part them.
    """
    parts = []
    for word in filter(None, words):
        first, last = r"(?<!\w)", r"(?!\w)"
        if max(word) >= _AFTER_ARABIC:
            first = last = ""
        elif max(word) >= _ARABIC:
            first = rf"(?<!\w)[{_PARTICLES}]?"
        if word.endswith(("'", _ARTICLE)):
            last = ""
        parts.append(f"{first}{re.escape(word)}{last}")
    return re.compile("|".join(parts) or "(?!)")
