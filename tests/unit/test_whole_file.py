from __future__ import annotations

import os
from pathlib import Path

import pytest

from patrol_core.whole_file import write_whole


def test_it_takes_the_place_of_what_was_there_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for data in (b"old and long", b"new"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_finished_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    write_whole(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
