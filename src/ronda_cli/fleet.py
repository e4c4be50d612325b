"""Several robots on patrol in one simulator, in the ROS graph: each under its own namespace.

Every robot has every process of the table but the base, which is the simulator's and speaks for
all. Nothing but `/clock` is shared; each has its own folder for records, and judges stay apart.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from patrol_core.errors import RondaError
from patrol_core.site import Site
from patrol_core.topics import AMCL_POSE, CLOCK_TOPIC
from patrol_sim.faults import FAULT_TOPIC
from ronda_cli.launcher.start import LAUNCH_FOLDER, start
from ronda_cli.live.terminal import Terminal
from ronda_cli.live.watcher import RobotWatcher
from ronda_cli.scorer import Scorer, TruthListener, Verdict
from ronda_cli.session import Session, refuse_second_clock
from ronda_cli.setting import Setting
from ronda_cli.simulation import (
    GIVE_UP_FACTOR,
    RECORDED_WITHIN_S,
    START_WITHIN_S,
    SimOptions,
    has_ended,
    judge_run,
)

SHARED = (CLOCK_TOPIC, TruthListener.topic, FAULT_TOPIC, "/rosout", "/parameter_events")
"""What belongs to no robot."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OTHERS_SPIN_S = 0.02


@dataclass(frozen=True, slots=True)
class Member:
    """A robot of the fleet: its namespace, its dock, its route, its pages' ports (0: none)."""

    name: str
    dock_id: str
    route_id: str
    folder: Path
    kiosk_port: int = 0
    console_port: int = 0


def members_of(names: str, site: Site, options: SimOptions, folder: Path) -> list[Member]:
    """Robots by their names, separated by commas: each takes the next dock, route and ports.

    Raises RondaError for names that are none, and for more robots than docks.
    """
    wanted = [name.strip() for name in names.split(",")]
    for name in wanted:
        if not _NAME.fullmatch(name) or wanted.count(name) > 1:
            raise RondaError(
                f"--robots {names}",
                expected="different names of a to z, 0 to 9 and _, separated by commas, as a,b",
            )
    if len(wanted) > len(site.docks):
        raise RondaError(
            f"{len(wanted)} robots, and the site '{site.name}' has {len(site.docks)} dock(s)",
            remedy="take a site with a dock for each (--site court has two)",
        )
    routes = [route.route_id for route in site.routes]
    return [
        Member(
            name, site.docks[index].dock_id,
            options.route or routes[index % len(routes)], folder / name,
            options.kiosk_port and options.kiosk_port + index,
            options.console_port and options.console_port + index,
        )
        for index, name in enumerate(wanted)
    ]  # fmt: skip


def write_launch(
    path: Path, setting: Setting, options: SimOptions, members: Sequence[Member]
) -> Path:
    """A launch file with one simulator and every robot's processes in its namespace."""
    common = {
        "site": str(setting.site.folder), "seed": str(options.seed), "epoch_s": repr(time.time()),
    }  # fmt: skip
    simulator = common | {
        "namespace": ",".join(member.name for member in members),
        "world": str(setting.world_file), "scenario": str(options.scenario or ""),
        "speed": str(options.speed), "camera": str(options.camera).lower(),
        "run_folder": str(path.parent),
    }  # fmt: skip
    groups = [_group(f"sim_{options.sim}.launch.xml", simulator)]
    for index, member in enumerate(members):
        robot = common | {
            "namespace": member.name, "own_docks": member.dock_id, "use_sim_time": "true",
            "run_folder": str(member.folder), "seed": str(options.seed + index),
            "use_map": str(options.use_map).lower(),
            "serve_page": str(member.kiosk_port > 0).lower(),
            "kiosk_port": str(member.kiosk_port),
            "serve_console": str(member.console_port > 0).lower(),
            "console_port": str(member.console_port),
            "foxglove": str(options.foxglove and index == 0).lower(),
            "learn_views": str(options.learn_views).lower(),
        }  # fmt: skip
        if options.controller:
            robot["controller"] = options.controller
        groups.append(_group("system.launch.xml", robot))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<launch>\n{''.join(groups)}</launch>\n", encoding="utf-8")
    return path


def _group(file: str, arguments: dict[str, str]) -> str:
    lines = [
        f"      <arg name={quoteattr(name)} value={quoteattr(value)}/>\n"
        for name, value in arguments.items()
    ]
    include = quoteattr(str(LAUNCH_FOLDER / file))
    return f"  <group>\n    <include file={include}>\n{''.join(lines)}    </include>\n  </group>\n"


def crosstalk(
    endpoints: dict[str, tuple[set[str], set[str]]], names: Sequence[str], onlookers: Sequence[str]
) -> list[str]:
    """What of one robot's is heard or said by another's nodes, in words; topics outside, too.

    `endpoints`: publishers and subscribers (full node names) by topic. The simulator's node stands
    for all robots; `onlookers` are programs that people run.
    """
    strays = []
    for topic, (publishers, subscribers) in sorted(endpoints.items()):
        owner = topic.split("/")[1]
        if topic in SHARED:
            continue
        for verb, nodes in (("publishes", publishers), ("hears", subscribers)):
            for node in sorted(nodes):
                program = node.rsplit("/", 1)[1]
                stands_for_all = node == "/base" or program in onlookers
                at_home = owner in names and node.startswith(f"/{owner}/")
                if not stands_for_all and not at_home:
                    strays.append(f"{node} {verb} {topic}")
    return strays


class SimulatedFleet:
    """Starts everything, patrols with all robots at once, and judges each."""

    def __init__(
        self, setting: Setting, options: SimOptions, folder: Path, members: Sequence[Member]
    ) -> None:
        self._setting, self._options, self._folder = setting, options, folder
        self._members = members
        self._scorer = Scorer(setting.site, setting.world, setting.world_file)
        self._truths = [TruthListener(member.name) for member in members]
        self._watchers: list[RobotWatcher] = []
        self.strays: list[str] = []

    def run(self) -> list[Verdict]:
        """Patrol once; `strays` then says who heard or said what is another robot's.

        Raises StoppedError when a signal ends it, RondaError when the system cannot run.
        """
        options, names = self._options, [member.name for member in self._members]
        first = RobotWatcher(names[0])
        self._watchers = [first, *(RobotWatcher(name, beside=first) for name in names[1:])]
        refuse_second_clock(first)
        file = write_launch(
            self._folder / "fleet.launch.xml", self._setting, options, self._members
        )
        launch = start(str(file), {}, self._folder / "logs")
        title = f"{self._setting.site.name}: {', '.join(names)}; the view shows {names[0]}"
        terminal = Terminal(title, self._setting.site, plain=options.headless)
        with Session(launch, self._watchers[0], terminal) as session, terminal:
            self._listen()
            self._wait_for_processes(session)
            self.strays = crosstalk(self._watchers[0].endpoints(), names, ["ronda_cli"])
            while not options.laps:
                self._step(session)
            for watcher, member in zip(self._watchers, self._members, strict=True):
                watcher.start_patrol(member.route_id, options.laps)
            self._wait_for_end(session)
            folders = [member.folder for member in self._members]
            session.wait(lambda: all(map(has_ended, folders)), RECORDED_WITHIN_S)
        for watcher in self._watchers[1:]:
            watcher.close()
        return [
            judge_run(self._scorer, truth, member.folder, member.name)
            for truth, member in zip(self._truths, self._members, strict=True)
        ]

    def _listen(self) -> None:
        for watcher, truth in zip(self._watchers, self._truths, strict=True):
            watcher.on_text(TruthListener.topic, truth.hear)
            watcher.on(AMCL_POSE, truth.believe)
        for watcher in self._watchers[1:]:
            watcher.listen()

    def _step(self, session: Session) -> None:
        session.step()
        for watcher in self._watchers[1:]:
            watcher.spin(_OTHERS_SPIN_S)

    def _wait_for_processes(self, session: Session) -> None:
        end_s = time.monotonic() + START_WITHIN_S * len(self._members)
        told: list[str] = []
        while missing := self._missing():
            if missing != told:
                session.terminal.say(f"starting: {', '.join(missing)}")
                told = missing
            if time.monotonic() > end_s:
                raise RondaError(
                    f"{', '.join(missing)} did not start",
                    remedy=f"look into {self._folder / 'logs'}",
                )
            self._step(session)
        session.terminal.say("all run")

    def _missing(self) -> list[str]:
        pairs = zip(self._members, self._watchers, strict=True)
        return [f"{m.name}/{process}" for m, w in pairs for process in w.state.missing()]

    def _wait_for_end(self, session: Session) -> None:
        ideal_s = max(self._scorer.ideal_lap_s(member.route_id) for member in self._members)
        state = session.watcher.state
        give_up_s = state.stamp_s + GIVE_UP_FACTOR * self._options.laps * ideal_s + 120.0
        while state.stamp_s < give_up_s and any(w.result is None for w in self._watchers):
            self._step(session)
