"""What would be wrong with a site folder, before anything in it is changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.site.behaviour_file import read_behaviour
from patrol_core.site.loader import SiteCheck, SiteError, check_site

_NOT_READ = ("before", "history", "views", "learned")


def check_folder(folder: Path, half_width_m: float) -> SiteCheck:
    """As `check_site`, with the rules of behaviour."""
    outcome = check_site(folder, half_width_m=half_width_m)
    if outcome.site is not None:
        try:
            read_behaviour(outcome.site)
        except SiteError as error:
            return SiteCheck(None, error.problems)
    return outcome


def tried(
    folder: Path, changed: Mapping[str, bytes], check: Callable[[Path], SiteCheck]
) -> SiteCheck:
    """What `check` would say of the folder if these files were changed; places are those in
    `folder`. Nothing is written there.
    """
    with tempfile.TemporaryDirectory(prefix="ronda-") as temporary:
        trial = Path(temporary) / folder.name
        if folder.is_dir():
            shutil.copytree(folder, trial, ignore=shutil.ignore_patterns(*_NOT_READ))
        trial.mkdir(exist_ok=True)
        for name, data in changed.items():
            (trial / name).write_bytes(data)
        outcome = check(trial)
    return SiteCheck(outcome.site, tuple(_at_home(p, trial, folder) for p in outcome.problems))


def _at_home(problem: ConfigError, trial: Path, folder: Path) -> ConfigError:
    place = problem.place
    if place is not None and place.file.is_relative_to(trial):
        place = Place(folder / place.file.relative_to(trial), place.line)
    text = problem.problem.replace(str(trial), str(folder))
    return ConfigError(text, place=place, expected=problem.expected, remedy=problem.remedy)
