"""From the stick to the wheels through a browser, and how soon the robot stands without its hand.

The real graph at real time on the depot, a real Chromium on loopback. First: from a key's event in
the page to the gate's command to the motors, while the robot drives. Then somebody drives and,
again and again, lets go, or the tab is told that it is hidden (a browser without a screen hides
none), the browser is frozen (SIGSTOP), the link swallows everything without a FIN, the console is
killed, the gate is killed, or the driver's role is revoked. The simulator's base tells since when
zero is commanded to the motors, and the stamp of the last command that was not zero. An
interrupted run resumes.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _patrol import MeasurementError
from _teleop_rig import Cockpit
from playwright.sync_api import Error, sync_playwright

from patrol_core.errors import RondaError
from patrol_core.processes import CONSOLE, GATE
from ronda_cli.evaluation.statistics import Row
from ronda_cli.session import claimed_domain
from ronda_cli.setting import load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

SITE = "depot"
GOAL_S = 0.25
STAND_WITHIN_S = 6.0
NOTE_PRESS = """addEventListener('keydown', (event) => {
  if (event.code === 'ArrowLeft' && !event.repeat)
    window.pressed = performance.timeOrigin + performance.now();
}, true)"""
HIDE = "document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))"


def kill(cockpit: Cockpit, process: str) -> None:
    pid = cockpit.launch.pid(process)
    if pid is None:
        raise MeasurementError(f"{process} does not run")
    os.kill(pid, signal.SIGKILL)


ENDINGS: dict[str, Callable[[Cockpit, str], None]] = {
    "release": lambda cockpit, key: cockpit.page.keyboard.up(key),
    "tab's hiding event": lambda cockpit, _: cockpit.page.evaluate(HIDE),
    "frozen browser": lambda cockpit, _: cockpit.freeze(signal.SIGSTOP),
    "swallowed link": lambda cockpit, _: cockpit.relay.swallow(swallows=True),
    "killed console": lambda cockpit, _: kill(cockpit, CONSOLE.name),
    "killed gate": lambda cockpit, _: kill(cockpit, GATE.name),
    "revoked role": lambda cockpit, _: cockpit.ask("PATCH", "/users/bo", {"role": "viewer"}),
}


def mend(cockpit: Cockpit, ending: str) -> None:
    """Make it as it was before."""
    if ending == "frozen browser":
        cockpit.freeze(signal.SIGCONT)
    cockpit.relay.swallow(swallows=False)
    if ending == "revoked role":
        cockpit.ask("PATCH", "/users/bo", {"role": "operator"})
    if ending.startswith("killed"):
        mended_s = time.monotonic()
        name = ending.removeprefix("killed ")
        cockpit.until(lambda: cockpit.launch.pid(name) is not None, 20.0, f"{name} stays away")
        time.sleep(3.0)
        cockpit.until(cockpit.answers, 30.0, "the console does not answer")
        cockpit.until(lambda: cockpit.gate_ready_s > mended_s, 60.0, "the gate does not come back")


def stopped_after_s(cockpit: Cockpit, ending: str, key: str) -> tuple[float, float]:
    """From the last fresh command to zero at the motors, and from the act to that [s]: one trial.

    The simulator tells the time of the act 50 times a second.
    """
    cockpit.take()
    key = cockpit.drive(key)
    robot = cockpit.robot
    assert robot is not None
    before_s = robot.motors.motion_stamp_s
    acted_s = cockpit.stamp_s
    ENDINGS[ending](cockpit, key)

    def stands() -> bool:
        now = cockpit.robot
        return now is not None and before_s < now.motors.rest_since_s < math.inf

    cockpit.until(stands, STAND_WITHIN_S, f"{ending}: the robot did not stop")
    motors = cockpit.robot.motors if cockpit.robot else robot.motors
    mend(cockpit, ending)
    with suppress(Error):
        cockpit.page.keyboard.up(key)
    return motors.zero_since_s - motors.motion_stamp_s, motors.zero_since_s - acted_s


def latency_s(cockpit: Cockpit, times: int) -> list[float]:
    """From the event of a key in the page to the command at the motors, while the robot drives."""
    page, found = cockpit.page, []
    page.evaluate(NOTE_PRESS)
    for number in range(times):
        key = cockpit.drive("ArrowUp" if number % 2 else "ArrowDown")
        cockpit.until(lambda: cockpit.turning_s == math.inf, 5.0, "it turns without being asked")
        page.keyboard.down("ArrowLeft")
        cockpit.until(lambda: cockpit.turning_s < math.inf, 5.0, "it does not turn")
        found.append(cockpit.turning_s - page.evaluate("window.pressed") / 1000.0)
        page.keyboard.up("ArrowLeft")
        page.keyboard.up(key)
        cockpit.until(lambda: cockpit.speed_mps() < 0.02, STAND_WITHIN_S, "it did not stop")
    return found


def measure(bench: Bench, count: int) -> tuple[list[float], dict[str, list[list[float]]]]:
    """Latencies [s], and for each ending the times to zero of each trial [s]."""
    kept = bench.kept(SITE)
    with (
        tempfile.TemporaryDirectory(prefix="ronda-teleop-") as folder,
        sync_playwright() as played,
    ):
        cockpit = Cockpit(load_setting(SITE), Path(folder), played)
        try:
            late = kept.get(f"latency {count}")
            if late is None:
                cockpit.take()
                late = latency_s(cockpit, count)
                kept.keep(f"latency {count}", late)
            stops: dict[str, list[list[float]]] = {ending: [] for ending in ENDINGS}
            for index in range(count):
                for ending, found in stops.items():
                    key = f"{ending} {index}"
                    known = kept.get(key)
                    if known is None:
                        arrow = "ArrowUp" if index % 2 else "ArrowDown"
                        known = list(stopped_after_s(cockpit, ending, arrow))
                        kept.keep(key, known)
                    found.append(known)
                    while cockpit.cleared:
                        bench.console.print(f"a latched stop was cleared: {cockpit.cleared.pop()}")
                    bench.console.print(
                        f"{index + 1}/{count} {ending}: zero {known[0]:.3f} s after the last "
                        f"command, {known[1]:.3f} s after the act"
                    )
        finally:
            cockpit.close()
    return late, stops


def draw(late: Sequence[float], stops: dict[str, list[list[float]]], path: Path) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
    left.hist(1000.0 * np.array(late), bins=np.arange(0.0, 205.0, 5.0), color="#0b6bcb")
    for goal in (60.0, 120.0):
        left.axvline(goal, color="#c8321f", ls="--")
    left.set(xlabel="key to motors [ms] (dashed: goals)", ylabel="presses", xlim=(0.0, None))
    after = [[one[0] for one in found] for found in stops.values()]
    right.boxplot(after, orientation="horizontal", tick_labels=list(stops))
    right.axvline(GOAL_S, color="#c8321f", ls="--")
    right.set(xlabel="zero commanded after the last command [s] (dashed: goal)", xlim=(0.0, None))
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--count", type=int, default=100, help="of each")
    bench = begin("teleop", __doc__, parser, "three of each")
    count = 3 if bench.options.quick else bench.options.count
    try:
        with claimed_domain():
            late, stops = measure(bench, count)
    except (RondaError, MeasurementError, Error, OSError) as error:
        return bench.fail(error)
    draw(late, stops, bench.picture)
    in_time = [one[0] <= GOAL_S + 1e-6 for found in stops.values() for one in found]
    rows = [
        Row("key to motors, median", 1000.0 * float(np.median(late)), "ms", goal=60.0,
            better="lower"),
        Row("key to motors, 99 %", 1000.0 * float(np.quantile(late, 0.99)), "ms", goal=120.0,
            better="lower"),
        *(Row(f"{name}: zero after the last command, worst", max(one[0] for one in found), "s",
              goal=GOAL_S, better="lower") for name, found in stops.items()),
        *(Row(f"{name}: zero after the act, worst", max(one[1] for one in found), "s",
              better="lower") for name, found in stops.items()),
        Row("in time, of all", sum(in_time) / len(in_time), "", goal=1.0),
    ]  # fmt: skip
    return bench.answer(rows, trials=len(in_time))


if __name__ == "__main__":
    sys.exit(main())
