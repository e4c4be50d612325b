"""Where Debian's packages for Gazebo come from."""

from __future__ import annotations

import pytest

from ronda_cli.environment.gazebo import mirror_of
from ronda_cli.environment.paths import SetupError


def test_the_mirror_is_the_one_that_apt_uses() -> None:
    targets = (
        "NodeSource|NodeSource|https://one.example/node/\n"
        "Debian|Debian-Security|http://two.example/debian-security/\n"
        "Debian|Debian|http://three.example/debian/\n"
    )
    assert mirror_of(targets) == "http://three.example/debian/"


@pytest.mark.parametrize("targets", ["", "Ubuntu|Ubuntu|http://one.example/ubuntu/\n", "nonsense"])
def test_without_a_mirror_of_debian_it_is_said_what_to_do(targets: str) -> None:
    with pytest.raises(SetupError, match="RONDA_DEBIAN_MIRROR"):
        mirror_of(targets)
