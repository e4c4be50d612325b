"""Latched stops on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrol_core.errors import ConfigError
from patrol_gate.latch import UNREADABLE, FileLatchStore, MemoryLatchStore
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
    "content",
    [
        b"", b"{", b"[]", b'{"latched": 3}', b'{"latched": [["a"]]}', b"\xff\x00", b"{}",
        b'{"latched": {}}', b'{"latched": ""}', b'{"latched": null}',
    ],
)  # fmt: skip
def test_a_damaged_record_counts_as_latched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "latch.json").write_bytes(content)
    assert FileLatchStore(tmp_path / "latch.json").load() == (UNREADABLE,)


def test_a_record_that_cannot_be_opened_counts_as_latched(tmp_path: Path) -> None:
    store = FileLatchStore(tmp_path / "latch.json")
    (tmp_path / "latch.json").mkdir()
    assert store.load() == (UNREADABLE,)


def test_trying_whether_the_folder_can_be_written_leaves_nothing_there(tmp_path: Path) -> None:
    FileLatchStore(tmp_path / "latch.json")
    FileLatchStore(tmp_path / "latch.json")
    assert list(tmp_path.iterdir()) == []


def test_in_memory_it_lasts_as_long_as_the_store() -> None:
    store = MemoryLatchStore()
    assert store.load() == ()
    store.save((CONTACT,))
    assert store.load() == (CONTACT,)


def test_an_interrupted_save_leaves_the_old_record(tmp_path: Path) -> None:
    store = FileLatchStore(tmp_path / "latch.json")
    store.save((CONTACT,))
    (tmp_path / "latch.json.new").write_bytes(b'{"latched": [')
    assert FileLatchStore(tmp_path / "latch.json").load() == (CONTACT,)


def test_a_folder_that_cannot_be_written_is_refused_before_anything_moves(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="writable"):
        FileLatchStore(tmp_path / "file" / "latch.json")
