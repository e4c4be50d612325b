"""The book of findings: ids, revisions, repetition until acknowledged, and the words."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

import numpy as np

from patrol_core.types.perception import Finding, FindingKind, Incident
from patrol_core.types.sensors import CompressedImage
from patrol_perception.judgement import Verdict
from patrol_perception.outline import Outline
from patrol_perception.params import EvidenceParams
from patrol_perception.spots import Spot

_REVISE_EVERY_S = 2.0
_SIZE_SHARE = 0.25
_NO_SPOT = -1


class Entry:
    """One finding: what was last said, and what records have confirmed.

    `spots` are the numbers of all spots that belong to it; the outline is that of `main_spot`.
    """

    def __init__(self, finding: Finding, outline: Outline, main_spot: int) -> None:
        self.finding = finding
        self.outline = outline
        self.main_spot = main_spot
        self.spots = {main_spot}
        self.acknowledged = 0
        self.sent_s = -math.inf
        self.photo_score = 0.0


class FindingBook:
    """All findings of this run."""

    def __init__(
        self, params: EvidenceParams, rng: np.random.Generator, config_hash: str = ""
    ) -> None:
        self._params = params
        self._rng = rng
        self._config_hash = config_hash
        self.entries: list[Entry] = []

    def acknowledge(self, incidents: Iterable[Incident]) -> None:
        """Note what records have stored."""
        for incident in incidents:
            for entry in self.entries:
                if entry.finding.finding_id == incident.finding_id:
                    entry.acknowledged = max(entry.acknowledged, incident.revision)

    def report(
        self, spot: Spot, verdict: Verdict, now_s: float, pieces: Iterable[int] = ()
    ) -> None:
        """Open a finding for a spot, or revise the one that it belongs to.

        `pieces`: numbers of spots that are parts of the same thing.
        """
        entry = self._entry_of(spot)
        if entry is None:
            entry = self._open(spot, verdict, now_s)
            self.entries.append(entry)
        elif entry.main_spot == spot.number:
            self._revise(entry, verdict, now_s)
        elif (
            entry.finding.kind is FindingKind.CHANGE
            or verdict.outline.length_m > entry.outline.length_m
        ):
            entry.main_spot = spot.number
            self._revise(entry, verdict, now_s)
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

    def add(self, finding: Finding, outline: Outline) -> None:
        """Open a finding that is no spot of the lidar's and comes with its own photo."""
        entry = Entry(finding, outline, _NO_SPOT)
        entry.photo_score = math.inf
        self.entries.append(entry)

    def new_id(self, now_s: float) -> str:
        """For a finding that begins now."""
        return f"{round(now_s * 1000):010d}-{self._rng.bytes(4).hex()}"

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
        finding = entry.finding
        entry.finding = dataclasses.replace(
            finding, revision=finding.revision + 1, stamp_s=now_s, photo=photo,
            before=before or finding.before,
        )  # fmt: skip
        entry.sent_s = -math.inf

    def due(self, now_s: float) -> list[Finding]:
        """What has to be said now: new revisions, and again what nobody has confirmed."""
        due = []
        for entry in self.entries:
            waiting = entry.acknowledged < entry.finding.revision
            if waiting and now_s - entry.sent_s >= self._params.repeat_s:
                entry.sent_s = now_s
                due.append(entry.finding)
        return due

    def _entry_of(self, spot: Spot) -> Entry | None:
        known = [entry for entry in self.entries if spot.number in entry.spots]
        if known:
            return next((e for e in known if e.main_spot == spot.number), known[0])
        near = [
            (float(np.min(entry.outline.distances_m(spot.points_m))), i)
            for i, entry in enumerate(self.entries)
        ]
        distance, index = min(near, default=(math.inf, -1))
        return self.entries[index] if distance < self._params.merge_m else None

    def _open(self, spot: Spot, verdict: Verdict, now_s: float) -> Entry:
        outline = verdict.outline
        finding = Finding(
            self.new_id(now_s), 1, now_s, verdict.kind, outline.x_m, outline.y_m, outline.length_m,
            outline.width_m, verdict.confidence, verdict.first_seen_s, reason_of(verdict),
            verdict.evidence, config_hash=self._config_hash,
        )  # fmt: skip
        return Entry(finding, outline, spot.number)

    def _revise(self, entry: Entry, verdict: Verdict, now_s: float) -> None:
        old, new, finding = entry.outline, verdict.outline, entry.finding
        moved = math.hypot(new.x_m - old.x_m, new.y_m - old.y_m)
        grown = abs(new.length_m - old.length_m) + abs(new.width_m - old.width_m)
        small = max(self._params.revise_m, _SIZE_SHARE * old.length_m)
        same_kind = verdict.kind is finding.kind
        if finding.kind is FindingKind.OBSTRUCTION and not same_kind:
            return
        if same_kind and (
            (moved < self._params.revise_m and grown < small)
            or now_s - finding.stamp_s < _REVISE_EVERY_S
        ):
            return
        entry.outline = new
        entry.finding = dataclasses.replace(
            finding, revision=finding.revision + 1, stamp_s=now_s, kind=verdict.kind,
            x_m=new.x_m, y_m=new.y_m, length_m=new.length_m, width_m=new.width_m,
            confidence=verdict.confidence, reason=reason_of(verdict), evidence=verdict.evidence,
        )  # fmt: skip
        entry.sent_s = -math.inf


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
