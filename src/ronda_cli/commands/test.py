"""`./ronda test`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from patrol_core.errors import RondaError
from ronda_cli.environment.paths import LOG, ROOT
from ronda_cli.environment.report import Report
from ronda_cli.environment.system import want_test_programs
from ronda_cli.launcher import bound_child

RINGS = ("unit", "contract", "replay", "launch", "sim", "gazebo")
"""The rings of tests, from the fastest to the slowest."""
ALL_CORES = ("-n", "logical", "--maxprocesses", "8")
"""What makes pytest-xdist share tests among the cores."""


def run(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RING]... [-- PYTEST_OPTIONS]", help="Which rings; all if none."),
    ] = None,
) -> None:
    """Run the tests, ring by ring: unit, contract, replay, launch, sim, gazebo.

    unit: the cores, no ROS, seconds; alone it uses all cores. contract: one class per interface.
    replay: recorded or drawn input. launch: every launch file comes up. sim: whole patrols.
    gazebo: the same in Gazebo Classic, which is set up at first use, and skipped where it cannot.

    What follows -- goes to pytest:  ./ronda test unit -- -k gate -x
    """
    rings, options = split(words or [])
    if rings == ["unit"] and not options:
        options = list(ALL_CORES)
    if not rings or "contract" in rings:
        _want_programs()
    if not rings or (len(rings) > 1 and "gazebo" in rings):
        _prepare_gazebo()
    folders = [ring_folder(ring, named=bool(rings)) for ring in rings or RINGS]
    _run_pytest([folder for folder in folders if folder], options)


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Rings, and what is for pytest: everything from the first word that is no ring."""
    count = next((i for i, word in enumerate(words) if word not in RINGS), len(words))
    rings, options = words[:count], words[count:]
    if options and not options[0].startswith("-"):
        raise RondaError(f"{options[0]!r} is no ring of tests", expected=", ".join(RINGS))
    return sorted(set(rings), key=RINGS.index), options


def ring_folder(ring: str, *, named: bool) -> Path | None:
    """The folder of a ring; None where it has no tests. A named one without folder is an error."""
    folder = ROOT / "tests" / ring
    if named and not folder.is_dir():
        raise RondaError(f"there is no folder {folder}")
    if any(folder.rglob("test_*.py")):
        return folder
    print(f"ring {ring}: no tests")
    return None


def _want_programs() -> None:
    """See to the browser and the voice that contract tests drive."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", buffering=1) as log:
        want_test_programs(Report(log))


def _prepare_gazebo() -> None:
    """Begin to set Gazebo Classic up while other rings run: its ring then waits for the rest, and
    says what was wrong."""
    words = "from ronda_cli.environment.gazebo import set_up_gazebo; set_up_gazebo()"
    command = [sys.executable, bound_child.__file__, str(os.getpid()), sys.executable, "-c", words]
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)


def _run_pytest(folders: list[Path], options: list[str]) -> NoReturn:
    """Become pytest: its closing line stays the last, its exit status ours."""
    if not folders:
        sys.exit(0)
    sys.stdout.flush()
    os.chdir(ROOT)
    paths = [str(folder.relative_to(ROOT)) for folder in folders]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *paths, *options])  # noqa: S606
