"""A checkout with Ronda's own entry and a program behind it that fits on a page.

The program knows its number from two files and from its environment, so that a mixture of two
versions shows. Its sites have the format of that number.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from ronda_cli.environment.paths import ROOT

_ENVIRONMENT = """\
import pathlib, sys, time
root = pathlib.Path(__file__).resolve().parents[3]
number = (root / "src" / "number").read_text()
made = root / ".venv" / "number"
if (root / "src" / "unbuildable").exists():
    sys.exit(1)
if not made.exists() or made.read_text() != number:
    made.unlink(missing_ok=True)
    (root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    for part in range(20):
        (root / ".venv" / f"part{part}").write_text(number)
    python = root / ".venv" / "bin" / "python"
    python.write_text(f'''#!/bin/sh
PYTHONPATH=$(dirname "$0")/../../src exec {sys.executable} "$@"
''')
    python.chmod(0o755)
    made.write_text(number)
"""
_PROGRAM = """\
import pathlib, sys
root = pathlib.Path(__file__).resolve().parents[2]
number = (root / "src" / "number").read_text()
parts = {(root / ".venv" / f"part{part}").read_text() for part in range(20)}
last = (root / "zz_last").read_text()
words = sys.argv[1:]
if words == ["version"]:
    print(*sorted({number, last, (root / ".venv" / "number").read_text()} | parts))
if words[:1] == ["--help"]:
    sys.exit((root / "src" / "silent").exists())
if words[:1] == ["sim"]:
    sys.exit((root / "src" / "lame").exists())
if words[:1] == ["site"]:
    file = pathlib.Path(words[2]) / "site.yaml"
    kept = file.with_name("kept")
    form = file.read_text()
    if words[1] == "check":
        sys.exit(f"format {form}, not {number}" if form != number else 0)
    if "--undo" in words:
        kept.replace(file)
    elif form == number:
        print("nothing to do")
    else:
        file.with_name("new").write_text(number)
        kept.write_text(form)
        file.with_name("new").replace(file)
        print(f"format {form} becomes {number}")
"""
_DRIVER = """\
import os, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from ronda_cli.upgrade.steps import upgrade, roll_back
home, wanted, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
changes = 0
CHANGING = ("os.rename", "os.mkdir", "os.symlink", "os.remove", "os.rmdir", "subprocess.Popen")
def count(event, _):
    global changes
    if event in CHANGING:
        changes += 1
        if changes == limit:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
upgrade(home, wanted, datetime.now(timezone.utc), print) if wanted else roll_back(home, print)
print(changes)
"""
WRECKS = ("unbuildable", "lame", "silent")
"""Files in `src` with which a version cannot be set up, does not patrol, does not start."""


def git(home: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", home, *who, *words], check=True, capture_output=True)


def make_home(home: Path, parts: int = 0) -> Path:
    """A checkout at version 1, in use, with a site and state; tag `two` is the next version.
    `parts`: so many more files, all of which differ between the two."""
    package = home / "src" / "ronda_cli"
    (package / "environment").mkdir(parents=True)
    shutil.copy(ROOT / "ronda", home)
    (home / ".gitignore").write_text("/.venv/\n/.releases/\n/runs/\n__pycache__/\n")
    for name, text in (("environment/__main__.py", _ENVIRONMENT), ("__main__.py", _PROGRAM),
                       ("site_migration.py", ""), ("__init__.py", "")):  # fmt: skip
        (package / name).write_text(text)
    git(home, "init", "--quiet", "--template=", "--initial-branch", "main")
    for number, tag in (("1", "one"), ("2", "two")):
        for part in range(parts):
            (home / "src" / f"part{part}").write_text(number * 1000)
        commit_version(home, number, tag)
    git(home, "checkout", "--quiet", "one")
    (home / "sites" / "mine").mkdir(parents=True)
    (home / "sites" / "mine" / "site.yaml").write_text("1")
    (home / "runs" / "robot").mkdir(parents=True)
    (home / "runs" / "robot" / "accounts.sqlite").write_bytes(os.urandom(100))
    assert version(home) == "1"
    return home


def commit_version(home: Path, number: str, tag: str, wreck: str = "") -> None:
    """A version that is tagged; with a wreck in it (`WRECKS`), one that does not work."""
    (home / "src" / "number").write_text(number)
    (home / "zz_last").write_text(number)
    if wreck:
        (home / "src" / wreck).write_text("")
    git(home, "add", ".", ":!sites")
    git(home, "commit", "--quiet", "-m", f"version {number}")
    git(home, "tag", tag)


def version(home: Path) -> str:
    """All numbers that the program in force has in it: one, if it is whole."""
    done = subprocess.run([home / "ronda", "version"], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else f"broken: {done.stderr[-200:]}"


def change_version(home: Path, wanted: str, kill_at: int = 0) -> tuple[int, str]:
    """Upgrade, or roll back for an empty name, in a process of its own; it is killed before its
    nth change of files or start of a program. Exit status, and what it says last."""
    command = [sys.executable, "-c", _DRIVER, str(home), wanted, str(kill_at)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip().rpartition("\n")[2]


def replace_in_place(home: Path, wanted: str, kill_after_s: float) -> float:
    """The usual way, `git checkout` and set-up where the program stands, killed after a while; how
    long it took."""
    command = f"git checkout --quiet {wanted} && exec ./ronda setup"
    begun_s = time.monotonic()
    with subprocess.Popen(
        ["bash", "-c", command], cwd=home, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            process.wait(timeout=kill_after_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    return time.monotonic() - begun_s


def state(home: Path) -> str:
    """Digest of what must outlast everything but a migration: the runs and the accounts."""
    files = sorted(path for path in (home / "runs").rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
