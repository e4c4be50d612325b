"""`./ronda bench`."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Annotated

import typer

_HELP = ("-h", "--help")
CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""The options, --help too, are those of the benchmark."""


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The benchmark; none: list them.")] = "",
) -> None:
    """Measure something, beside a baseline in the same run. What follows NAME goes to it.

    Every benchmark takes --json and --help; a run that could not measure exits with 1.
    """
    from ronda_cli.environment.paths import ROOT

    found = {  # a name that a library has already ends in "_" there
        path.stem.strip("_").replace("_", "-"): path
        for path in sorted((ROOT / "bench").glob("[a-z]*.py"))
    }
    if name in _HELP:
        print(context.get_help())
        return
    if name in found:
        raise SystemExit(subprocess.call([sys.executable, str(found[name]), *context.args]))
    for stem, path in found.items():
        words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        print(f"{stem:18} {words.splitlines()[0] if words else ''}")
    if name:
        sys.exit(f"ronda: no benchmark '{name}'; it must be one of the above")
