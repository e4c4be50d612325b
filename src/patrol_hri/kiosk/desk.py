"""What the kiosk needs of the rest: a desk to talk at, and the words of its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from patrol_hri.turn import Line, Reply, Speaker


class Desk(Protocol):
    """Conversations, thread-safe (`dialogue/reception.py`). Nothing else of the robot is reached.

    All but `open` raise UnknownSessionError where a conversation has ended.
    """

    def open(self, front_end: str, now_s: float, language: str = "") -> str: ...

    def hear(self, session_id: str, text: str, now_s: float) -> Reply: ...

    def lines(self, session_id: str, after: int = 0) -> tuple[Line, ...]: ...

    def holder(self, session_id: str) -> Speaker: ...

    def close(self, session_id: str, now_s: float) -> None: ...


class PageLanguage(Protocol):
    """The part of a language that a page is made of; `direction` is "ltr" or "rtl"."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def direction(self) -> str: ...

    @property
    def texts(self) -> Mapping[str, str]: ...
