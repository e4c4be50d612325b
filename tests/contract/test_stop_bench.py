"""`./ronda bench stop`: what a late machine spoilt is shown as it came out, and done again."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
from rich.console import Console

pytest.importorskip("rclpy")

import stop
from _stop_lateness import Waits
from _stop_trial import KINDS, LATE_S, Stop

KIND = next(iter(KINDS))


class Kept:
    """Of a bench: its console, and results by key."""

    def __init__(self) -> None:
        self.console = Console(file=io.StringIO(), width=200)
        self.values: dict[str, Any] = {}

    def kept(self, *_: object) -> Kept:
        return self

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def keep(self, key: str, value: Any) -> None:
        self.values[key] = value


def trial(zero_after_s: float, late_s: float, kind: str = KIND) -> Stop:
    return Stop("roboclaw", kind, 1.5, zero_after_s, 0.8, False, late_s)


def test_a_late_trial_counts_as_it_came_out_and_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, str]] = []
    late_s = dict.fromkeys(KINDS, 0.0) | {KIND: 2.0 * LATE_S}

    def trials(
        _: str, cases: Sequence[tuple[int, str]], *__: object
    ) -> Iterator[tuple[int, str, Stop]]:
        for index, kind in cases:
            asked.append((index, kind))
            yield index, kind, trial(0.3 if late_s[kind] else 0.2, late_s[kind], kind)

    monkeypatch.setattr(stop, "_trials", trials)
    bench = Kept()
    first = stop.summary(stop.measure(cast("Any", bench), ["roboclaw"], 1, 0))
    assert asked == [(0, kind) for kind in KINDS]
    line = first[0]
    assert (line["n"], line["held"], line["late"], line["missed_late"]) == (1, 0, 1, 1)
    assert "0.040 s late" in cast("io.StringIO", bench.console.file).getvalue()
    asked.clear()
    late_s[KIND] = 0.0
    second = stop.measure(cast("Any", bench), ["roboclaw"], 1, 0)
    assert asked == [(0, KIND)]
    assert len(second) == len(KINDS)
    held, late = stop.rows(stop.summary(second))
    assert held.value == len(KINDS) and held.holds and late.value == 0


def test_who_waits_for_a_processor_is_seen_and_who_is_gone_is_not() -> None:
    assert Waits([2**22 + 1]).worst_s() == 0.0
    waits = Waits([os.getpid()])
    assert 0.0 <= waits.worst_s() < 60.0
