"""From signs to findings: one cause is one finding, told when it has lasted, and when it ended."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.site.behaviour import Rule, RuleKind
from patrol_core.types.perception import FindingKind, Measure
from patrol_perception.behaviour.params import BehaviourParams
from patrol_perception.behaviour.signs import Sign
from patrol_perception.claims import Claim
from patrol_perception.findings import Entry, FindingBook
from patrol_perception.outline import Outline

_GAP_S = 1.0
"""What is not seen for longer before it was told begins anew."""
_SAME_PLACE_M = 2.0
_SURER = 0.15


@dataclass(slots=True)
class Episode:
    """One cause: since when it lasts, the newest sign of it, and the finding once it was told."""

    rule: Rule
    sign: Sign
    first_s: float
    last_s: float
    entry: Entry | None = None
    told_confidence: float = 0.0
    ended: bool = False


class Episodes:
    """Everything that goes on or has ended a short while ago."""

    def __init__(self, params: BehaviourParams, book: FindingBook) -> None:
        self._params = params
        self._book = book
        self.all: list[Episode] = []

    def is_told(self, rule_id: str, who: int) -> bool:
        """Whether somebody is the cause of a finding of that rule which goes on."""
        return any(
            e.sign.who == who and e.rule.rule_id == rule_id and e.entry is not None and not e.ended
            for e in self.all
        )

    def lying(self) -> frozenset[int]:
        """Who is told of as lying: that they stay there is no news."""
        return frozenset(
            e.sign.who
            for e in self.all
            if e.rule.kind is RuleKind.LYING and e.entry is not None and not e.ended
        )

    def update(self, rule: Rule, signs: list[Sign], present: set[int], now_s: float) -> None:
        """Take in all signs of one rule; `present`: numbers of everybody in view."""
        for sign in signs:
            episode = self._of(rule, sign, present)
            if episode is None:
                episode = Episode(rule, sign, now_s - sign.before_s, now_s)
                self.all.append(episode)
            elif episode.entry is None and now_s - episode.last_s > _GAP_S:
                episode.first_s = now_s - sign.before_s
            episode.sign, episode.last_s = sign, now_s
            self._tell(episode, now_s)
        self._end([e for e in self.all if e.rule.rule_id == rule.rule_id], now_s)

    def _of(self, rule: Rule, sign: Sign, present: set[int]) -> Episode | None:
        """The episode of the same person; or, where that one is in view no more, of the same
        place: a track that broke is no new cause."""
        mine = [e for e in self.all if e.rule.rule_id == rule.rule_id]
        same = next((e for e in mine if e.sign.who == sign.who), None)
        if same is not None:
            return same
        crowd = rule.kind is RuleKind.CROWD
        if rule.kind is RuleKind.CLOSED_ZONE:
            return None
        near = [
            (math.hypot(e.sign.x_m - sign.x_m, e.sign.y_m - sign.y_m), i)
            for i, e in enumerate(mine)
            if crowd or e.sign.who not in present
        ]
        away, index = min(near, default=(math.inf, -1))
        reach = 2.0 * rule.radius_m if crowd else _SAME_PLACE_M
        return mine[index] if away <= reach else None

    def _tell(self, episode: Episode, now_s: float) -> None:
        lasted_s = now_s - episode.first_s
        sign = episode.sign
        if episode.entry is None:
            if lasted_s >= episode.rule.for_s - 1e-6:
                outline = Outline(sign.x_m, sign.y_m, sign.size_m, sign.size_m, 0.0)
                claim = Claim(
                    FindingKind.BEHAVIOUR, outline, sign.confidence,
                    episode.first_s, _reason(episode), _evidence(episode, lasted_s),
                )  # fmt: skip
                episode.entry = self._book.open(claim, now_s)
                episode.told_confidence = sign.confidence
        elif episode.ended or self._is_surer(episode):
            episode.ended = False
            episode.told_confidence = max(episode.told_confidence, sign.confidence)
            self._book.amend(
                episode.entry, now_s, reason=_reason(episode), confidence=sign.confidence,
                evidence=_evidence(episode, lasted_s),
            )  # fmt: skip

    def _is_surer(self, episode: Episode) -> bool:
        """Whether by now more speaks for somebody who lies."""
        lies = episode.rule.kind is RuleKind.LYING
        return lies and episode.sign.confidence >= episode.told_confidence + _SURER

    def _end(self, episodes: list[Episode], now_s: float) -> None:
        params = self._params
        for episode in episodes:
            unseen_s = now_s - episode.last_s
            entry = episode.entry
            if entry is None:
                if unseen_s > _GAP_S:
                    self.all.remove(episode)
            elif not episode.ended and unseen_s > params.clear_s:
                episode.ended = True
                lasted_s = episode.last_s - episode.first_s
                words = f" It was seen for the last time after {lasted_s:.0f} s: it has ended."
                self._book.amend(
                    entry, now_s, reason=_reason(episode) + words,
                    evidence=_evidence(episode, lasted_s),
                )  # fmt: skip
            elif episode.ended and unseen_s > params.again_s:
                self._book.close(entry)
                self.all.remove(episode)


def _reason(episode: Episode) -> str:
    """One plain sentence for a person."""
    rule, sign = episode.rule, episode.sign
    kind = rule.kind.value.replace("_", " ").capitalize()
    return f"{kind} (rule '{rule.rule_id}'): {sign.words}; told after {rule.for_s:g} s."


def _evidence(episode: Episode, lasted_s: float) -> tuple[Measure, ...]:
    return (*episode.sign.measures, Measure("lasted", lasted_s, episode.rule.for_s, "s"))
