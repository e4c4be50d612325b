"""`./ronda incidents export` and `check-export`: an incident as a signed package."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from ronda_cli.commands.incident_acts import NumberArgument, RobotOption, RunOption


def export(
    number: NumberArgument,
    out: Annotated[Path, typer.Option("--out", help="The package, a ZIP file.")],
    coordinates: Annotated[
        bool, typer.Option(help="Whether places, map and poses are in it.")
    ] = True,
    key: Annotated[
        Path | None,
        typer.Option(help="The key that signs (PEM); default: that of the run's or robot's log."),
    ] = None,
    run: RunOption = "",
    robot: RobotOption = "robot",
) -> None:
    """Pack an incident with its recording and photos, without names, and sign it."""
    from patrol_records.flight.packing import Request, pack
    from patrol_records.signing import KEY_FILE, signing_key
    from ronda_cli.log_check import log_folder
    from ronda_cli.package_words import manifest_words
    from ronda_cli.records import Records

    records = Records(run, robot)
    signer = signing_key(key or log_folder(records.folder) / KEY_FILE)
    with closing(records.reader()) as reader:
        incident = records.incident(reader, number)
        request = Request(incident, records.name, time.time(), coordinates)
        manifest = pack(reader, request, signer, out)
    print(f"{out}: {out.stat().st_size / 2**20:.1f} MiB")
    for line in manifest_words(manifest):
        print(line)


def check_export(
    file: Annotated[Path, typer.Argument(help="A package of `./ronda incidents export`.")],
    key: Annotated[
        Path | None,
        typer.Option(help="The robot's verifier key (log.verifier), kept elsewhere."),
    ] = None,
) -> None:
    """Verify a package's signature and hashes, and say what is in it.

    Exit status 1 when anything is not as it was signed.
    """
    from patrol_records.flight.unpacking import check_package
    from ronda_cli.package_words import fingerprint, manifest_words, public_key_of

    checked = check_package(file, None if key is None else public_key_of(key))
    for line in manifest_words(checked.manifest):
        print(line)
    for problem in checked.problems:
        print(f"NOT AS IT WAS SIGNED: {problem}")
    if checked.problems:
        raise typer.Exit(1)
    print(f"signed by the key {fingerprint(checked.key)}; every file is as it was")
    if key is None:
        print("the key is the package's own: compare it with the robot's, or give it with --key")


def add_to(app: typer.Typer) -> None:
    """Make the commands part of `./ronda incidents`."""
    app.command("export")(export)
    app.command("check-export")(check_export)
