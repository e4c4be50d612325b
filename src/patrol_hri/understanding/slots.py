"""What a sentence says beside what is wanted: a language that is asked for, a way without steps.

The words stand with the languages: what languages are called in `language.yaml`, who needs a way
without steps in `slots.yaml` (phrases; each counts where a word begins with it).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.yaml_file import load_yaml
from patrol_hri.languages.catalogue import FOLDER, Language
from patrol_hri.understanding.text import tokens

STEP_FREE = "step_free"
LANGUAGE = "language"
_ANYWHERE = ("ja", "ar")
"""Written without blanks, or with particles before the word."""


class SlotFinder:
    """Finds what is asked for in any of the languages, whichever is spoken."""

    def __init__(self, languages: Mapping[str, Language], folder: Path = FOLDER) -> None:
        """Raises ConfigError for a wrong `slots.yaml` in the folder of a language."""
        self._step_free = {code: _step_free(folder / code / "slots.yaml") for code in languages}
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


def _step_free(file: Path) -> tuple[str, ...]:
    document = load_yaml(file, "the words of a language")
    phrases = document.get(STEP_FREE) if isinstance(document, dict) else None
    known = isinstance(phrases, list) and all(isinstance(one, str) for one in phrases)
    if not phrases or not known or set(document) != {STEP_FREE}:
        raise ConfigError(
            "not the words of a language",
            place=Place(file),
            expected=f"'{STEP_FREE}:' with a list of phrases, and nothing else",
            remedy="see languages/en/slots.yaml",
        )
    return tuple(" ".join(tokens(phrase)) for phrase in phrases)
