"""What benchmarks share: their options, results that outlast an interruption, and the answer."""

from __future__ import annotations

import argparse
import json
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.campaign import append_line, read_lines, state_digest
from ronda_cli.evaluation.statistics import Row

FOLDER = ROOT / "runs" / "bench"
MARKS = {None: "", True: "holds", False: "missed"}


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of a benchmark: what it was asked for, where it talks, and since when."""

    name: str
    options: argparse.Namespace
    console: Console
    started_s: float

    @property
    def picture(self) -> Path:
        """Where its picture goes."""
        return Path(self.options.out)

    def kept(self, *inputs: object) -> Kept:
        """Results of earlier runs with the same inputs, code and data."""
        script = Path(sys.argv[0]).read_text(encoding="utf-8")
        return Kept(FOLDER / f"{self.name}-{state_digest(f'{script} {inputs}')}.jsonl")

    def answer(self, rows: Sequence[Row], **more: Any) -> int:
        """Print the figures as a table or as JSON; the exit status of a run that measured.

        `more` goes into the JSON as it is.
        """
        if self.options.json:
            seconds = time.monotonic() - self.started_s
            document = {"bench": self.name, "seconds": seconds, **more}
            json.dump(document | {"rows": [row.to_json() for row in rows]}, sys.stdout, indent=1)
            print()
            return 0
        table = Table("what", "value", "goal", "")
        for row in rows:
            goal = "" if row.goal is None else f"{row.goal:.4g}"
            table.add_row(row.what, f"{row.value:.4g} {row.unit}", goal, MARKS[row.holds])
        self.console.print(table, f"picture: {self.picture}", sep="\n")
        return 0

    def fail(self, problem: object) -> int:
        """Say why nothing could be measured; the exit status for that."""
        sys.stderr.write(f"{self.name}: could not measure: {problem}\n")
        return 1


class Kept:
    """Results in a file of JSON lines, each under a key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Any] = {line["key"]: line["value"] for line in read_lines(path)}

    def get(self, key: object) -> Any:
        """What was kept under the key, or None."""
        return self._known.get(str(key))

    def keep(self, key: object, value: Any) -> None:
        """Keep a JSON value, for good."""
        append_line(self._path, {"key": str(key), "value": value})


def begin(name: str, doc: str | None, parser: argparse.ArgumentParser, quick: str) -> Bench:
    """Read the command line: the benchmark's own options and those that all have.

    `parser` was made with `add_help=False`; `quick` says what --quick does.
    """
    whole = argparse.ArgumentParser(
        prog=f"./ronda bench {name}", description=doc, parents=[parser],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    whole.add_argument("--quick", action="store_true", help=quick)
    whole.add_argument("--json", action="store_true", help="print JSON, no table")
    whole.add_argument("--out", type=Path, default=FOLDER / f"{name}.png", help="the picture")
    options = whole.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=options.json, highlight=False, soft_wrap=True)
    return Bench(name, options, console, time.monotonic())


def options_parser() -> argparse.ArgumentParser:
    """For a benchmark's own options."""
    return argparse.ArgumentParser(add_help=False)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
