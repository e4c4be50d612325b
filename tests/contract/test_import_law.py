"""The import law names every package that there is."""

from __future__ import annotations

from importlinter.application.use_cases import read_user_options
from importlinter.configuration import configure

from ronda_cli.environment.paths import ROOT


def test_every_package_is_under_the_law() -> None:
    configure()  # type: ignore[no-untyped-call]
    options = read_user_options(str(ROOT / "pyproject.toml")).session_options
    folders = [ROOT / "src", ROOT / "sim", *(ROOT / "ros2_ws" / "src").glob("*_ros")]
    found = {path.parent.name for folder in folders for path in folder.glob("*/__init__.py")}
    assert found == set(options["root_packages"])
