"""`./ronda test`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Annotated, NoReturn

import typer

from patrol_core.errors import RondaError
from ronda_cli.environment.paths import LOG, ROOT
from ronda_cli.environment.report import Report
from ronda_cli.environment.system import want_test_programs
from ronda_cli.launcher import bound_child

RINGS = ("unit", "contract", "replay", "launch", "sim", "gazebo")
"""The rings of tests, from the fastest to the slowest."""
SHARED = ("unit", "replay")
"""Rings whose tests want nothing but a processor: they are shared among all cores."""
ALL_CORES = ("-n", "logical", "--maxprocesses", "8")
"""What makes pytest-xdist share tests among the cores."""
INTERRUPTED = 2
"""Pytest's exit status after Ctrl-C."""


def run(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RING]... [-- PYTEST_OPTIONS]", help="Which rings; all if none."),
    ] = None,
) -> None:
    """Run the tests, ring by ring: unit, contract, replay, launch, sim, gazebo.

    unit: the cores, no ROS, seconds. contract: one class per interface. replay: recorded or drawn
    input. launch: every launch file comes up. sim: whole patrols. gazebo: the same in Gazebo
    Classic, which is set up at first use, and skipped where it cannot.

    What follows -- goes to pytest:  ./ronda test unit -- -k gate -x

    Without such words unit and replay come first, on all cores; the others then have the machine
    to themselves.
    """
    rings, options = split(words or [])
    if not rings or "contract" in rings:
        _want_programs()
    if not rings or (len(rings) > 1 and "gazebo" in rings):
        _prepare_gazebo()
    found = [ring for ring in rings or RINGS if has_tests(ring, named=bool(rings))]
    *earlier, last = parts(found, options) or [([], [])]
    for part, words_for_it in earlier:
        status = _run_pytest(part, words_for_it)
        if status == INTERRUPTED:
            sys.exit(status)
        if status:
            _run_pytest(*last)
            sys.exit(f"failed: {' and '.join(part)} (above)")
    _become_pytest(*last)


def parts(rings: list[str], options: list[str]) -> list[tuple[list[str], list[str]]]:
    """Rings that run together, in order, each with what is for pytest."""
    if options:
        return [(rings, options)]
    shared = [ring for ring in rings if ring in SHARED]
    alone = [ring for ring in rings if ring not in SHARED]
    return [part for part in ((shared, list(ALL_CORES)), (alone, [])) if part[0]]


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Rings, and what is for pytest: everything from the first word that is no ring."""
    count = next((i for i, word in enumerate(words) if word not in RINGS), len(words))
    rings, options = words[:count], words[count:]
    if options and not options[0].startswith("-"):
        raise RondaError(f"{options[0]!r} is no ring of tests", expected=", ".join(RINGS))
    return sorted(set(rings), key=RINGS.index), options


def has_tests(ring: str, *, named: bool) -> bool:
    """Whether a ring has tests. A named one without folder is an error."""
    folder = ROOT / "tests" / ring
    if named and not folder.is_dir():
        raise RondaError(f"there is no folder {folder}")
    if any(folder.rglob("test_*.py")):
        return True
    print(f"ring {ring}: no tests")
    return False


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


def _run_pytest(rings: list[str], options: list[str]) -> int:
    """Pytest's exit status. Ctrl-C is handed on; it does not outlive this process."""
    command = [sys.executable, bound_child.__file__, str(os.getpid()), *_pytest(rings, options)]
    sys.stdout.flush()
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as tests:
        before = signal.signal(signal.SIGINT, lambda number, _: tests.send_signal(number))
        try:
            return tests.wait()
        finally:
            signal.signal(signal.SIGINT, before)


def _become_pytest(rings: list[str], options: list[str]) -> NoReturn:
    """Its closing line stays the last, its exit status ours."""
    if not rings:
        sys.exit(0)
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(sys.executable, _pytest(rings, options))  # noqa: S606


def _pytest(rings: list[str], options: list[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", *(f"tests/{ring}" for ring in rings), *options]
