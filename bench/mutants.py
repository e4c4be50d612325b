"""Mutants of the gate: does a test notice each small mistake in `patrol_gate`?

Comparisons, arithmetic, constants, conditions, results and statements are changed one at a time,
in a copy that comes first on the path, and the tests of tests/unit/gate run until one fails. What
they do not notice has a written reason in tests/unit/gate/survivors.yaml, or is a gap in them.
A mutant once noticed is not tried again while its module stays as it is (but with --fresh); one
that was not noticed is tried again when a test has changed.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import matplotlib as mpl
from _bench import FOLDER, Bench, Kept, begin, options_parser
from _mutation import Mutant, mutants

from patrol_core.yaml_file import load_yaml
from patrol_sim.rng import stream
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

PACKAGE = ROOT / "src" / "patrol_gate"
TESTS = ROOT / "tests" / "unit" / "gate"
WORLD = ROOT / "tests" / "gate_world.py"
REASONS = TESTS / "survivors.yaml"
MADE_PAGES = TESTS.parent / "test_made_pages.py"
"""Holds the parameters' defaults and bounds against docs/PARAMETERS.md."""

QUICK = 60
SLOWEST_LAST = ("test_gate_stops", "test_beside_the_lidar")
USED_BY_TESTS = (
    "pytest",
    "hypothesis",
    "numba",
    "numpy",
    "shapely",
    "patrol_core.bus",
    "patrol_core.robot",
)
"""Imported once; every mutant gets its own fork of a process that has them."""

CPU_FACTOR, CPU_LEAST_S = 3.0, 10.0
"""Processor time after which a mutant counts as noticed: it runs for ever."""
MEMORY_BYTES = 4 << 30
"""A mutant that takes more memory than this counts as noticed, too."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mutant; `reason`: why no test can notice it, where that is written."""

    file: str
    mutant: Mutant
    killed: bool
    reason: str | None


def digest(paths: Sequence[Path]) -> str:
    """Twelve letters that change with the files."""
    content = b"".join(path.read_bytes() for path in sorted(paths))
    return hashlib.sha256(content).hexdigest()[:12]


def test_files(module: str) -> tuple[list[str], list[str]]:
    """The tests of the gate that are named after a module, and the others, the slowest last."""
    names = sorted(path.stem for path in TESTS.glob("test_*.py"))
    names.sort(key=lambda name: name in SLOWEST_LAST)
    own = [str(MADE_PAGES)] if module == "params" else []
    others: list[str] = []
    for name in names:
        (own if name == f"test_{module}" else others).append(str(TESTS / f"{name}.py"))
    return own, others


def is_noticed(folder: Path, module: str, cpu_s: float) -> bool:
    """Whether a test fails on a copy of the package, of which this module is not as it was."""
    for files in filter(None, test_files(module)):
        status, _ = run_tests(folder, files, cpu_s)
        if status == signal.SIGINT:
            raise KeyboardInterrupt
        if status != 0:
            return True
    return False


def run_tests(folder: Path, files: Sequence[str], cpu_s: float) -> tuple[int, float]:
    """Exit status of the tests (not 0: one failed) on a copy of the package, and their time."""
    child = os.fork()
    if child == 0:
        _in_child(folder, files, cpu_s)
    _, status, usage = os.wait4(child, 0)
    return status, usage.ru_utime + usage.ru_stime


def _in_child(folder: Path, files: Sequence[str], cpu_s: float) -> None:
    """Never returns. Limits are of processor time: how busy the machine is changes nothing."""
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_s) + 1, int(cpu_s) + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.chdir(ROOT)
        sys.path.insert(0, str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE.name]:
            del sys.modules[name]
        options = ["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", f"--rootdir={ROOT}"]
        status = int(import_module("pytest").main([*options, *files]))
    finally:
        os._exit(status)


def prepare() -> None:
    """Load what the tests need, but nothing of the gate."""
    sys.dont_write_bytecode = True
    for name in USED_BY_TESTS:
        import_module(name)


def reasons() -> dict[tuple[str, str, str], str]:
    """Why mutants survive, by file, place and what was changed."""
    entries: list[dict[str, str]] = load_yaml(REASONS, "the list of survivors") or []
    return {(e["file"], e["place"], e["mutation"]): e["reason"] for e in entries}


def try_all(bench: Bench, chosen: Sequence[tuple[str, Mutant]], kept: Kept) -> list[Fate]:
    """Run the tests on each of the mutants that no earlier run has tried."""
    known, fates, tests = reasons(), [], digest([*TESTS.glob("*.py"), WORLD, MADE_PAGES])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(
            PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__")
        )
        status, seconds = run_tests(folder, test_files("")[1], 600.0)
        if status != 0:
            raise RuntimeError("the tests of the gate fail on the gate as it is")
        cpu_s = CPU_FACTOR * seconds + CPU_LEAST_S
        for file, mutant in chosen:
            key = (file, digest([PACKAGE / file]), mutant.line, mutant.place, mutant.what)
            killed = (
                (kept.get(key) or kept.get((*key, tests))) if not bench.options.fresh else None
            )
            if killed is None:
                target = folder / PACKAGE.name / file
                right = target.read_text(encoding="utf-8")
                target.write_text(mutant.source, encoding="utf-8")
                killed = is_noticed(folder, file.removesuffix(".py"), cpu_s)
                target.write_text(right, encoding="utf-8")
                kept.keep(key if killed else (*key, tests), killed)
            fate = Fate(file, mutant, killed, known.get((file, mutant.place, mutant.what)))
            if not killed and fate.reason is None:
                bench.console.print(
                    f"survives: {file}:{mutant.line} {mutant.place}: {mutant.what}",
                    markup=False,
                )
            fates.append(fate)
    return fates


def choose(options: Any) -> tuple[list[tuple[str, Mutant]], int]:
    """The mutants of this run, and how many there are in all."""
    every = [
        (path.name, mutant)
        for path in sorted(PACKAGE.glob("*.py"))
        for mutant in mutants(path.read_text(encoding="utf-8"))
    ]
    wanted = [item for item in every if not options.file or item[0] in options.file]
    count = min(QUICK if options.quick else options.count or len(wanted), len(wanted))
    picked = stream(options.seed, "mutants").permutation(len(wanted))[:count]
    return [wanted[index] for index in sorted(picked)], len(every)


def rows(fates: Sequence[Fate], total: int) -> list[Row]:
    """The figures."""
    survivors = [fate for fate in fates if not fate.killed]
    silent = sum(fate.reason is None for fate in survivors)
    return [
        Row("mutants there are", total, ""),
        Row("mutants tried", len(fates), "", goal=total),
        Row("noticed by a test", len(fates) - len(survivors), ""),
        Row("not noticed, with a written reason", len(survivors) - silent, ""),
        Row("not noticed, without a reason", silent, "", goal=0.0, better="lower"),
    ]


def draw(fates: Sequence[Fate], path: Path) -> None:
    """One bar a file."""
    files = sorted({fate.file for fate in fates}, reverse=True)
    figure, axes = plt.subplots(figsize=(9, 1.2 + 0.3 * len(files)), layout="constrained")
    left = [0] * len(files)
    for label, colour, chosen in (
        ("noticed", "#2b8a5a", [f for f in fates if f.killed]),
        ("reason written", "#8593a3", [f for f in fates if not f.killed and f.reason]),
        ("survives", "#c8321f", [f for f in fates if not f.killed and not f.reason]),
    ):
        counts = [sum(fate.file == file for fate in chosen) for file in files]
        axes.barh(files, counts, left=left, color=colour, label=label)
        left = [a + b for a, b in zip(left, counts, strict=True)]
    axes.set_xlabel("mutants tried")
    axes.set_title("Small mistakes in the gate, and what its unit tests say")
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)
    figure.savefig(path, dpi=110)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--file", action="append", help="only this file of the gate; repeatable")
    parser.add_argument("--count", type=int, help="only so many, drawn by the seed")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw")
    parser.add_argument("--fresh", action="store_true", help="try again what is known")
    bench = begin("mutants", __doc__, parser, quick=f"{QUICK} mutants, drawn by the seed")
    prepare()
    chosen, total = choose(bench.options)
    try:
        fates = try_all(bench, chosen, Kept(FOLDER / "mutants.jsonl"))
    except RuntimeError as error:
        return bench.fail(error)
    draw(fates, bench.picture)
    survivors = [
        {"file": f.file, "line": f.mutant.line, "place": f.mutant.place,
         "mutation": f.mutant.what, "reason": f.reason}
        for f in fates if not f.killed
    ]  # fmt: skip
    return bench.answer(rows(fates, total), survivors=survivors)


if __name__ == "__main__":
    sys.exit(main())
