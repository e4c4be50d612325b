"""What the keys of a terminal mean."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Key(Enum):
    """A key that means something. The first four drive while they are held; from CHECKPOINT on
    they teach."""

    AHEAD = "ahead"
    BACK = "back"
    LEFT = "left"
    RIGHT = "right"
    STOP = "emergency stop"
    RESET = "reset"
    LEAVE = "leave"
    CHECKPOINT = "checkpoint"
    CHECK = "check"
    AROUND = "around"
    BEGIN = "begin"
    UNDO = "undo"
    FINISH = "finish"

    @property
    def drives(self) -> bool:
        return self in {Key.AHEAD, Key.BACK, Key.LEFT, Key.RIGHT}

    @property
    def teaches(self) -> bool:
        return self in TEACHING


TEACHING = frozenset({Key.CHECKPOINT, Key.CHECK, Key.AROUND, Key.BEGIN, Key.UNDO, Key.FINISH})
LETTERS = {
    b"w": Key.AHEAD,
    b"s": Key.BACK,
    b"a": Key.LEFT,
    b"d": Key.RIGHT,
    b"r": Key.RESET,
    b"q": Key.LEAVE,
}
TEACHING_LETTERS = LETTERS | {
    b"c": Key.CHECKPOINT,
    b"i": Key.CHECK,
    b"k": Key.AROUND,
    b"b": Key.BEGIN,
    b"u": Key.UNDO,
    b"f": Key.FINISH,
}
ARROWS = {b"A": Key.AHEAD, b"B": Key.BACK, b"C": Key.RIGHT, b"D": Key.LEFT}
"""Last byte of CSI and SS3 sequences of cursor keys (ECMA-48; xterm's control sequences)."""

_ESCAPE = b"\x1b"


class KeyReader:
    """Keys from bytes; a sequence may come in pieces, and what is unknown means nothing. A space
    is an emergency stop wherever it comes."""

    def __init__(self, letters: Mapping[bytes, Key] = LETTERS) -> None:
        self._letters = letters
        self._begun = b""

    def take(self, data: bytes) -> list[Key]:
        """The keys that these bytes end."""
        keys = []
        for value in data:
            key = self._one(bytes((value,)))
            if key is not None:
                keys.append(key)
        return keys

    def _one(self, byte: bytes) -> Key | None:
        if byte == b" ":
            self._begun = b""
            return Key.STOP
        if byte == _ESCAPE:
            self._begun = byte
        elif self._begun == _ESCAPE and byte in {b"[", b"O"}:
            self._begun += byte
        elif len(self._begun) > 1:
            if 0x40 <= byte[0] <= 0x7E:  # anything before it is a parameter
                is_plain = len(self._begun) == 2
                self._begun = b""
                return ARROWS.get(byte) if is_plain else None
            self._begun += byte
        else:
            self._begun = b""
            return self._letters.get(byte.lower())
        return None
