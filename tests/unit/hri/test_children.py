"""Who says to be a child is taken for one, in every language; nobody else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrol_core.errors import ConfigError
from patrol_hri.dialogue.children import ChildWords

WORDS = ChildWords()


@pytest.mark.parametrize(
    "text",
    [
        "I'm six", "Hello, I am 7 years old.", "I’m five and I can't find anybody",
        "Where is my mummy?", "I lost my dad", "my mum is gone", "I'm a kid",
        "Ich bin sechs", "ich bin 8 Jahre alt!", "Wo ist meine Mama?", "Ich will zu meiner Mama",
        "J'ai six ans", "Où est ma maman ?", "Tengo siete años", "¿Dónde está mi mamá?",
        "Ho 6 anni", "Dov'è la mia mamma?", "Ik ben zes jaar", "Waar is mijn mama?",
        "عمري ٦ سنوات", "أين أمي؟", "ママはどこ", "6さいです", "お母さんがいない",
    ],
)  # fmt: skip
def test_a_child(text: str) -> None:
    assert WORDS.heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "I am six minutes late", "I'm 35 years old", "I am at gate 5", "my daughter is six",
        "Where is the office?", "I have lost my wallet", "I am ten metres from the gate",
        "Ich bin 40 Jahre alt", "Ich bin um sechs da", "Ich bin zehn Minuten zu spät",
        "J'ai six colis", "J'ai 40 ans", "Tengo siete paquetes", "Ho sei pacchi",
        "Ik ben zes minuten te laat", "عمري ٤٠ سنة", "16歳です", "", "\ud800",
    ],
)  # fmt: skip
def test_no_child(text: str) -> None:
    assert not WORDS.heard(text)


@pytest.mark.parametrize("content", ["", "a: b", "- 3", "- (", "[]"])
def test_a_file_that_is_no_list_of_expressions_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "en").mkdir()
    file = tmp_path / "en" / "children.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"expression|list") as caught:
        ChildWords(tmp_path)
    assert caught.value.place is not None and caught.value.place.file == file
