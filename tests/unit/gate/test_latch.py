"""Latched stops on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrol_core.errors import ConfigError
from patrol_gate.latch import UNREADABLE, FileLatchStore
from patrol_gate.reasons import Reason

CONTACT = Reason("contact", "the robot touched something at the front")


def test_nothing_stored_is_nothing_latched(tmp_path: Path) -> None:
    assert FileLatchStore(tmp_path / "new" / "latch.json").load() == ()


def test_what_is_saved_is_loaded_by_the_next_process(tmp_path: Path) -> None:
    FileLatchStore(tmp_path / "latch.json").save((CONTACT, Reason("tilt", "15°")))
    assert FileLatchStore(tmp_path / "latch.json").load() == (CONTACT, Reason("tilt", "15°"))
    FileLatchStore(tmp_path / "latch.json").save(())
    assert FileLatchStore(tmp_path / "latch.json").load() == ()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"latched": 3}', b'{"latched": [["a"]]}', b"\xff\x00"]
)
def test_a_damaged_record_counts_as_latched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "latch.json").write_bytes(content)
    assert FileLatchStore(tmp_path / "latch.json").load() == (UNREADABLE,)


def test_an_interrupted_save_leaves_the_old_record(tmp_path: Path) -> None:
    store = FileLatchStore(tmp_path / "latch.json")
    store.save((CONTACT,))
    (tmp_path / "latch.json.new").write_bytes(b'{"latched": [')
    assert FileLatchStore(tmp_path / "latch.json").load() == (CONTACT,)


def test_a_folder_that_cannot_be_written_is_refused_before_anything_moves(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="writable"):
        FileLatchStore(tmp_path / "file" / "latch.json")
