"""A version gives way to another as a whole, whatever happens; what belongs to the robot stays."""

from __future__ import annotations

import shutil
from datetime import datetime, timezone
from pathlib import Path

import pytest
from _upgrade_stubs import (
    WRECKS,
    change_version,
    commit_version,
    git,
    make_home,
    state,
    version,
)

from ronda_cli import runs
from ronda_cli.upgrade import releases
from ronda_cli.upgrade.refusals import refuse_small_disk
from ronda_cli.upgrade.releases import Releases, UpgradeError
from ronda_cli.upgrade.steps import roll_back, upgrade

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("made") / "home")


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A checkout of version 1 at a path of its own."""
    home = tmp_path / "a home"
    shutil.copytree(made, home, symlinks=True)
    assert version(home) == "1"
    return home


@pytest.fixture
def said() -> list[str]:
    return []


def site(home: Path) -> str:
    return (home / "sites" / "mine" / "site.yaml").read_text()


def test_there_and_back(home: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RUNS", home / "runs")
    before = state(home)
    upgrade(home, "two", NOW, said.append)
    assert version(home) == "2" and site(home) == "2"
    assert "site mine: format 1 becomes 2" in said
    release = Releases(home).program()
    for shared in ("runs", "sites"):
        assert (release / shared).samefile(home / shared)
    (release / "zz_last").write_text("2, mended")
    with pytest.raises(UpgradeError, match="changed here: zz_last"):
        upgrade(home, "one", NOW, said.append)
    (release / "zz_last").write_text("2")
    with runs.runs_in_use(), pytest.raises(UpgradeError, match="robot or a simulation"):
        roll_back(home, said.append)
    upgrade(home, "two", NOW, said.append)
    assert len(Releases(home).in_force()) == 1
    roll_back(home, said.append)
    assert version(home) == "1" and site(home) == "1" and state(home) == before
    assert said[-2:] == ["site mine: as before its migration", "in force: the checkout"]
    with pytest.raises(UpgradeError, match="nothing to go back to"):
        roll_back(home, said.append)


@pytest.mark.parametrize("wreck", WRECKS)
def test_a_version_that_does_not_work_is_never_in_force(
    home: Path, said: list[str], wreck: str
) -> None:
    commit_version(home, "3", "bad", wreck)
    git(home, "checkout", "--quiet", "one")
    before = state(home)
    with pytest.raises(UpgradeError, match=r"stays in force.*upgrade again"):
        upgrade(home, "bad", NOW, said.append)
    assert version(home) == "1" and site(home) == "1" and state(home) == before


def test_a_site_that_the_new_version_does_not_take_stops_it(home: Path, said: list[str]) -> None:
    program = home / "src" / "ronda_cli" / "__main__.py"
    text = program.read_text()
    program.write_text(text.replace("file.with_name", "sys.exit('cannot'); file.with_name"))
    commit_version(home, "3", "picky")
    git(home, "checkout", "--quiet", "one")
    with pytest.raises(UpgradeError, match="does not take the site 'mine':\ncannot"):
        upgrade(home, "picky", NOW, said.append)
    assert version(home) == "1" and site(home) == "1"


def test_it_is_refused_while_a_robot_runs(
    home: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "RUNS", home / "runs")
    with runs.runs_in_use(), pytest.raises(UpgradeError, match="robot or a simulation"):
        upgrade(home, "two", NOW, said.append)
    assert version(home) == "1" and not Releases(home).in_force()


def test_what_was_changed_here_is_not_lost(home: Path, said: list[str]) -> None:
    (home / "zz_last").write_text("1, mended")
    with pytest.raises(UpgradeError, match=r"changed here: M zz_last.*commit"):
        upgrade(home, "two", NOW, said.append)


def test_a_full_disk_and_names_that_mean_nothing_are_told(home: Path, said: list[str]) -> None:
    with pytest.raises(UpgradeError, match=r"0.1 GB of disk are free; expected 0.5 GB"):
        refuse_small_disk(Releases(home), 100_000_000)
    with pytest.raises(UpgradeError, match="no version 'tow'"):
        upgrade(home, "tow", NOW, said.append)
    with pytest.raises(UpgradeError, match="no upstream"):
        upgrade(home, "", NOW, said.append)
    shutil.rmtree(home / ".git")
    with pytest.raises(UpgradeError, match="no unpacked release"):
        upgrade(home, "two", NOW, said.append)


def test_an_unpacked_release_will_do(home: Path, said: list[str], tmp_path: Path) -> None:
    unpacked = tmp_path / "ronda-2"
    git(home, "worktree", "add", str(unpacked), "two")
    shutil.rmtree(home / ".git")
    (unpacked / ".git").unlink()
    upgrade(home, str(unpacked), NOW, said.append)
    shutil.rmtree(unpacked)
    assert version(home) == "2" and said[-2] == "in force: ronda-2"


def test_only_some_releases_stay_and_a_damaged_one_is_not_gone_back_to(
    home: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "KEPT", 2)
    for number in "345":
        git(home, "checkout", "--quiet", "main")
        commit_version(home, number, f"v{number}")
        git(home, "checkout", "--quiet", "one")
        upgrade(home, f"v{number}", NOW, said.append)
    found = Releases(home)
    assert [entry.words.split(":")[0] for entry in found.in_force()] == ["v4", "v5"]
    assert len([path for path in found.folder.iterdir() if path.is_dir()]) == 2
    (found.program(back=1) / "zz_last").unlink()
    with pytest.raises(UpgradeError, match=r"not as it was unpacked: zz_last"):
        roll_back(home, said.append)
    assert version(home) == "5"


def test_a_kill_leaves_the_one_or_the_other(made: Path, tmp_path: Path) -> None:
    """At a few moments; `./ronda bench upgrade` tries all of them, and of a roll back."""
    before = state(made)
    whole = tmp_path / "whole"
    shutil.copytree(made, whole, symlinks=True)
    status, last = change_version(whole, "two")
    assert status == 0, last
    changes, seen = int(last), []
    for kill_at in (changes // 4, changes // 2, changes - 1):
        home = tmp_path / f"killed at {kill_at}"
        shutil.copytree(made, home, symlinks=True)
        assert change_version(home, "two", kill_at)[0] == -9
        seen.append(version(home))
        assert site(home) in ("1", "2") and state(home) == before
        assert change_version(home, "two")[0] == 0
        assert version(home) == "2" == site(home)
    assert seen == ["1", "1", "2"]
