"""Other programs' commands, run as from a shell in which no Ronda runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ronda_cli.environment.paths import ROOT
from ronda_cli.upgrade.releases import ENTRY

CHECKOUT = "RONDA_CHECKOUT"
"""Set for the checkout itself, whatever is in force."""
_OURS = (
    "AMENT_PREFIX_PATH", "LD_LIBRARY_PATH", "NUMBA_CACHE_DIR", "FASTRTPS_DEFAULT_PROFILES_FILE",
    "FASTDDS_DEFAULT_PROFILES_FILE", "VIRTUAL_ENV", "_ROS_WHEELS_BOOTSTRAP_COMPLETE", CHECKOUT,
)  # fmt: skip
_LAST_DOMAIN = 101


def environment() -> dict[str, str]:
    """Ours, without what `./ronda` has put into it for this program."""
    found = dict(os.environ)
    for name in _OURS:
        parts = [part for part in found.get(name, "").split(":") if part]
        others = [part for part in parts if not part.startswith(str(ROOT))]
        if name.startswith(("_", "RONDA")) or not others:
            found.pop(name, None)
        else:
            found[name] = ":".join(others)
    return found


def run_shown(program: Path, *words: str) -> int:
    """Its exit status; what it says is seen, and its ROS graph is in a domain of its own."""
    surroundings = environment() | {"ROS_DOMAIN_ID": str(_free_domain())}
    command = [str(program / ENTRY), *words]
    return subprocess.run(command, env=surroundings, check=False).returncode


def run_quiet(program: Path, *words: str) -> tuple[int, str]:
    """Exit status, and all that it says. A checkout runs itself."""
    surroundings = environment() | {CHECKOUT: "1"}
    done = subprocess.run(
        [str(program / ENTRY), *words], env=surroundings, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout.strip()


def entry_answers(home: Path) -> bool:
    """Whether the program in force starts by the checkout's entry."""
    command = [str(home / ENTRY), "--help"]
    done = subprocess.run(command, env=environment(), capture_output=True, check=False)
    return done.returncode == 0


def _free_domain() -> int:
    """The highest ROS domain that no system of this machine has claimed (`session.py`)."""
    claimed = Path("/proc/net/unix").read_text(encoding="utf-8")
    free = (n for n in range(_LAST_DOMAIN, 0, -1) if f"@ronda-domain-{n}\n" not in claimed)
    return next(free, _LAST_DOMAIN)
