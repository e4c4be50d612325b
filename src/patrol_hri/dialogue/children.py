"""Whether a speaker says to be a child. Nothing but the words counts: no age is ever guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.yaml_file import load_yaml
from patrol_hri.languages.catalogue import FOLDER
from patrol_hri.understanding.text import normalize

FILE = "children.yaml"


class ChildWords:
    """What children say of themselves, by language: `languages/<code>/children.yaml`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises ConfigError where a file is no list of regular expressions."""
        self._patterns: Mapping[str, re.Pattern[str]] = {
            file.parent.name: _pattern(file) for file in sorted(folder.glob(f"*/{FILE}"))
        }

    def heard(self, text: str) -> bool:
        """Whether somebody who says this says to be a child, in any language."""
        plain = normalize(text)
        return any(pattern.search(plain) for pattern in self._patterns.values())


def _pattern(file: Path) -> re.Pattern[str]:
    """One expression that matches what any of the file's does."""
    given = load_yaml(file, "what children say")
    expected = "a list of regular expressions, one a line ('- expression')"
    if not isinstance(given, list) or not given or not all(isinstance(g, str) for g in given):
        raise ConfigError("this is no list of texts", place=Place(file), expected=expected)
    try:
        return re.compile("|".join(f"(?:{expression})" for expression in given))
    except re.error as error:
        raise ConfigError(
            f"not a regular expression: {error}", place=Place(file), expected=expected,
            remedy="correct it",
        ) from error  # fmt: skip
