"""Shows a running robot: redrawn in a terminal, or as plain lines."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType

from rich.console import Console
from rich.live import Live

from patrol_core.site import Site
from ronda_cli.live.map_sketch import MapSketch
from ronda_cli.live.state import LiveState
from ronda_cli.live.view import line, moment, panel

_REDRAW_S = 0.25
_LINE_S = 5.0


class Terminal:
    """One of the two, for as long as the `with` block lasts."""

    def __init__(self, title: str, site: Site, *, plain: bool) -> None:
        self._title = title
        self.console = Console(highlight=False)
        self._is_plain = plain or not self.console.is_terminal
        self._sketch = None if self._is_plain else MapSketch(site)
        self._live = None if self._is_plain else Live(console=self.console, auto_refresh=False)
        self._news: list[str] = []
        self._shown_s = 0.0

    def __enter__(self) -> Terminal:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, text: str) -> None:
        """Something that has happened."""
        self._news.append(text)
        if self._live is None:
            self.console.print(text, markup=False, soft_wrap=True)

    def update(self, state: LiveState, restarts: Mapping[str, int]) -> None:
        """Show the state, if it is time to."""
        while state.news:
            self.say(f"{moment(state.stamp_s)}  {state.news.popleft()}")
        now_s = time.monotonic()
        period_s = _LINE_S if self._live is None else _REDRAW_S
        if now_s - self._shown_s < period_s:
            return
        self._shown_s = now_s
        if self._live is None or self._sketch is None:
            if state.gate is not None:
                self.console.print(line(state), markup=False, soft_wrap=True)
            return
        view = panel(self._title, state, restarts, self._news, self._sketch, now_s)
        self._live.update(view, refresh=True)
