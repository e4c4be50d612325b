"""An upgrade killed at every step: the old version or the new one, never a mixture.

A checkout with Ronda's own entry and a small program behind it, whose files and environment say
which version they are of, is upgraded and rolled back, killed (SIGKILL) before each change of a
file and each start of a program in turn. After each kill the program is started, runs, accounts
and site are looked at, and the same command is given again. Beside it the usual way, `git
checkout` and set-up where the program stands, killed at as many moments over its whole time.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
from _bench import Bench, begin, options_parser
from _upgrade_stubs import change_version, make_home, replace_in_place, state, version

from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

PARTS = 400
"""Files of a program that differ between two versions: a month of this repository."""
QUICK_EVERY = 6
_COLOURS = {"old": "#4477aa", "new": "#228833", "mixture": "#cc3311"}


@dataclass(frozen=True, slots=True)
class Kill:
    """`at`: step, or share of the time; `found`: old, new or mixture. `kept`: runs and accounts,
    and the site is of one version or the other. `ended`: the same command ends it."""

    way: str
    at: float
    found: str
    kept: bool
    ended: bool


def kill_at_steps(start: Path, folder: Path, wanted: str, every: int, bench: Bench) -> list[Kill]:
    """Killed at the 1st, and each further `every`th, change that it makes."""
    way, names = ("upgrade", "12") if wanted else ("roll back", "21")
    before = state(start)
    whole = copied(start, folder / "whole")
    status, last = change_version(whole, wanted)
    if status != 0:
        raise RuntimeError(last)
    kills = []
    for step in range(1, int(last) + 1, every):
        home = copied(start, folder / "killed")
        change_version(home, wanted, step)
        found = outcome(home, names)
        kept = state(home) == before and site(home) in names
        if found == "new" and not wanted:
            ended = True  # rolled back: once more would go on to the one before
        else:
            ended = change_version(home, wanted)[0] == 0 and version(home) == names[1]
        kills.append(Kill(way, step, found, kept, ended))
        bench.console.print(f"{way}: killed at {step} of {last}: {found}", end="\r")
    bench.console.print()
    return kills


def kill_in_place(start: Path, folder: Path, count: int, bench: Bench) -> list[Kill]:
    """Killed at `count` moments, evenly over the time that it takes."""
    whole_s = replace_in_place(copied(start, folder / "whole"), "two", 600.0)
    kills = []
    for number in range(count):
        home = copied(start, folder / "killed")
        share = (number + 0.5) / count
        replace_in_place(home, "two", share * whole_s)
        kept = site(home) in "12"
        found = outcome(home, "12")
        replace_in_place(home, "two", 600.0)
        kills.append(Kill("in place", share, found, kept, version(home) == "2"))
        bench.console.print(f"in place: killed after {share:.0%}: {found}", end="\r")
    bench.console.print()
    return kills


def copied(start: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(start, to, symlinks=True))


def site(home: Path) -> str:
    return (home / "sites" / "mine" / "site.yaml").read_text(encoding="utf-8")


def outcome(home: Path, names: str) -> str:
    """Which version answers; names: those of the old and the new one."""
    return {names[0]: "old", names[1]: "new"}.get(version(home), "mixture")


def rows_of(kills: list[Kill]) -> list[Row]:
    """Figures of each way."""
    rows = []
    for way in ("upgrade", "roll back", "in place"):
        ours, own = [kill for kill in kills if kill.way == way], way != "in place"
        goal = 0.0 if own else None
        rows += [
            Row(f"{way}: kills", len(ours), ""),
            count(f"{way}: neither old nor new", [k.found != "mixture" for k in ours], goal),
            count(f"{way}: not ended by the same command", [k.ended for k in ours], goal),
        ]
        if own:
            kept = [kill.kept for kill in ours]
            rows.append(count(f"{way}: runs, accounts or site not kept", kept, goal))
    return rows


def count(what: str, right: list[bool], goal: float | None) -> Row:
    """How many are not."""
    return Row(what, float(right.count(False)), "", goal=goal, better="lower")


def draw(kills: list[Kill], file: Path) -> None:
    """A mark for each kill, by when it came."""
    ways = ("upgrade", "roll back", "in place")
    labels = ("./ronda upgrade", "./ronda rollback", "git checkout\nand set-up in place")
    figure, axes = plt.subplots(figsize=(9.0, 3.2), layout="constrained")
    for row, way in enumerate(ways):
        ours = [kill for kill in kills if kill.way == way]
        most = max(kill.at for kill in ours)
        for found, colour in _COLOURS.items():
            places = [kill.at / most for kill in ours if kill.found == found]
            axes.scatter(places, [row] * len(places), s=46, marker="s", color=colour,
                         label=found if row == 0 else None)  # fmt: skip
    axes.set_yticks(range(len(ways)), labels)
    axes.set_ylim(len(ways) - 0.5, -0.5)
    axes.set_xlabel("killed at, from the beginning to the end")
    axes.set_title("Which version runs after a kill", loc="left")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.savefig(file, dpi=140)
    plt.close(figure)


def main() -> int:
    bench = begin("upgrade", __doc__, options_parser(), f"every {QUICK_EVERY}th step alone")
    every = QUICK_EVERY if bench.options.quick else 1
    kills: list[Kill] = []
    with TemporaryDirectory(prefix="ronda-upgrade-") as name:
        folder = Path(name)
        start = make_home(folder / "start", PARTS)
        try:
            kills += kill_at_steps(start, folder, "two", every, bench)
            kills += kill_in_place(start, folder, len(kills), bench)
            change_version(start, "two")
            kills += kill_at_steps(start, folder, "", every, bench)
        except (OSError, RuntimeError) as error:
            return bench.fail(error)
    draw(kills, bench.picture)
    return bench.answer(rows_of(kills), kills=[asdict(kill) for kill in kills])


if __name__ == "__main__":
    sys.exit(main())
