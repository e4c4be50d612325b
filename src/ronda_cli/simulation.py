"""One patrol of one robot in the ROS graph, in simulation, judged at its end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from patrol_core.errors import ConfigError, Place, RondaError
from patrol_core.processes import CONSOLE, HRI
from patrol_core.site import Route, Site
from patrol_core.topics import AMCL_POSE
from patrol_core.types.mission import PatrolEvent
from patrol_records.queries_patrols import patrol_starts
from patrol_records.reader import RecordReader
from patrol_sim.scenario import load_scenario
from ronda_cli.console_words import FOXGLOVE_WORDS, console_words
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.start import start
from ronda_cli.live.terminal import Terminal
from ronda_cli.live.watcher import RobotWatcher
from ronda_cli.scorer import Scorer, TruthListener, Verdict
from ronda_cli.session import Session, refuse_second_clock
from ronda_cli.setting import Setting

START_WITHIN_S = 90.0
RECORDED_WITHIN_S = 10.0
WITH_PEOPLE = frozenset((HRI.name, CONSOLE.name))
"""The processes that talk with people: a patrol begins without them."""
GIVE_UP_FACTOR = 4.0
"""A patrol that takes this many times the ideal has failed."""


@dataclass(frozen=True, slots=True)
class SimOptions:
    """What `./ronda sim` was asked for. `speed` 0: as fast as commands keep up; `kiosk_port` 0: no
    page for visitors; `console_port` 0: none for operators; `laps` 0: no patrol, until a signal
    ends it; `route` empty: the first.
    """

    laps: int = 1
    headless: bool = False
    speed: float = 1.0
    seed: int = 0
    scenario: Path | None = None
    camera: bool = True
    controller: str = ""
    sim: str = "embedded"
    learn_views: bool = False
    kiosk_port: int = 0
    route: str = ""
    use_map: bool = True
    console_port: int = 0
    foxglove: bool = False
    navigator: str = "ronda"
    rviz: bool = False
    log_ticks: bool = False


def scenario_file(name: str, site: str) -> Path | None:
    """The scenario that was asked for: a file, the site's own, or None for a random one."""
    if name == "random":
        return None
    path = Path(name) if name else ROOT / "sim" / "scenarios" / f"{Path(site).name}.yaml"
    load_scenario(path)
    return path.resolve()


def route_of(site: Site, route_id: str) -> Route:
    """The route of that id; the site's first for an empty one. Raises RondaError."""
    known = [route.route_id for route in site.routes]
    if route_id and route_id not in known:
        raise RondaError(f"no route '{route_id}'", expected=f"one of {', '.join(known)}")
    return site.route(route_id or known[0])


class SimulatedPatrol:
    """Starts everything, patrols, and judges."""

    def __init__(self, setting: Setting, options: SimOptions, folder: Path) -> None:
        self._setting, self._options, self._folder = setting, options, folder
        self._route = route_of(setting.site, options.route)
        self._scorer = Scorer(setting.site, setting.world, setting.world_file)
        self._truth = TruthListener()
        self._told_missing: list[str] | None = None

    def run(self) -> Verdict:
        """Patrol once.

        Raises StoppedError when a signal ends it, RondaError when the system cannot run.
        """
        site = self._setting.site
        watcher = RobotWatcher()
        refuse_second_clock(watcher)
        launch = start("sim.launch.xml", self._arguments(), self._folder / "logs")
        title = f"{site.name}: {self._options.laps} lap(s), seed {self._options.seed}"
        terminal = Terminal(title, site, plain=self._options.headless)
        with Session(launch, watcher, terminal) as session, terminal:
            watcher.on_text(TruthListener.topic, self._truth.hear)
            watcher.on(AMCL_POSE, self._truth.believe)
            self._wait_for_processes(session)
            while not self._options.laps:
                session.step()
                self._say_who_is_there(session)
            watcher.start_patrol(self._route.route_id, self._options.laps)
            self._wait_for_end(session)
            session.wait(self._is_recorded, RECORDED_WITHIN_S)
        return judge_run(self._scorer, self._truth, self._folder)

    def _arguments(self) -> dict[str, str]:
        setting, options = self._setting, self._options
        given = {
            "sim": options.sim,
            "site": str(setting.site.folder),
            "world": str(setting.world_file),
            "robot": str(setting.robot_file),
            "urdf": str(setting.urdf_file),
            "scenario": str(options.scenario or ""),
            "run_folder": str(self._folder),
            "seed": str(options.seed),
            "speed": str(options.speed),
            "camera": str(options.camera).lower(),
            "headless": str(options.headless).lower(),
            "epoch_s": repr(time.time()),
            "use_map": str(options.use_map).lower(),
            "learn_views": str(options.learn_views).lower(),
            "serve_page": str(options.kiosk_port > 0).lower(),
            "kiosk_port": str(options.kiosk_port),
            "serve_console": str(options.console_port > 0).lower(),
            "console_port": str(options.console_port),
            "foxglove": str(options.foxglove).lower(),
            "navigator": options.navigator,
            "rviz": str(options.rviz).lower(),
            "log_ticks": str(options.log_ticks).lower(),
        }
        return given | ({"controller": options.controller} if options.controller else {})

    def _wait_for_processes(self, session: Session) -> None:
        """Until the robot can patrol: it does not wait for those that talk with people."""

        def can_patrol() -> bool:
            self._say_who_is_there(session)
            return WITH_PEOPLE.issuperset(session.watcher.state.missing())

        if not session.wait(can_patrol, START_WITHIN_S):
            missing = ", ".join(session.watcher.state.missing())
            raise RondaError(
                f"{missing} did not start within {START_WITHIN_S:.0f} s",
                remedy=f"look into {self._folder / 'logs'}",
            )

    def _say_who_is_there(self, session: Session) -> None:
        """Who is still to come; and, once all are there, where people find their pages."""
        missing = session.watcher.state.missing()
        if missing == self._told_missing:
            return
        self._told_missing = missing
        say, options = session.terminal.say, self._options
        if missing:
            say(f"starting: {', '.join(missing)}")
            return
        say("all run")
        if options.kiosk_port:
            say(f"visitors talk with the robot at http://127.0.0.1:{options.kiosk_port}/")
        if options.console_port:
            say(console_words(options.console_port, self._folder.parent))
        if options.foxglove:
            say(FOXGLOVE_WORDS)

    def _wait_for_end(self, session: Session) -> None:
        """Until the patrol ends, or has taken far too long in simulated time."""
        ideal_s = self._options.laps * self._scorer.ideal_lap_s(self._route.route_id)
        state = session.watcher.state
        give_up_s = state.stamp_s + GIVE_UP_FACTOR * ideal_s + 120.0
        while session.watcher.result is None and state.stamp_s < give_up_s:
            session.step()
            self._say_who_is_there(session)
        if session.watcher.result is None:
            session.terminal.say(f"given up after {GIVE_UP_FACTOR:g} times the ideal time")

    def _is_recorded(self) -> bool:
        return has_ended(self._folder)


def has_ended(run_folder: Path) -> bool:
    """Whether the records of a run say that its last patrol has ended."""
    return any(event.kind == "patrol_ended" for event in _events(run_folder))


def judge_run(
    scorer: Scorer, truth: TruthListener, run_folder: Path, robot_key: str = "robot"
) -> Verdict:
    """The verdict on what a run has recorded. Raises ConfigError when there is nothing."""
    events = _events(run_folder)
    if truth.truth is None or not events:
        raise ConfigError(
            "the run left nothing to judge", place=Place(run_folder),
            remedy=f"look into {run_folder / 'logs'}",
        )  # fmt: skip
    reader = RecordReader(run_folder)
    try:
        incidents = reader.incidents()
    finally:
        reader.close()
    return scorer.judge(truth.truth, events, incidents, truth.errors.result(), robot_key)


def _events(run_folder: Path) -> list[PatrolEvent]:
    reader = RecordReader(run_folder)
    try:
        patrols = patrol_starts(reader)
        return reader.events(patrols[-1].patrol_id) if patrols else []
    finally:
        reader.close()
