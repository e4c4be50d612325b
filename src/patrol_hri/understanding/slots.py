"""What a sentence says beside what is wanted: a language that is asked for, a way without steps.

The words stand with the languages: what languages are called in `language.yaml`, who needs a way
without steps in `slots.yaml` (phrases; each counts where a word begins with it), and there, too,
what says only that somebody does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.yaml_file import load_yaml
from patrol_hri.languages.catalogue import FOLDER, Language
from patrol_hri.understanding.text import tokens

STEP_FREE = "step_free"
UNSURE = "unsure"
LANGUAGE = "language"
_ANYWHERE = ("ja", "ar")
"""Written without blanks, or with particles before the word."""


class SlotFinder:
    """Finds what is asked for in any of the languages, whichever is spoken.

    `unsure`: by language, how somebody says that he does not know.
    """

    def __init__(self, languages: Mapping[str, Language], folder: Path = FOLDER) -> None:
        """Raises ConfigError for a wrong `slots.yaml` in the folder of a language."""
        words = {code: _words(folder / code / "slots.yaml") for code in languages}
        self.unsure = {code: each[UNSURE] for code, each in words.items()}
        self._step_free = {
            code: tuple(" ".join(tokens(phrase)) for phrase in each[STEP_FREE])
            for code, each in words.items()
        }
        self._names = {code: _by_code(language) for code, language in languages.items()}

    def find(self, text: str) -> dict[str, str]:
        """`step_free`: "yes", and `language`: the code of the last that is named, if any is."""
        said = f" {' '.join(tokens(text))} "
        found: dict[str, str] = {}
        for code, phrases in self._step_free.items():
            if any(_where(said, phrase, code) >= 0 for phrase in phrases):
                found[STEP_FREE] = "yes"
        last = -1
        for code, names in self._names.items():
            for name, named in names.items():
                at = _where(said, name, code)
                if at > last:
                    found[LANGUAGE], last = named, at
        return found


def _where(said: str, phrase: str, language: str) -> int:
    """Where it is said last, or -1."""
    return said.rfind(phrase if language in _ANYWHERE else f" {phrase}")


def _by_code(language: Language) -> dict[str, str]:
    """Code by what that language is called."""
    return {
        " ".join(tokens(name)): code for code, names in language.names.items() for name in names
    }


def _words(file: Path) -> dict[str, tuple[str, ...]]:
    document = load_yaml(file, "the words of a language")
    lists = document if isinstance(document, dict) else {}
    known = set(lists) == {STEP_FREE, UNSURE} and all(
        isinstance(one, list) and one and all(isinstance(phrase, str) for phrase in one)
        for one in lists.values()
    )
    if not known:
        raise ConfigError(
            "not the words of a language",
            place=Place(file),
            expected=f"'{STEP_FREE}:' and '{UNSURE}:' with lists of phrases, and nothing else",
            remedy="see languages/en/slots.yaml",
        )
    return {key: tuple(phrases) for key, phrases in lists.items()}
