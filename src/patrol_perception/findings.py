"""The book of findings: ids, revisions, repetition until acknowledged, and the words."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.types.perception import Finding, FindingKind, Incident, Measure
from patrol_core.types.sensors import CompressedImage
from patrol_perception.claims import Claim
from patrol_perception.judgement import Verdict
from patrol_perception.outline import Outline
from patrol_perception.params import EvidenceParams
from patrol_perception.site_model.observations import EXPECTABLE
from patrol_perception.spots import Spot

Recaller = Callable[[Claim, float], tuple[bool, str]]

_THINGS = (FindingKind.OBJECT, FindingKind.OBSTRUCTION, FindingKind.CHANGE)
"""What a thing that is seen at the same place belongs to."""
_REVISE_EVERY_S = 2.0
_SIZE_SHARE = 0.25


class Entry:
    """One finding: what was last said, and what records have confirmed.

    `spots` are the numbers of all spots that belong to it; the outline is that of `main_spot`
    (None: it rests on what others than the lidar's spots have said).
    `remarks`: what else was seen of it, by who saw it, in words and numbers. What is `closed` has
    ended, and goes once it is stored.
    """

    def __init__(self, finding: Finding, outline: Outline, main_spot: int | None) -> None:
        self.finding = finding
        self.outline = outline
        self.main_spot = main_spot
        self.spots = set() if main_spot is None else {main_spot}
        self.acknowledged = 0
        self.sent_s = -math.inf
        self.photo_score = 0.0
        self.words = (finding.reason, finding.evidence)
        self.remarks: dict[str, tuple[str, tuple[Measure, ...]]] = {}
        self.closed = False
        self.known = self.insisted = False
        """Whether it is no news: then it is not said, unless a rule insists."""


class FindingBook:
    """All findings of this run; each says under which configuration it was made."""

    def __init__(
        self,
        params: EvidenceParams,
        rng: np.random.Generator,
        config_hash: str = "",
        recall: Recaller | None = None,
    ) -> None:
        """`recall` says whether a claim is no news, and adds what is known to its reason."""
        self._params = params
        self._rng = rng
        self._config_hash = config_hash
        self._recall = recall
        self.entries: list[Entry] = []
        self._claimed: dict[str, Entry] = {}

    def acknowledge(self, incidents: Iterable[Incident]) -> None:
        """Note what records have stored."""
        for incident in incidents:
            for entry in self.entries:
                if entry.finding.finding_id == incident.finding_id:
                    entry.acknowledged = max(entry.acknowledged, incident.revision)
        self.entries = [
            entry
            for entry in self.entries
            if not entry.closed or entry.acknowledged < entry.finding.revision
        ]

    def open(
        self,
        claim: Claim,
        now_s: float,
        photo: CompressedImage | None = None,
        before: CompressedImage | None = None,
    ) -> Entry:
        """A finding of its own. One that comes with a photo is given no other."""
        entry = self._begin(claim, now_s, None, photo, before)
        if photo is not None:
            entry.photo_score = math.inf
        return entry

    def claim(self, claim: Claim, now_s: float) -> None:
        """Open a finding for a claim, or revise the one that it has led to.

        A thing where one was found already belongs to that.
        """
        entry = self._claimed.get(claim.key)
        if entry is None and claim.kind in _THINGS:
            entry = self._near(claim.outline.corners_m())
        if entry is None:
            entry = self._begin(claim, now_s, None)
        elif entry.main_spot is None:
            self._revise(entry, claim, now_s)
        self._claimed[claim.key] = entry

    def amend(self, entry: Entry, now_s: float, **changes: Any) -> None:
        """A new revision, with other values of some fields; remarks stay."""
        entry.words = (
            changes.pop("reason", entry.words[0]), changes.pop("evidence", entry.words[1])
        )  # fmt: skip
        reason = " ".join([entry.words[0], *(words for words, _ in entry.remarks.values())])
        evidence = entry.words[1] + tuple(m for _, more in entry.remarks.values() for m in more)
        entry.finding = dataclasses.replace(
            entry.finding, revision=entry.finding.revision + 1, stamp_s=now_s, reason=reason,
            evidence=evidence, **changes,
        )  # fmt: skip
        entry.sent_s = -math.inf

    def remark(
        self, entry: Entry, by: str, words: str, measures: tuple[Measure, ...], now_s: float
    ) -> None:
        """Add a sentence and numbers to a finding, or replace what the same source said before."""
        entry.remarks[by] = (words, measures)
        self.amend(entry, now_s)

    def close(self, entry: Entry) -> None:
        """Nothing more will be said of it: it goes when it is stored."""
        entry.closed = True

    def things(self) -> list[Entry]:
        """The findings of things that are there."""
        return [entry for entry in self.entries if entry.finding.kind in _THINGS]

    def near(self, x_m: float, y_m: float, within_m: float) -> Entry | None:
        """The finding of a thing nearest to a place, if it is that near."""
        place = np.array([[x_m, y_m]])
        things = self.things()
        away = [(float(e.outline.distances_m(place)[0]), i) for i, e in enumerate(things)]
        distance, index = min(away, default=(math.inf, -1))
        return things[index] if distance <= within_m else None

    def report(
        self,
        spot: Spot,
        verdict: Verdict,
        now_s: float,
        pieces: Iterable[int] = (),
        doubt_m: float = 0.0,
    ) -> None:
        """Open a finding for a spot, or revise the one that it belongs to.

        `pieces`: numbers of spots that are parts of the same thing; `doubt_m`: how far the pose
        may be off, so that what was found on an earlier pass is not found anew beside itself.
        """
        claim = Claim(
            verdict.kind, verdict.outline, verdict.confidence,
            verdict.first_seen_s, reason_of(verdict), verdict.evidence,
        )  # fmt: skip
        entry = self._entry_of(spot, doubt_m)
        if entry is None:
            entry = self._begin(claim, now_s, spot.number)
        elif entry.main_spot == spot.number:
            self._revise(entry, claim, now_s)
        elif entry.main_spot is None or claim.outline.length_m > entry.outline.length_m:
            entry.main_spot = spot.number
            self._revise(entry, claim, now_s)
        entry.spots.update(pieces, (spot.number,))

    def is_reported(self, spot: Spot) -> bool:
        """Whether a spot is a finding or a part of one."""
        return bool(self.finding_id_of(spot))

    def finding_id_of(self, spot: Spot) -> str:
        """The finding that a spot is or is a part of; empty for none."""
        ids = (e.finding.finding_id for e in self.entries if spot.number in e.spots)
        return next(ids, "")

    def merged(self, kept: Spot, lost: Spot) -> None:
        """Two spots have grown together: the finding of the one goes on as that of the other."""
        for entry in self.entries:
            if lost.number in entry.spots:
                entry.spots.add(kept.number)
            if entry.main_spot == lost.number:
                entry.main_spot = kept.number

    def add_photo(
        self,
        entry: Entry,
        photo: CompressedImage,
        score: float,
        now_s: float,
        before: CompressedImage | None = None,
    ) -> None:
        """Attach a photo, and the place as it was if known, as a new revision."""
        entry.photo_score = score
        self.amend(entry, now_s, photo=photo, before=before or entry.finding.before)

    def due(self, now_s: float) -> list[Finding]:
        """What has to be said now: new revisions, and again what nobody has confirmed."""
        due = []
        for entry in self.entries:
            is_news = entry.insisted or not entry.known
            waiting = entry.acknowledged < entry.finding.revision
            if is_news and waiting and now_s - entry.sent_s >= self._params.repeat_s:
                entry.sent_s = now_s
                due.append(entry.finding)
        return due

    def _entry_of(self, spot: Spot, doubt_m: float) -> Entry | None:
        known = [entry for entry in self.entries if spot.number in entry.spots]
        if known:
            return next((e for e in known if e.main_spot == spot.number), known[0])
        return self._near(spot.points_m, doubt_m)

    def _near(self, points_m: FloatArray, doubt_m: float = 0.0) -> Entry | None:
        """The finding of a thing that points (N, 2) lie in or beside."""
        near = [
            (float(np.min(entry.outline.distances_m(points_m))), i)
            for i, entry in enumerate(self.entries)
            if entry.finding.kind in _THINGS
        ]
        distance, index = min(near, default=(math.inf, -1))
        return self.entries[index] if distance < self._params.merge_m + doubt_m else None

    def _begin(
        self,
        claim: Claim,
        now_s: float,
        main_spot: int | None,
        photo: CompressedImage | None = None,
        before: CompressedImage | None = None,
    ) -> Entry:
        outline = claim.outline
        known, words = self._recalled(claim, now_s)
        finding = Finding(
            f"{round(now_s * 1000):010d}-{self._rng.bytes(4).hex()}", 1, now_s, claim.kind,
            outline.x_m, outline.y_m, outline.length_m, outline.width_m, claim.confidence,
            claim.first_seen_s, claim.reason + words, claim.evidence, photo, before,
            self._config_hash,
        )  # fmt: skip
        entry = Entry(finding, outline, main_spot)
        entry.known = known
        self.entries.append(entry)
        return entry

    def _recalled(self, claim: Claim, now_s: float) -> tuple[bool, str]:
        if self._recall is None or claim.kind not in EXPECTABLE:
            return False, ""
        return self._recall(claim, now_s)

    def _revise(self, entry: Entry, claim: Claim, now_s: float) -> None:
        old, new, finding = entry.outline, claim.outline, entry.finding
        moved = math.hypot(new.x_m - old.x_m, new.y_m - old.y_m)
        grown = abs(new.length_m - old.length_m) + abs(new.width_m - old.width_m)
        small = max(self._params.revise_m, _SIZE_SHARE * old.length_m)
        same_kind = claim.kind is finding.kind
        if finding.kind is FindingKind.OBSTRUCTION and not same_kind:
            return
        if same_kind and (
            (moved < self._params.revise_m and grown < small)
            or now_s - finding.stamp_s < _REVISE_EVERY_S
        ):
            return
        entry.known, words = self._recalled(claim, now_s)
        entry.outline = new
        self.amend(
            entry, now_s, kind=claim.kind, x_m=new.x_m, y_m=new.y_m, length_m=new.length_m,
            width_m=new.width_m, confidence=claim.confidence, reason=claim.reason + words,
            evidence=claim.evidence,
        )  # fmt: skip


def reason_of(verdict: Verdict) -> str:
    """One plain sentence for a person."""
    outline = verdict.outline
    size = f"{outline.length_m:.1f} m x {max(outline.width_m, 0.1):.1f} m"
    what = (
        f"Something large, seen over {size},"
        if verdict.kind is FindingKind.OBSTRUCTION
        else f"An object of about {size}"
    )
    return (
        f"{what} stands where the map shows free ground, {verdict.clearance_m:.1f} m from the "
        f"nearest mapped thing; it has not moved for {verdict.standing_s:.0f} s of watching."
    )
