"""A site that is changed while the process is killed: as it was or as it shall be, never half."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.simulated import ROOT

from patrol_core.site.history import BY_HAND, FILES, HISTORY, History, Note

NOTE = Note("ada", "supervisor", 100.0, "as it was")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "sites" / "yard", tmp_path / "yard")
    return tmp_path / "yard"


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from patrol_core.site import history as module
calls = int(sys.argv[2])
def counted(kind):
    def call(*given):
        global calls
        calls -= 1
        if calls == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return kind(*given)
    return call
Path.replace, Path.unlink = counted(Path.replace), counted(Path.unlink)
module.sync_folder, os.fsync = counted(module.sync_folder), counted(os.fsync)
history = module.History(Path(sys.argv[1]))
files = {name: text.replace("gate", "door") for name, text in history.files().items()}
history.save(1, files, module.Note("ada", "supervisor", 5.0, "renamed"))
"""


@pytest.mark.parametrize("step", range(1, 18, 2))
def test_killed_in_a_save_the_site_is_as_before_or_as_after(folder: Path, step: int) -> None:
    """At each moment at which the disk is told something."""
    history = History(folder)
    before = history.newest(1.0).files
    after = {name: text.replace("gate", "door") for name, text in before.items()}
    died = subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(folder), str(step)], check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert died.returncode in (-signal.SIGKILL, 0)
    history.settle()
    assert history.files() in (before, after)
    newest = history.newest(9.0)
    assert newest.files == history.files() and newest.note.who in ("ada", BY_HAND)
    assert newest.number == (2 if newest.files == after else 1)
    assert history.save(newest.number, before, NOTE).files == history.files() == before


def test_what_was_done_by_hand_after_a_crash_counts(folder: Path) -> None:
    history = History(folder)
    history.newest(1.0)
    subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(folder), "9"], check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert (folder / HISTORY / "pending.json").is_file()
    (folder / "site.yaml").write_text("name: mine\n", encoding="utf-8")
    newest = history.newest(9.0)
    assert newest.note.who == BY_HAND and newest.files["site.yaml"] == "name: mine\n"
    assert set(newest.files) == set(FILES)
