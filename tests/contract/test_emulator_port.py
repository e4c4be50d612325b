"""The pseudo-terminal on which emulators are served."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrol_emulators.errors import PortError
from patrol_emulators.port import PtyPort


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    name = tmp_path / "port"
    name.write_text("mine", encoding="utf-8")
    with pytest.raises(PortError, match="exists already"):
        PtyPort(name, 115200).open()
    assert name.read_text(encoding="utf-8") == "mine"
    with pytest.raises(PortError, match="No such file"):
        PtyPort(tmp_path / "nowhere" / "port", 115200).open()
