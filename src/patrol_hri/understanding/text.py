"""Text in one form, whatever keyboard, speech recogniser or prankster it comes from."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARS = 1000
"""What is longer is cut: nobody needs more for one request, and nothing may take long."""

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"))
_DROPPED = (
    "Cf",
    "Cs",
    "Cn",
    "Co",
)  # formats (joiners, marks of direction), surrogates, unassigned
_WORD = re.compile(
    r"[\u3040-\u309f]+|[\u30a0-\u30ff]+|[\u3400-\u9fff々]+"  # hiragana, katakana, kanji
    r"|(?:(?![\u3040-\u30ff\u3400-\u9fff々])[^\W_])+(?:'[^\W_]+)*"
)


def normalize(text: str) -> str:
    """NFKC, case folded, white space and control characters as single blanks, `MAX_CHARS` at most.

    Never raises: lone surrogates and invisible characters are left out.
    """
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold()
    folded = unicodedata.normalize("NFKC", folded).translate(_APOSTROPHES)
    kept = [
        " " if unicodedata.category(letter) == "Cc" else letter
        for letter in folded
        if unicodedata.category(letter) not in _DROPPED
    ]
    return " ".join("".join(kept).split())[:MAX_CHARS].rstrip()


def tokens(text: str) -> list[str]:
    """The words of a text, normalized. Where words are not parted by blanks (Japanese), runs of
    one script."""
    return _WORD.findall(normalize(text))
