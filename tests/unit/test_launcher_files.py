"""The launch files' subset: what is to run, and what is refused with file and line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import ProcessSpec, declared_arguments, evaluate
from ronda_cli.launcher.launch_file import LaunchError, read_launch_file
from ronda_cli.launcher.packages import Packages, source_packages
from ronda_cli.launcher.start import start
from ronda_cli.launcher.substitutions import SubstitutionError, expand, split_words

ENVIRON = {"HOME": "/home/somebody", "KEPT": "old"}


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    folder = tmp_path / "patrol_demo"
    folder.mkdir()
    (folder / "package.xml").write_text("<package><name>patrol_demo</name></package>")
    (folder / "setup.cfg").write_text(
        "[options.entry_points]\nconsole_scripts =\n    talker = patrol_demo.talker:main\n"
    )
    return Packages([folder])


def run(
    tmp_path: Path, packages: Packages, body: str, arguments: Mapping[str, str] | None = None
) -> tuple[ProcessSpec, ...]:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "empty.launch.xml").write_text("<launch/>")
    path = tmp_path / "test.launch.xml"
    path.write_text(f"<launch>\n{body}\n</launch>\n")
    return evaluate(path, arguments or {}, packages, ENVIRON)


def echo(value: str) -> str:
    """An executable of which the first argument is the value."""
    return f'<executable cmd="echo {value}"/>'


def said(processes: tuple[ProcessSpec, ...]) -> list[str]:
    return [" ".join(process.argv[1:]) for process in processes]


def test_a_node_spelled_out(tmp_path: Path, packages: Packages) -> None:
    numbers = tmp_path / "numbers.yaml"
    numbers.write_text("/**: {ros__parameters: {a: 1}}\n")
    body = """
      <let name="speed" value="2"/>
      <node pkg="patrol_demo" exec="talker" name="demo" namespace="inner" args="--loud 'a b'"
            respawn="true" respawn_delay="1.5" on_exit="shutdown">
        <param from="$(dirname)/numbers.yaml"/>
        <param name="speed" value="$(var speed)" type="float"/>
        <param name="label" value="7" type="str"/>
        <param name="camera" value="true"/>
        <param name="path" value="/a/b c"/>
        <param name="group">
          <param name="deep"><param name="count" value="3"/></param>
          <param name="names" value="[a, b]"/>
        </param>
        <remap from="scan" to="scan_front"/>
        <env name="KEPT" value="new"/>
      </node>"""
    (node,) = run(tmp_path, packages, f'<push_ros_namespace namespace="r1"/>{body}')
    assert node.name == "r1/inner/demo"
    assert node.argv[1:] == (
        "-m", "patrol_demo.talker", "--loud", "a b", "--ros-args",
        "-r", "__node:=demo", "-r", "__ns:=/r1/inner",
        "--params-file", str(numbers),
        "-p", "speed:=2.0", "-p", 'label:="7"', "-p", "camera:=true", "-p", 'path:="/a/b c"',
        "-p", "group.deep.count:=3", "-p", 'group.names:=["a", "b"]',
        "-r", "scan:=scan_front",
    )  # fmt: skip
    assert node.env == {"KEPT": "new"}
    assert (node.respawn, node.respawn_delay_s, node.required) == (True, 1.5, True)


def test_two_processes_of_one_name_are_told_apart(tmp_path: Path, packages: Packages) -> None:
    assert [p.name for p in run(tmp_path, packages, echo("1") * 2)] == ["echo", "echo-2"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<timer/>", "<timer>: not supported inside <launch>"),
        ('<node pkg="patrol_demo" exec="talker"><arg name="a"/></node>', "not supported inside"),
        ('<node pkg="patrol_demo" exec="talker" machine="m"/>', "'machine' is not supported"),
        ('<node pkg="patrol_demo"/>', "'exec' is missing"),
        ('<node pkg="nobody" exec="talker"/>', "no package 'nobody'"),
        ('<node pkg="patrol_demo" exec="talkers"/>', "did you mean 'talker'?"),
        ('<arg name="a"/>', "'a' is not set"),
        (echo("$(var a)"), "'a' is not declared"),
        (echo("$(env NOT_SET)"), "'NOT_SET' is not set"),
        (echo("$(eval 1+1)"), "'$(eval)' is not supported"),
        (echo("$(find-pkg-share nobody)"), "no package 'nobody'"),
        (echo("$(var a"), "is not closed"),
        (echo("$(equals a)"), "has 1 arguments"),
        ('<group if="perhaps"/>', "if is 'perhaps'"),
        ('<executable cmd="a" if="$(not a)"/>', "neither true nor false"),
        ('<include file="$(dirname)/nowhere.xml"/>', "there is no file"),
        ('<include file="$(dirname)/test.launch.xml"/>', "include each other without end"),
        ('<push_ros_namespace namespace="1a"/>', "'1a' is not a namespace"),
        ('<executable cmd=" "/>', "the command is empty"),
        ('<executable cmd="a \'b"/>', "cmd: No closing quotation"),
        ('<executable cmd="a" on_exit="restart"/>', "on_exit is 'restart'"),
        ('<executable cmd="a" respawn_delay="-1"/>', "respawn_delay is '-1'"),
        ("hello", "text 'hello' between the elements"),
        ('<node pkg="patrol_demo" exec="talker"><param name="a"/></node>', "too little"),
        ('<node pkg="patrol_demo" exec="talker"><param name="a" value="x" type="int"/></node>',
         "'x' is not of type int"),
        ('<node pkg="patrol_demo" exec="talker"><param from="/nowhere.yaml"/></node>',
         "there is no file /nowhere.yaml"),
        ('<node pkg="patrol_demo" exec="talker"><param name="a" value=""/><param from=""/></node>',
         "put files before values"),
        ('<include file="$(dirname)/inner/empty.launch.xml"/>' + echo("$(dirname)"),
         "use '$(find-pkg-share)'"),
    ],
)  # fmt: skip
def test_errors_name_file_and_line(
    tmp_path: Path, packages: Packages, body: str, words: str
) -> None:
    with pytest.raises(LaunchError) as caught:
        run(tmp_path, packages, f'<let name="fine" value="1"/>\n{body}')
    assert words in str(caught.value)
    assert caught.value.place is not None
    assert caught.value.place.file == tmp_path / "test.launch.xml"
    assert caught.value.place.line in (2, 3)


def test_an_unknown_argument_is_refused(tmp_path: Path, packages: Packages) -> None:
    with pytest.raises(LaunchError, match=r"no argument 'b'.*one of a"):
        run(tmp_path, packages, '<arg name="a" default="1"/>', {"b": "1"})


@pytest.mark.parametrize(
    ("text", "line"), [("<launch>\n<arg>\n</launch>", 3), ("<launches/>", 1), ("", 1)]
)
def test_a_broken_document(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "broken.launch.xml"
    path.write_text(text)
    with pytest.raises(LaunchError) as caught:
        read_launch_file(path)
    assert caught.value.place is not None and caught.value.place.line == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain $5 'text'", "plain $5 'text'"),
        ("$(f a b)", "<f:a,b>"),
        ("x$(f 'a b' \"c d\")y", "x<f:a b,c d>y"),
        ("$(f a$(g)b)", "<f:a<g:>b>"),
        ("$(f '$(g 'x')')", None),
        ("$(f a  b)", None),
        ("$()", None),
        ("\\$(f)", None),
    ],
)
def test_substitutions(text: str, expected: str | None) -> None:
    def call(name: str, arguments: object) -> str:
        assert isinstance(arguments, list)
        return f"<{name}:{','.join(arguments)}>"

    if expected is None:
        with pytest.raises(SubstitutionError):
            expand(text, call)
    else:
        assert expand(text, call) == expected


def test_words_are_split_around_substitutions() -> None:
    assert split_words("run 'a b' --x=$(var y z) $(f $(g 'q r'))") == [
        "run", "a b", "--x=$(var y z)", "$(f $(g 'q r'))",
    ]  # fmt: skip


def test_ronda_s_own_launch_files_start_the_table() -> None:
    from patrol_core.processes import PROCESSES

    folder = ROOT / "launch"
    given = {"site": "s", "run_folder": "r"}
    sim = evaluate(folder / "sim.launch.xml", given, source_packages(), os.environ)
    assert sorted(p.name for p in sim) == sorted(p.name for p in PROCESSES)
    robot = evaluate(
        folder / "robot.launch.xml", given | {"namespace": "r1"}, source_packages(), os.environ
    )
    names = sorted(f"r1/{p.name}" for p in PROCESSES if p.name != "base")
    assert sorted(p.name for p in robot) == names
    for file in folder.glob("*.launch.xml"):
        assert all(argument.description for argument in declared_arguments(file)), file


def test_a_simulation_needs_no_argument(tmp_path: Path) -> None:
    path = ROOT / "launch" / "sim.launch.xml"
    gate = evaluate(path, {}, source_packages(), os.environ, tmp_path)[1]
    assert f'site:="{ROOT / "sites" / "depot"}"' in gate.argv
    assert f'run_folder:="{tmp_path / "run"}"' in gate.argv


@pytest.mark.parametrize(
    ("is_installed", "is_sourced", "expected"),
    [(True, True, {"launch"}), (True, False, {"gate"}), (False, True, {"gate"})],
)
def test_ros_s_own_launch_runs_them_where_it_can(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_installed: bool,
    is_sourced: bool,
    expected: set[str],
) -> None:
    index = tmp_path / "share" / "ament_index" / "resource_index" / "packages"
    index.mkdir(parents=True)
    if is_sourced:
        (index / "patrol_bringup").touch()
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: object() if is_installed else None
    )
    assert set(start("gate.launch.xml", {"site": "s"}, tmp_path / "logs").restarts) == expected
