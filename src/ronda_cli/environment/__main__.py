"""`python -m ronda_cli.environment COMMAND`: exit status 0 when the environment is ready."""

from __future__ import annotations

import fcntl
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ronda_cli.environment import interfaces, numerics, packages
from ronda_cli.environment.paths import LOG, ROOT, STAMPS, SetupError, read
from ronda_cli.environment.report import Report

_REMEDIES = {
    r"No space left": (
        "Free some disk space (the environment takes 1.5 GB), then run ./ronda again."
    ),
    r"Name or service|Temporary failure|timed out|ConnectionError|ProxyError": (
        "The package index could not be reached. Check the network, then run ./ronda again: "
        "what was downloaded is kept."
    ),
    r"No matching distribution": (
        "There are wheels for x86-64 Linux and Python 3.10 to 3.13. On other processors install "
        "ROS 2 Jazzy from your distribution; ./ronda then uses it."
    ),
}


@dataclass(frozen=True)
class Stage:
    """`key` digests the inputs of `run`; the stage is current while the stamp holds that key."""

    name: str
    title: str
    key: Callable[[], str]
    run: Callable[[Report], None]

    def is_current(self) -> bool:
        return read(STAMPS / self.name) == self.key()


STAGES = (
    Stage("packages", "Installing packages into .venv", packages.key, packages.install),
    Stage("interfaces", "Building the message packages", interfaces.key, interfaces.build),
    Stage("kernels", "Compiling the numerical kernels", numerics.key, numerics.compile_all),
)


def ready() -> bool:
    """Whether nothing is to be done, as far as stamps tell."""
    return packages.seem_untouched() and all(stage.is_current() for stage in STAGES)


def run_stages() -> None:
    """Redo every stage whose inputs changed. Raises SetupError with log and remedy."""
    if all(stage.is_current() for stage in STAGES):
        return
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w", buffering=1) as log:
        report = Report(log)
        for stage in STAGES:
            if stage.is_current():
                continue
            (STAMPS / stage.name).unlink(missing_ok=True)
            key = stage.key()
            report.begin(stage.title)
            try:
                stage.run(report)
            except SetupError as error:
                raise SetupError(f"{stage.title} failed.\n{error}\n{_remedy()}") from error
            (STAMPS / stage.name).write_text(key)
            report.end()


def _remedy() -> str:
    text = LOG.read_text()
    known = [remedy for pattern, remedy in _REMEDIES.items() if re.search(pattern, text)]
    remedy = known[0] if known else "Remedy: run ./ronda again; it takes up where it stopped."
    return f"The whole log: {LOG}\n{remedy}"


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock that two first starts at once share."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("ronda: waiting for another ./ronda that sets up ...", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main(command: str) -> int:
    """Bring the environment up to date for a command of `./ronda`."""
    try:
        if command == "setup" or not ready():
            with only_one():
                packages.look_for_damage()
                run_stages()
                packages.note_untouched()
        packages.write_path_file()
    except SetupError as error:
        print(f"\nronda: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nronda: interrupted. The next ./ronda takes up from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
