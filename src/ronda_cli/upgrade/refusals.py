"""When a program may not be changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ronda_cli.upgrade.releases import FOLDER, Releases, UpgradeError, changed_files
from ronda_cli.upgrade.source import git

_ROOM_BYTES = 500_000_000
_FIRST_BYTES = 1_500_000_000
"""Of an environment, where there is none yet to be measured."""


def refuse_changes(releases: Releases) -> None:
    """Raises UpgradeError where the program in force is not as it came: what somebody has changed
    in it would not be in the next one. Sites and runs are no part of it."""
    program = releases.program()
    if program != releases.home:
        changed = changed_files(program)
    elif (program / ".git").exists():
        words = ("status", "--porcelain", "--untracked-files=no", "--", ".", ":!sites")
        changed = [line.strip() for line in git(program, *words).splitlines()]
    else:
        return
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise UpgradeError(
            f"the program was changed here: {', '.join(changed[:3])}{more}",
            expected="a program as it came; sites and runs may be changed",
            remedy="commit the changes and name a version that has them, or take them back",
        )


def refuse_small_disk(releases: Releases, free_bytes: int | None = None) -> None:
    """Raises UpgradeError where another environment does not fit beside this one."""
    free = shutil.disk_usage(releases.home).free if free_bytes is None else free_bytes
    need = _ROOM_BYTES + (_size(releases.program() / ".venv") or _FIRST_BYTES)
    if free < need:
        raise UpgradeError(
            f"{free / 1e9:.1f} GB of disk are free",
            expected=f"{need / 1e9:.1f} GB: another environment is made beside this one",
            remedy=f"remove old runs (./ronda report lists them), or folders in {FOLDER} that are "
            f"not named in {FOLDER}/in_force",
        )


def _size(folder: Path) -> int:
    """Bytes on the disk."""
    blocks = 0
    for path, _, names in os.walk(folder):
        for name in names:
            blocks += os.lstat(os.path.join(path, name)).st_blocks
    return blocks * 512
