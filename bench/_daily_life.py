"""A site at its hours: vans that park by the route, the gate that stands open in working time.

What is usual is drawn once for a site; a lap varies it a little. The site model is learnt from
what perception noted on laps at these hours, never from the truth.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from _bench import Bench
from _site_laps import Lap, all_of, drive, placer_of, setting_of

from patrol_core.geometry import Pose2
from patrol_perception.site_model.model import SiteModel
from patrol_perception.site_model.model_file import OBSERVATIONS, read_observations, save_model
from patrol_sim.removal import Removal
from patrol_sim.rng import stream
from patrol_sim.scenario import PlacedObject, Scenario

HOURS = (3, 8, 14, 20)
"""Local hours of the patrols; what is usual at one is so until the next."""
VANS: tuple[tuple[int, ...], ...] = ((8, 14), (14, 20), (3, 20), (3, 8, 14, 20))
"""At which of them each van parks."""
GATE_OPEN = (8, 14)
MONDAY = date(2026, 6, 1)
PEOPLE = 10
_HERE_SHARE = 0.9
_PARKED_M, _PARKED_RAD = 0.15, 0.03
_VAN_M = (5.2, 2.0, 2.2)


def usual_lap(site: str, seed: int, model: str = "", notes: Path | None = None) -> Lap:
    """A lap at one of the hours, all as usual. `model`: the site model's folder; `notes`: where
    what perception noted down is to go."""
    hour = HOURS[seed % len(HOURS)]
    zone = ZoneInfo(setting_of(site).site.timezone)
    day = MONDAY + timedelta(days=seed // len(HOURS) % 5)
    begin = datetime.combine(day, time(hour, 10), zone)
    return drive(
        site, scenario_at(site, seed, hour), seed, epoch_s=begin.timestamp(),
        overrides={"perception": {"site_model.folder": model}},
        keep=None if notes is None else {OBSERVATIONS: notes},
    )  # fmt: skip


def scenario_at(site: str, seed: int, hour: int, people: int = PEOPLE) -> Scenario:
    """Vans, gate and at most so many people, as is usual at that local hour."""
    hour = max((begins for begins in HOURS if begins <= hour), default=HOURS[-1])
    placer, rng = placer_of(site), stream(seed, "daily life")
    bays = placer.bays(len(VANS), _VAN_M)
    vans = []
    for number, (bay, hours) in enumerate(zip(bays, VANS, strict=False)):
        x, y, yaw = rng.normal(0.0, (_PARKED_M, _PARKED_M, _PARKED_RAD)).tolist()
        if hour in hours and rng.random() < _HERE_SHARE:
            pose = bay.compose(Pose2(x, y, yaw))
            vans.append(PlacedObject(f"van_{number}", "vehicle", _VAN_M, pose, 0.0, planted=False))
    open_now = hour in GATE_OPEN and any(m.name == "gate" for m in setting_of(site).world.models)
    gone = (Removal("gate", -3.8, 3.8),) if open_now else ()
    drawn = placer.people(seed, people)
    walks = [p for p in drawn.pedestrians if placer.keeps_clear(p.waypoints_m, bays, _VAN_M)]
    return dataclasses.replace(drawn, objects=tuple(vans), removed=gone, pedestrians=tuple(walks))


def learn_laps(bench: Bench, site: str, seeds: Sequence[int], folder: Path) -> Path:
    """Drive laps to learn from and write the model; its folder."""
    kept = bench.kept("learnt", site)
    notes = {seed: kept.get(seed) for seed in seeds}
    missing = [(site, seed) for seed, text in notes.items() if text is None]
    for (_, seed), text in all_of(_noted, missing, bench.options.jobs):
        notes[seed] = text
        kept.keep(seed, text)
        bench.console.print(f"learnt from seed {seed}")
    hours = []
    for seed, text in notes.items():
        path = folder / f"{seed}.jsonl"
        path.write_text(text, encoding="utf-8")
        hours += read_observations(path)
    save_model(SiteModel().learn(hours), folder)
    return folder


def _noted(task: tuple[str, int]) -> str:
    """What perception noted on a usual lap."""
    with tempfile.TemporaryDirectory(prefix="ronda-notes-") as name:
        path = Path(name) / OBSERVATIONS
        usual_lap(*task, notes=path)
        return path.read_text(encoding="utf-8")
