"""The set-up's bookkeeping, with no environment being made."""

from __future__ import annotations

import fcntl
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ronda_cli.environment import __main__ as setup
from ronda_cli.environment import interfaces, numerics, packages, paths, report, system
from ronda_cli.environment.paths import ROOT, SetupError, digest


class Work:
    """A stage's work that counts its runs and fails on demand."""

    def __init__(self) -> None:
        self.runs = 0
        self.fails = False

    def __call__(self, _report: report.Report) -> None:
        self.runs += 1
        if self.fails:
            raise SetupError("it broke")


@pytest.fixture
def stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Work, Work]:
    """Two stages with constant keys, in an empty environment."""
    first, second = Work(), Work()
    (tmp_path / "stamps").mkdir()
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(setup, "LOG", tmp_path / "log" / "setup.log")
    rows = (
        setup.Stage("one", "First", lambda: "1", first),
        setup.Stage("two", "Second", lambda: "2", second),
    )
    monkeypatch.setattr(setup, "STAGES", rows)
    return first, second


def test_a_stage_that_failed_is_redone_and_no_other(stages: tuple[Work, Work]) -> None:
    first, second = stages
    second.fails = True
    with pytest.raises(SetupError, match=r"(?s)Second failed.*it broke.*setup\.log.*Remedy"):
        setup.run_stages()
    assert not setup.STAGES[1].is_current()
    second.fails = False
    setup.run_stages()
    assert all(stage.is_current() for stage in setup.STAGES)
    assert (first.runs, second.runs) == (1, 2)


@pytest.mark.usefixtures("stages")
def test_an_interrupted_stage_leaves_no_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_report: report.Report) -> None:
        raise KeyboardInterrupt

    setup.run_stages()
    rows = (setup.STAGES[0], setup.Stage("two", "Second", lambda: "changed", interrupt))
    monkeypatch.setattr(setup, "STAGES", rows)
    with pytest.raises(KeyboardInterrupt):
        setup.run_stages()
    assert setup.STAGES[0].is_current()
    assert not (tmp_path / "stamps" / "two").exists()


def test_two_cannot_set_up_at_once() -> None:
    handle = os.open(ROOT, os.O_RDONLY)
    with setup.only_one(), pytest.raises(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_a_failed_command_shows_the_end_of_its_output() -> None:
    log = io.StringIO()
    with pytest.raises(SetupError, match=r"bash failed:\n  line 6\n(.*\n){13}  line 20$"):
        report.Report(log).command(
            ["bash", "-c", "for i in {1..20}; do echo line $i; done; false"]
        )
    assert "line 1\n" in log.getvalue()


def test_a_key_changes_with_name_and_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    one, other = tmp_path / "A.msg", tmp_path / "B.msg"
    one.write_text("int32 x\n")
    keys = {digest([one])}
    one.write_text("int64 x\n")
    keys.add(digest([one]))
    keys.add(digest([one.rename(other)]))
    assert len(keys) == 3


def test_all_pins_are_exact_and_named_once() -> None:
    pinned = [pin.split("==")[0] for pin in packages.pins()]
    assert all(pin.count("==") == 1 for pin in packages.pins())
    assert len(set(pinned)) == len(pinned)
    assert {"ros-rclpy", "numpy", "colcon-core", "pytest"} <= set(pinned)


def test_an_installed_ros_keeps_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "SYSTEM_ROS", "/opt/ros/jazzy")
    pins = packages.pins()
    assert not [pin for pin in pins if pin.startswith(("ros-", "empy"))]
    assert [pin for pin in pins if pin.startswith("numpy==")] == ["numpy==1.26.4"]


def test_an_installed_ros_keeps_its_own_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    underlay = {"nav2_msgs", "tf2_msgs"}
    assert {path.name for path in interfaces.packages()} == {"patrol_interfaces", *underlay}
    for name in underlay:
        (tmp_path / "share" / name).mkdir(parents=True)
    monkeypatch.setattr(interfaces, "SYSTEM_ROS", str(tmp_path))
    assert [path.name for path in interfaces.packages()] == ["patrol_interfaces"]


@pytest.mark.parametrize(
    ("said", "is_kept"), [("Collecting numpy", True), ("Installing collected packages: x", False)]
)
def test_an_environment_is_made_anew_only_if_it_was_left_half_done(
    said: str, is_kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def progress(self, text: str) -> None: ...

        def command(self, command: object, on_line: Callable[[str], None]) -> None:
            on_line(said)
            raise SetupError("no network")

    sound = tmp_path / "sound"
    sound.write_text(str(ROOT))
    monkeypatch.setattr(packages, "_SOUND", sound)
    monkeypatch.setattr(packages, "need_system_packages", lambda _: None)
    with pytest.raises(SetupError, match="no network"):
        packages.install(Failing())  # type: ignore[arg-type]
    assert sound.exists() is is_kept


def test_a_missing_file_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "some_thing-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some.thing\nVersion: 1.2\n")
    (info / "RECORD").write_text("some/thing.py,,\nsome/__pycache__/thing.pyc,,\n")
    module = tmp_path / "some" / "thing.py"
    module.parent.mkdir()
    module.touch()
    monkeypatch.setattr(packages, "SITE_PACKAGES", tmp_path)
    monkeypatch.setattr(packages, "pins", lambda: ["some-thing==1.2"])
    assert packages.damaged() == []
    module.unlink()
    assert packages.damaged() == ["some-thing==1.2"]
    module.touch()
    monkeypatch.setattr(packages, "pins", lambda: ["some-thing==1.3", "other==1"])
    assert packages.damaged() == ["some-thing==1.3", "other==1"]


def test_a_change_in_site_packages_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "SITE_PACKAGES", tmp_path / "site")
    monkeypatch.setattr(packages, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(packages, "_CHECKED", tmp_path / "checked")
    (tmp_path / "python").touch()
    assert not packages.seem_untouched()
    (tmp_path / "site" / "numpy").mkdir(parents=True)
    packages.note_untouched()
    assert packages.seem_untouched()
    os.utime(tmp_path / "site", ns=(1, 1))
    assert not packages.seem_untouched()
    packages.note_untouched()
    (tmp_path / "python").unlink()
    assert not packages.seem_untouched()


def test_include_folders_of_the_wheels_are_found() -> None:
    text = (
        'set(i "/opt/python/cp312-cp312/include/python3.12;'
        '/opt/python/cp312-cp312/lib/python3.12/site-packages/numpy/_core/include;/usr/include")'
    )
    assert interfaces._BUILT_WITH.sub("X", text) == 'set(i "X;X;/usr/include")'


def test_without_root_the_line_to_type_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "g++" else name)
    monkeypatch.setattr(system, "_become_root", lambda: None)
    monkeypatch.setattr(system, "_renders", lambda: False)
    with pytest.raises(SetupError, match=r"Type: sudo apt-get install .* g\+\+ .*libegl1"):
        system.need_system_packages(report.Report(io.StringIO()))


def test_without_egl_alone_the_set_up_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(system, "_missing", list)
    monkeypatch.setattr(system, "_become_root", lambda: None)
    monkeypatch.setattr(system, "_renders", lambda: False)
    system.need_system_packages(report.Report(log))
    assert "camera stays off" in log.getvalue()


def test_programs_that_tests_drive_are_installed_or_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log, typed = io.StringIO(), list[list[str]]()
    there = report.Report(log)
    monkeypatch.setattr(there, "command", lambda argv, **_: typed.append(list(argv)))
    monkeypatch.setattr(shutil, "which", lambda name: None if name != "apt-get" else name)
    monkeypatch.setattr(system, "_become_root", lambda: None)
    system.want_test_programs(there)
    assert "type: sudo apt-get install" in log.getvalue() and not typed
    monkeypatch.setattr(system, "_become_root", list)
    system.want_test_programs(there)
    assert typed[1][-2:] == ["chromium", "espeak-ng"]
    assert typed[3][-2:] == ["libsdformat-dev", "ignition-tools"]
    monkeypatch.setattr(shutil, "which", lambda name: name)
    system.want_test_programs(there)
    assert len(typed) == 4


def test_kernels_are_found_by_their_name() -> None:
    modules = numerics.modules()
    assert modules["patrol_nav.planning.kernels"] == ROOT / "src/patrol_nav/planning/kernels.py"
    sources = [path for base in ("src", "sim") for path in (ROOT / base).rglob("*.py")]
    assert {path for path in sources if "@njit(" in path.read_text()} == set(modules.values())
