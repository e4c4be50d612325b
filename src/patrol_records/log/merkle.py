"""Merkle tree hashes, audit paths and consistency proofs of RFC 6962, section 2.1."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
Node = Callable[[int, int], bytes]
"""The hash of the complete subtree over leaves `start` to `start + size` (a power of two)."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees of a growing tree, largest first: all that an append needs.

    An append costs one hash on average and log2(size) at most; so does the root.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """A tree of `size` leaves, by the hashes of its complete subtrees."""
        self.size = size
        self._hashes = list(hashes)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; the subtrees that this completes: level, number, hash."""
        made = [(0, self.size, leaf)]
        level, number = 0, self.size
        while number % 2 == 1:
            leaf = node_hash(self._hashes.pop(), leaf)
            level, number = level + 1, number // 2
            made.append((level, number, leaf))
        self._hashes.append(leaf)
        self.size += 1
        return made

    def hashes(self) -> list[bytes]:
        """Of the complete subtrees, largest first."""
        return list(self._hashes)

    def root(self) -> bytes:
        """The tree's hash."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root


def subtrees(size: int) -> list[tuple[int, int]]:
    """Start and size of the complete subtrees of a tree, largest first."""
    found, start = [], 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            found.append((start, 1 << bit))
            start += 1 << bit
    return found


def range_hash(start: int, end: int, node: Node) -> bytes:
    """MTH of the leaves from `start` to `end`, where `start` is a multiple of its split."""
    size = end - start
    if size & (size - 1) == 0:
        return node(start, size)
    split = 1 << (size - 1).bit_length() - 1
    return node_hash(node(start, split), range_hash(start + split, end, node))


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]): the audit path of leaf `index`. 0 <= index < size."""

    def path(index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        split = 1 << (end - start - 1).bit_length() - 1
        middle = start + split
        if index < middle:
            return [*path(index, start, middle), range_hash(middle, end, node)]
        return [*path(index, middle, end), range_hash(start, middle, node)]

    return path(index, 0, size)


def root_from_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes]
) -> bytes | None:
    """The root that a path leads to; None for a path of the wrong length (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    first, last, made = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return None
        if first & 1 or first == last:
            made = node_hash(step, made)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            made = node_hash(made, step)
        first, last = first >> 1, last >> 1
    return made if last == 0 else None


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """PROOF(old, D[new]): that the first `old` leaves are still what they were. 0 < old <= new."""

    def proof(old: int, start: int, end: int, *, known: bool) -> list[bytes]:
        if old == end - start:
            return [] if known else [range_hash(start, end, node)]
        split = 1 << (end - start - 1).bit_length() - 1
        middle = start + split
        if old <= split:
            return [*proof(old, start, middle, known=known), range_hash(middle, end, node)]
        rest = proof(old - split, middle, end, known=False)
        return [*rest, range_hash(start, middle, node)]

    return proof(old, 0, new, known=True)


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof leads from one root to the other (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    older = newer = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        first, last = first >> 1, last >> 1
    return older == old_root and newer == new_root and last == 0
