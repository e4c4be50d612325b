"""Text as it is compared where spelling must not matter: without case, accents, held letters.

Two ways of writing are folded together wherever people in a hurry mix them: Latin letters with
and without marks, Arabic alef with and without hamza, katakana and hiragana, voiced and unvoiced
kana. The result is for comparison alone, never shown.
"""

from __future__ import annotations

import re
import unicodedata

_SAME = str.maketrans(
    {
        **{chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)},  # katakana
        "ة": "ه", "ى": "ي", "ـ": None, "ث": "ت", "ذ": "د", "ظ": "ض",
        "œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l",
        "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "¡": "!", "¿": "?",
    }
)  # fmt: skip
_KANA = str.maketrans({"っ": None, "ー": None, "を": "お", "は": "わ"})
_SOUNDS = (("qu", "k"), ("ck", "k"))
_HELD = re.compile(r"([^\W\d_])\1+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[.!?;:。…]+")
_JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")
_ARABIC_ARTICLES = ("وال", "بال", "فال", "كال", "ال", "لل")


def fold(text: str) -> str:
    """Compatible forms, no case, no combining marks, every run of one letter once, k for qu."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SAME)
    parts = unicodedata.normalize("NFD", plain)
    bare = "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Cf"})
    written = bare.translate(_SAME)
    for sound, letter in _SOUNDS:
        written = written.replace(sound, letter)
    return _HELD.sub(r"\1", written)


def is_japanese(text: str) -> bool:
    """Whether there is any kana or kanji in it."""
    return _JAPANESE.search(text) is not None


def fold_kana(folded: str) -> str:
    """A folded Japanese text as one word, without what is often left out or mixed up."""
    return re.sub(r"[\W_]+", "", _HELD.sub(r"\1", folded.translate(_KANA)))


def split_words(folded: str) -> list[tuple[str, int]]:
    """The words of a folded text, each with the number of its sentence."""
    words, sentence = [], 0
    for match in _WORD.finditer(folded):
        word = match.group()
        if word[0].isalnum():
            words.append((word, sentence))
        else:
            sentence += 1
    return words


def forms(word: str) -> tuple[str, ...]:
    """What a folded word may stand for: apostrophes joined, elided and Arabic articles left out.

    "l'incendie": lincendie, incendie.
    """
    if "'" in word:
        return word.replace("'", ""), word.rsplit("'", 1)[1]
    for article in _ARABIC_ARTICLES:
        if word.startswith(article) and len(word) >= len(article) + 2:
            return word, word[len(article) :]
    return (word,)
