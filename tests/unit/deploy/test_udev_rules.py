"""The udev rules: keys that udev knows, used as they may be, and the names that others count on.

Keys and operators: systemd, udev(7), "RULES FILES".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from patrol_core.yaml_file import load_yaml
from ronda_cli.environment.paths import ROOT

FILE = ROOT / "launch" / "udev" / "99-ronda.rules"
TERM = re.compile(r'(?P<key>[A-Z]+(?:\{[\w/]+\})?)(?P<how>==|!=|\+=|:=|=)"(?P<value>[^"]*)"')
MATCHES = {"ACTION", "KERNEL", "SUBSYSTEM", "SUBSYSTEMS", "DRIVER", "ATTR", "ATTRS", "ENV"}
SETS = {"SYMLINK": {"+="}, "GROUP": {"="}, "MODE": {"="}, "ENV": {"="}, "ATTR": {"="}}
NAMES = {"ronda_motors", "ronda_lidar", "ronda_camera"}

Rule = list[tuple[str, str, str]]


def rules(commented: bool) -> Iterator[Rule]:
    """The rules of the file, or the examples that are commented out."""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        is_example = bool(re.match(r"#[A-Z]+==", line))
        if line and (is_example if commented else not line.startswith("#")):
            terms = list(TERM.finditer(line))
            left = TERM.sub("", line.lstrip("#"))
            assert set(left) <= {",", " "}, f"not understood: {left!r} in {line!r}"
            yield [(m["key"], m["how"], m["value"]) for m in terms]


ALL = [*rules(commented=False), *rules(commented=True)]


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: " ".join(v for _, _, v in rule)[:60])
def test_every_key_is_known_and_used_as_it_may_be(rule: Rule) -> None:
    for key, how, _ in rule:
        name = key.partition("{")[0]
        assert how in {"==", "!="} if name not in SETS else True
        if how in {"==", "!="}:
            assert name in MATCHES
        else:
            assert how in SETS[name]
    matched = [how for _, how, _ in rule].count("==")
    assert matched >= 2, "a rule that matches everything"


def test_the_names_are_those_of_the_page_and_of_the_robot_file() -> None:
    given = {value for rule in ALL for key, _, value in rule if key == "SYMLINK"}
    assert given == NAMES
    robot = load_yaml(ROOT / "urdf" / "config" / "rover.yaml", "the robot file")
    assert robot["motors"]["port"].removeprefix("/dev/") in given


def test_ports_of_motors_belong_to_dialout_and_no_modem_manager_speaks_to_them() -> None:
    for rule in rules(commented=False):
        if ("SUBSYSTEM", "==", "tty") in rule:
            assert ("GROUP", "=", "dialout") in rule
            assert ("ENV{ID_MM_DEVICE_IGNORE}", "=", "1") in rule


def test_ids_are_four_lower_case_hexadecimal_digits() -> None:
    for rule in ALL:
        for key, _, value in rule:
            if key in {"ATTRS{idVendor}", "ATTRS{idProduct}"}:
                assert re.fullmatch(r"[0-9a-f]{4}(\|[0-9a-f]{4})*", value)
