"""Parameters: defaults, nesting, bounds, and errors that name what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from patrol_core.errors import ConfigError, Place
from patrol_core.params import ParamValue, make_params, param, param_specs, read_param_file


@dataclass(frozen=True, slots=True)
class Follower:
    max_speed_mps: float = param(0.6, "Top speed [m/s]", 0.0, 1.5)
    mode: str = param("calm", "Temper", choices=("calm", "brisk"))


@dataclass(frozen=True, slots=True)
class Params:
    follower: Follower = field(default_factory=Follower)
    beams: int = param(60, "Beams used", 1, 720)
    smooth: bool = param(True, "Whether to smooth")
    sources: tuple[str, ...] = param(("robot",), "Required sources")


def test_defaults_and_overrides() -> None:
    assert make_params(Params, {}) == Params()
    made = make_params(
        Params, {"follower.max_speed_mps": 1, "beams": 90, "sources": ["robot", "gate"]}
    )
    assert made.follower.max_speed_mps == 1.0
    assert isinstance(made.follower.max_speed_mps, float)
    assert made.sources == ("robot", "gate")
    assert make_params(Params, {"sources": [""]}).sources == (), "ROS has no empty list"


def test_specs_list_every_leaf_with_its_bounds() -> None:
    specs = {spec.name: spec for spec in param_specs(Params)}
    assert list(specs) == ["follower.max_speed_mps", "follower.mode", "beams", "smooth", "sources"]
    assert specs["beams"].bounds.high == 720
    assert specs["sources"].default == ["robot"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"follower.max_sped_mps": 1.0}, "did you mean 'follower.max_speed_mps'"),
        ({"follower.max_speed_mps": 9.0}, "expected 0 to 1.5"),
        ({"follower.max_speed_mps": float("nan")}, "expected 0 to 1.5"),
        ({"beams": 60.5}, "expected a value of type int"),
        ({"beams": True}, "expected a value of type int"),
        ({"smooth": 1}, "expected a value of type bool"),
        ({"follower.mode": "wild"}, "one of calm, brisk"),
    ],
)
def test_wrong_values_are_refused_with_place_and_remedy(
    values: dict[str, ParamValue], words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        make_params(Params, values, Place(Path("nav.yaml")))
    assert words in str(caught.value)
    assert str(caught.value).startswith("nav.yaml: ")


def test_parameter_file_is_flattened(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("/**:\n  ros__parameters:\n    beams: 30\n    follower:\n      mode: brisk\n")
    assert read_param_file(path) == {"beams": 30, "follower.mode": "brisk"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("/**:\n  a: [1\n", ":3: not valid YAML"), ("a: 1\n", "no parameters found")],
)
def test_broken_parameter_files_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_param_file(path)
    with pytest.raises(ConfigError, match="cannot read"):
        read_param_file(tmp_path / "missing.yaml")
