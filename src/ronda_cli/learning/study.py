"""One use of `./ronda learn`: what was read, what came out, and how it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from patrol_core.errors import RondaError
from patrol_core.learned import learned_values, version_in_force
from patrol_core.processes import PERCEPTION
from patrol_core.site import load_site
from patrol_core.site.local_time import site_local_time
from patrol_perception.learning.lesson import Lesson, learn
from patrol_perception.learning.params import LearnParams
from patrol_perception.learning.places import JudgedPlace, merged, places_of
from patrol_perception.learning.places_file import read_places
from patrol_perception.learning.things import Labelled, RunRecords, label
from patrol_perception.params import PerceptionParams
from ronda_cli.learning.card import make_card
from ronda_cli.learning.gather import evidence_in_force, read_runs, run_folders
from ronda_cli.learning.picture import draw_lesson
from ronda_cli.learning.versions import write_version


@dataclass(frozen=True, slots=True)
class Study:
    """Records of some runs, labelled, with the lesson and the places that they give."""

    site_folder: Path
    params: LearnParams
    seed: int
    runs: tuple[str, ...]
    labelled: Labelled
    lesson: Lesson
    old_places: tuple[JudgedPlace, ...]
    new_places: tuple[JudgedPlace, ...]

    @staticmethod
    def of(site_folder: Path, runs: Sequence[str], params: LearnParams, seed: int) -> Study:
        """Read and learn. Raises RondaError when site or records are wrong."""
        site = load_site(site_folder)
        folders = run_folders(site_folder.name, runs)
        records: list[RunRecords] = read_runs(folders)
        names = tuple(record.name for record in records)
        labelled = label(records, params.near_m)
        clock = site_local_time(site.timezone)
        lesson = learn(labelled, evidence_in_force(site_folder), params, seed, clock)
        old = read_places(site_folder)
        places = merged(old, places_of(records), names)
        return Study(site_folder, params, seed, names, labelled, lesson, old, places)

    def draw(self, target: Path) -> None:
        """The picture of the lesson."""
        draw_lesson(self.lesson, self.site_folder.name, target)

    def apply(self, now: datetime, force: bool) -> int:
        """Keep thresholds (if better, or forced) and places (if new) as a version in force.

        Raises RondaError when there is nothing to keep; then nothing has changed.
        """
        lesson = self.lesson
        takes_thresholds = lesson.is_better or (force and bool(lesson.changes))
        if not takes_thresholds and self.new_places == self.old_places:
            raise RondaError(
                "nothing is applied: " + self._refusal(),
                remedy="judge more patrols, or use --force where the figures speak for it",
            )
        present = learned_values(self.site_folder, PERCEPTION.name, PerceptionParams)
        thresholds = {name.rpartition(".")[2]: value for name, value in present.items()}
        if takes_thresholds:
            thresholds |= lesson.changes
        card = make_card(
            lesson, self.labelled, self.params, seed=self.seed, runs=self.runs,
            based_on=version_in_force(self.site_folder), now=now,
            forced=takes_thresholds and not lesson.is_better,
            changes=lesson.changes if takes_thresholds else {},
        )  # fmt: skip
        return write_version(self.site_folder, thresholds, self.new_places, card, now)

    def _refusal(self) -> str:
        if self.lesson.lacking:
            return "too little is known"
        if not self.lesson.changes:
            return "no threshold would do better"
        return "the refitted thresholds are not better on the patrols held back"
