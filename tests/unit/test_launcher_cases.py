"""The subset runner beside ROS 2's own launch: the table of what that makes of a launch file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ronda_cli.launcher.evaluate import ProcessSpec, evaluate
from ronda_cli.launcher.launch_file import LaunchError
from ronda_cli.launcher.packages import Packages

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("launcher_cases.yaml").read_text(encoding="utf-8")
)
ENVIRON = {"KEPT": "old"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["what"]))
def test_gives_what_ros_2_s_launch_gives(tmp_path: Path, case: dict[str, Any]) -> None:
    path = write(tmp_path, case)
    given = case.get("arguments", {})
    if "wrong" in case:
        with pytest.raises(LaunchError) as caught:
            evaluate(path, given, demo_packages(tmp_path), ENVIRON)
        wrong, place = case["wrong"], caught.value.place
        assert wrong["words"] in str(caught.value)
        assert place is not None
        assert (place.file.name, place.line) == (wrong.get("file", path.name), wrong["line"])
        return
    specs = evaluate(path, given, demo_packages(tmp_path), ENVIRON)
    assert [plain(spec, tmp_path) for spec in specs] == case["gives"]


def write(folder: Path, case: dict[str, Any]) -> Path:
    """The launch file of a case, and what it includes."""
    (folder / "numbers.yaml").write_text("/**: {ros__parameters: {a: 1}}\n")
    if "inner" in case:
        inner = folder / case.get("inner_folder", "")
        inner.mkdir(exist_ok=True)
        (inner / "inner.launch.xml").write_text(f"<launch>\n{case['inner']}\n</launch>\n")
    path = folder / "test.launch.xml"
    path.write_text(f"<launch>\n{case['body']}\n</launch>\n")
    return path


def demo_packages(folder: Path) -> Packages:
    demo = folder / "patrol_demo"
    demo.mkdir()
    (demo / "package.xml").write_text("<package><name>patrol_demo</name></package>")
    (demo / "setup.cfg").write_text(
        "[options.entry_points]\nconsole_scripts =\n    talker = talker:main\n"
    )
    return Packages([demo])


def plain(spec: ProcessSpec, folder: Path) -> dict[str, Any]:
    """A process as the table has it: ROS arguments taken apart, what is empty left out."""
    is_node = spec.argv[1:2] == ("-m",)
    words = list(spec.argv[2:] if is_node else spec.argv)
    at = words.index("--ros-args") if "--ros-args" in words else len(words)
    said: dict[str, Any] = {
        "program": words[0],
        "arguments": [word.replace(str(folder), "FOLDER") for word in words[1:at]],
        "params": {},
        "remaps": [],
        "files": [],
    }
    rest = iter(words[at + 1 :])
    for option in rest:
        if option in ("-r", "-p"):
            name, _, value = next(rest).partition(":=")
            if option == "-p":
                said["params"][name] = yaml.safe_load(value)
            elif name in ("__node", "__ns"):
                said["name" if name == "__node" else "namespace"] = value
            else:
                said["remaps"].append([name, value])
        elif option == "--params-file":
            said["files"].append(next(rest).replace(str(folder), "FOLDER"))
        else:
            said["arguments"].append(option)
    said |= {
        "env": dict(spec.env), "cwd": str(spec.cwd or ""), "respawn": spec.respawn,
        "respawn_delay_s": spec.respawn_delay_s, "required": spec.required,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}
