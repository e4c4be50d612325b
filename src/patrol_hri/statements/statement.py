"""What a visitor stated, in the visitor's own words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import Enum


class Topic(Enum):
    """What a piece of a statement answers. ADDED: said when it was read back."""

    ACCOUNT = "account"
    WHAT = "what"
    WHERE = "where"
    WHEN = "when"
    WHO = "who"
    WITNESSES = "witnesses"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of the visitor. `corrected`: they replace what was said first."""

    topic: Topic
    text: str
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was read back and confirmed.

    `taken_s`: Unix time at which it was confirmed. `language`: code of the language it was taken
    in. `x_m`, `y_m`: where the robot stood, in `map`, NaN where that was not known. Nothing tells
    who stated it, but what they chose to say.
    """

    taken_s: float
    language: str
    x_m: float
    y_m: float
    pieces: tuple[Piece, ...]

    def to_json(self) -> bytes:
        """As JSON in UTF-8; a pose that is not known as NaN, as Python's `json` writes it."""
        document = asdict(self)
        for piece in document["pieces"]:
            piece["topic"] = piece["topic"].value
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Statement:
        """The statement that was written so. Raises ValueError, KeyError, TypeError on others."""
        document = json.loads(data)
        pieces = tuple(
            Piece(Topic(piece["topic"]), piece["text"], piece["corrected"])
            for piece in document.pop("pieces")
        )
        return cls(**document, pieces=pieces)
