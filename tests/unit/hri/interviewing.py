"""What tests of interviews share: words of all languages, and an understander of few words."""

from __future__ import annotations

from pathlib import Path

import yaml

import patrol_hri
from patrol_hri.intents import Intent, Understood
from patrol_hri.statements.words import Words, load_cues
from patrol_hri.understanding.text import normalize

FOLDER = Path(next(iter(patrol_hri.__path__))) / "languages"
TEXTS: dict[str, dict[str, str]] = {
    path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*/texts.yaml"))
}
ENGLISH = TEXTS["en"]
WORDS = Words(load_cues(FOLDER), TEXTS)

_INTENTS = {
    "yes": Intent.YES, "yes please": Intent.YES, "yes but who reads it": Intent.YES,
    "yes but not the name": Intent.YES, "no": Intent.NO, "no thanks": Intent.NO,
    "bus stop": Intent.STOP, "bye": Intent.GOODBYE, "hold on stop": Intent.STOP,
}  # fmt: skip


def understood(text: str, language: str = "en", place_id: str = "") -> Understood:
    """A few sentences for their intents, all others for none."""
    return Understood(_INTENTS.get(normalize(text), Intent.UNKNOWN), 1.0, language, place_id)
