"""Sentences as they arrive from people in a hurry: misspelt, shouted, misheard. From a seed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

FOLDER = Path(__file__).parent / "emergency"
LETTERS_PER_TYPO, SHORTEST = 12, 4
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
ARABIC = str.maketrans("أإآةىؤئ", "ااا" + "هي" + "وي")
VOICED = "\u3099\u309a"
PUNCTUATION = re.compile(r"[^\w\s'-]")

Habits = Mapping[str, Any]
"""What `corruptions.yaml` says of one language."""


def _spots(text: str) -> list[int]:
    """Where typos happen: letters of words of at least four letters; in Japanese any."""
    return [
        at
        for word in re.finditer(r"[^\W\d_]+", text)
        if len(word.group()) >= SHORTEST
        for at in range(word.start(), word.end())
    ]


def _neighbour(letter: str, rows: Sequence[str], rng: np.random.Generator) -> str:
    for row in rows:
        at = row.find(letter.lower())
        if at >= 0:
            beside = [row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)]
            return beside[rng.integers(len(beside))]
    return letter + letter


def typos(text: str, habits: Habits, rng: np.random.Generator) -> str:
    """One slip every twelve letters, one at least: swapped, dropped, doubled, neighbouring key."""
    for _ in range(max(1, len(_spots(text)) // LETTERS_PER_TYPO)):
        spots = _spots(text)
        if not spots:
            return text
        at = spots[rng.integers(len(spots))]
        letter = text[at]
        kind = rng.integers(4)
        if kind == 0 and at + 1 < len(text):
            text = text[:at] + text[at + 1] + letter + text[at + 2 :]
        elif kind == 1:
            text = text[:at] + text[at + 1 :]
        elif kind == 2:
            text = text[:at] + letter + text[at:]
        else:
            text = text[:at] + _neighbour(letter, habits["keys"], rng) + text[at + 1 :]
    return text


def capitals(text: str, _habits: Habits, rng: np.random.Generator) -> str:
    """Shouted: all capitals, and marks of exclamation."""
    mark = "！" if text[-1:] > "\u3000" else "!"
    return text.upper() + mark * int(rng.integers(1, 6))


def stretched(text: str, _habits: Habits, rng: np.random.Generator) -> str:
    """A letter held for long, and marks of exclamation."""
    spots = [m.start() for m in re.finditer(r"[^\W\d_]", text)]
    at = spots[rng.integers(len(spots))]
    held = "ー" if text[at] > "\u3000" else text[at]
    return text[: at + 1] + held * int(rng.integers(2, 7)) + text[at + 1 :] + "!!!"


def bare(text: str, _habits: Habits, rng: np.random.Generator) -> str:
    """Without accents, umlauts (or with ae, oe, ue), apostrophes, hamzas, marks of voice."""
    if rng.integers(2):
        text = "".join(UMLAUTS.get(letter, letter) for letter in text)
    parts = unicodedata.normalize("NFD", text.translate(ARABIC))
    lost = [i for i, part in enumerate(parts) if part in VOICED]
    lose = lost[rng.integers(len(lost))] if lost else -1
    kept = [
        part
        for i, part in enumerate(parts)
        if i != lose and (part in VOICED or not unicodedata.combining(part))
    ]
    return unicodedata.normalize("NFC", "".join(kept)).replace("'", "")


def joined(text: str, _habits: Habits, rng: np.random.Generator) -> str:
    """Some spaces missing, one at least; in what is written without spaces, one too many."""
    gaps = [i for i, letter in enumerate(text) if letter == " "]
    if not gaps:
        at = int(rng.integers(1, len(text))) if text[0] > "\u3000" else len(text)
        return text[:at] + " " + text[at:]
    gone = {gaps[i] for i in rng.permutation(len(gaps))[: rng.integers(1, len(gaps) + 1)]}
    return "".join(letter for i, letter in enumerate(text) if i not in gone)


def filled(text: str, habits: Habits, rng: np.random.Generator) -> str:
    """Other words before, after, or both."""
    where = rng.integers(1, 4)
    space = "" if text[0] > "\u3000" else " "
    before = habits["before"][rng.integers(len(habits["before"]))] if where & 1 else ""
    after = habits["after"][rng.integers(len(habits["after"]))] if where & 2 else ""
    return f"{before}{space}{text}{space}{after}".strip()


def heard(text: str, habits: Habits, rng: np.random.Generator) -> str:
    """As speech recognition may write it: no marks, lower case, up to two sounds mistaken."""
    text = PUNCTUATION.sub("", text).lower()
    for _ in range(int(rng.integers(1, 3))):
        pairs = [(old, new) for old, new in habits["heard"] if old in text]
        if pairs:
            old, new = pairs[rng.integers(len(pairs))]
            places = [m.start() for m in re.finditer(re.escape(old), text)]
            at = places[rng.integers(len(places))]
            text = text[:at] + new + text[at + len(old) :]
    return text.strip()


KINDS: Mapping[str, Callable[[str, Habits, np.random.Generator], str]] = {
    "filler words": filled,
    "missing spaces": joined,
    "missing accents": bare,
    "misheard": heard,
    "typos": typos,
    "repeated letters": stretched,
    "capitals": capitals,
}
"""In the order in which they are applied."""


def corrupted(text: str, habits: Habits, rng: np.random.Generator) -> tuple[str, tuple[str, ...]]:
    """The sentence with one kind of corruption, or two together, and their names."""
    names = list(KINDS)
    drawn = {names[i] for i in rng.permutation(len(names))[: rng.integers(1, 3)]}
    kinds = tuple(name for name in names if name in drawn)
    for name in kinds:
        text = KINDS[name](text, habits, rng)
    return text, kinds


def read_habits() -> dict[str, Habits]:
    """By language code."""
    document = (FOLDER / "corruptions.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(document))


def read_phrases(name: str = "phrases") -> dict[str, dict[str, list[str]]]:
    """Those of a list, by language code and kind."""
    document = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(document))
