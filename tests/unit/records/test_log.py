from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_records.errors import StoreError
from patrol_records.log.entries import LogEntry, canonical
from patrol_records.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    node_hash,
    range_hash,
    root_from_inclusion,
)
from patrol_records.log.notes import Signer, open_note
from patrol_records.log.store import LogStore

INPUTS = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The well-known roots of growing trees over these inputs, as certificate transparency's
implementations test them."""


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def recursive(hashes: list[bytes]) -> bytes:
    """MTH as RFC 6962 writes it."""
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY_ROOT
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(recursive(hashes[:split]), recursive(hashes[split:]))


def nodes_of(hashes: list[bytes]):  # type: ignore[no-untyped-def]
    return lambda start, size: recursive(hashes[start : start + size])


def test_roots_are_the_known_ones() -> None:
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT
    for text, root in zip(INPUTS, ROOTS, strict=True):
        frontier.append(leaf_hash(bytes.fromhex(text)))
        assert frontier.root().hex() == root


@given(size=st.integers(1, 70), data=st.data())
@settings(max_examples=60)
def test_proofs_hold_and_no_other_does(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    node, root = nodes_of(hashes), recursive(hashes)
    assert range_hash(0, size, node) == root
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, node)
    assert root_from_inclusion(hashes[index], index, size, proof) == root
    assert root_from_inclusion(leaf_hash(b"x"), index, size, proof) != root
    assert root_from_inclusion(hashes[index], index, size, [*proof, root]) is None
    old = data.draw(st.integers(1, size))
    old_root = recursive(hashes[:old])
    path = consistency_proof(old, size, node)
    assert is_consistent(old, old_root, size, root, path)
    assert not is_consistent(old, leaf_hash(b"x"), size, root, path)
    if path:
        assert not is_consistent(old, old_root, size, root, path[:-1])


def test_a_checkpoint_is_signed_and_nothing_of_it_can_change() -> None:
    signer = Signer("ronda.example/yard", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    note = signer.sign(7, leaf_hash(b"seven"))
    opened = open_note(note, signer.verifier)
    assert (opened.size, opened.root) == (7, leaf_hash(b"seven"))
    other = Signer("ronda.example/yard", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
    for bad, key in [
        (note.replace("\n7\n", "\n8\n"), signer.verifier),
        (note, other.verifier),
        (note.replace("yard", "dock"), signer.verifier),
        (note.split("\n\n")[0], signer.verifier),
    ]:
        with pytest.raises(ValueError, match=r"signed|signature"):
            open_note(bad, key)


@given(st.text(max_size=200))
@settings(max_examples=100)
def test_no_text_breaks_the_reading_of_checkpoints(text: str) -> None:
    signer = Signer("a", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    for note, key in ((text, signer.verifier), (signer.sign(1, bytes(32)), text)):
        with pytest.raises(ValueError, match=r"\w"):
            open_note(note, key)


def test_the_key_is_made_once_and_for_one_user(tmp_path: Path) -> None:
    first = Signer.of_file("a", tmp_path / "keys" / "log.key")
    assert Signer.of_file("a", tmp_path / "keys" / "log.key").verifier == first.verifier
    assert (tmp_path / "keys" / "log.key").stat().st_mode & 0o777 == 0o600


def entry(number: int) -> LogEntry:
    return LogEntry(float(number), f"act:{number}", "act", {"who": "ada", "what": number})


def test_what_was_logged_is_there_after_opening_again(tmp_path: Path) -> None:
    with LogStore(tmp_path, writable=True) as log:
        assert log.append([entry(n) for n in range(5)]) == [0, 1, 2, 3, 4]
        root = log.root()
    with LogStore(tmp_path, writable=True) as log:
        assert (log.size, log.root()) == (5, root)
        assert log.append([entry(2), entry(5), entry(5)]) == [2, 5, 5]
        texts = [kept.text for kept in log.entries()]
        assert texts == [entry(n).text() for n in range(6)]
        assert log.root() == recursive([leaf_hash(text.encode()) for text in texts])
        assert log.root(5) == root
        [newest] = log.newest(None, "act", 1)
        assert newest.number == 5 and log.newest(0, "", 9) == []


def test_proofs_come_from_the_kept_hashes(tmp_path: Path) -> None:
    with LogStore(tmp_path, writable=True) as log:
        log.append([entry(n) for n in range(77)])
        leaf = leaf_hash(entry(40).text().encode())
        for size in (41, 64, 77):
            proof = log.proof(40, size)
            assert root_from_inclusion(leaf, 40, size, proof) == log.root(size)
        path = consistency_proof(30, 77, log.node)
        assert is_consistent(30, log.root(30), 77, log.root(), path)


def test_the_file_itself_refuses_changes(tmp_path: Path) -> None:
    with LogStore(tmp_path, writable=True) as log:
        log.append([entry(0)])
        db = sqlite3.connect(log.path)
        for statement in ("UPDATE entries SET entry = 'x'", "DELETE FROM entries"):
            with pytest.raises(sqlite3.Error, match="only ever added"):
                db.execute(statement)


def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"not a database at all, but long enough to be read" * 50)
    with pytest.raises(StoreError, match="cannot open the log"):
        LogStore(tmp_path, writable=True)
    with pytest.raises(StoreError, match="cannot open the log"):
        LogStore(tmp_path / "nowhere", writable=False)


def test_entries_have_one_form() -> None:
    made = canonical({"b": float("nan"), "a": ("\u00e9", 1.5)})
    assert made == '{"a":["\u00e9",1.5],"b":null}'
