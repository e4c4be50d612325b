"""`./ronda site history` and `undo`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.simulated import ROOT
from typer.testing import CliRunner

from patrol_core.errors import ConfigError
from patrol_core.site.history import History, Note, open_site
from ronda_cli.commands.site import app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """At version 2, slower than at first."""
    shutil.copytree(ROOT / "sites" / "yard", tmp_path / "yard")
    history = History(tmp_path / "yard")
    files = dict(history.newest(0.0).files)
    files["site.yaml"] = files["site.yaml"].replace("speed_mps: 0.8", "speed_mps: 0.6")
    history.save(1, files, Note("ada", "supervisor", 60.0, "slower"))
    return tmp_path / "yard"


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def test_versions_are_listed_with_who_and_why(folder: Path) -> None:
    code, text = run("history", str(folder))
    first, second = text.splitlines()
    assert code == 0 and "by hand: as it was found" in first
    assert second.endswith("ada (supervisor): slower")


def test_undo_is_shown_first_and_then_done(folder: Path) -> None:
    code, text = run("undo", str(folder), "1", "--why", "too slow", "--dry")
    assert code == 0 and "+    speed_mps: 0.8" in text
    assert open_site(folder).routes[0].speed_mps == 0.6
    code, text = run("undo", str(folder), "1", "--why", "too slow")
    assert (code, text) == (0, "version 3, as version 1 was\n")
    assert open_site(folder).routes[0].speed_mps == 0.8
    assert "(command line): too slow" in run("history", str(folder))[1]


def test_a_version_that_no_longer_fits_is_not_gone_back_to(folder: Path) -> None:
    (folder / "behaviour.yaml").write_text("rules: [{id: a}]\n", encoding="utf-8")
    code, text = run("undo", str(folder), "1", "--why", "too slow")
    assert code == 1 and "behaviour.yaml:1" in text and "does not fit" in text
    assert History(folder).numbers() == [1, 2]


def test_a_site_without_versions_says_so(folder: Path) -> None:
    shutil.rmtree(folder / "history")
    assert "no versions yet" in run("history", str(folder))[1]
    with pytest.raises(ConfigError, match="no such site folder"):
        CliRunner().invoke(app, ["history", "nowhere"], catch_exceptions=False)
