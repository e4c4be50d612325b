"""Whether a package is as it was signed, and what it says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from patrol_records.flight.packing import CONTEXT, FORMAT, MANIFEST, SIGNATURE

MAX_MANIFEST = 2**20
MAX_FILE = 2**31
_PIECE = 2**20
_NO_PACKAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError,
    KeyError, MemoryError,
)  # fmt: skip
"""What reading bytes that are no ZIP file may raise; RuntimeError: an encrypted one."""


@dataclass(slots=True)
class Checked:
    """`problems`: all that is not as it was signed; empty: everything is."""

    manifest: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    key: bytes = b""


def check_package(file: Path, expected_key: bytes | None = None) -> Checked:
    """Verify signature and hashes. `expected_key`: the robot's public key (32 bytes), kept
    elsewhere; without it, the key in the package itself is used, which whoever made it chose.

    Raises OSError where the file cannot be opened.
    """
    checked = Checked()
    with file.open("rb") as opened:
        try:
            with zipfile.ZipFile(opened) as package:
                _check(package, checked, expected_key)
        except _NO_PACKAGE as error:
            checked.problems.append(f"it cannot be read as a package: {error}")
    return checked


def _check(package: zipfile.ZipFile, checked: Checked, expected_key: bytes | None) -> None:
    names = package.namelist()
    if len(set(names)) != len(names):
        checked.problems.append("a file is in it twice")
        return
    text = _read(package, MANIFEST, MAX_MANIFEST)
    manifest = json.loads(text)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        checked.problems.append("its manifest is of another format")
        return
    checked.manifest = manifest
    try:
        checked.key = expected_key or base64.b64decode(str(manifest["public_key"]), validate=True)
        key = Ed25519PublicKey.from_public_bytes(checked.key)
        key.verify(_read(package, SIGNATURE, 64), CONTEXT + text)
    except (InvalidSignature, binascii.Error):
        checked.problems.append("the manifest is not signed by this key")
    files = manifest.get("files")
    if not isinstance(files, dict):
        checked.problems.append("the manifest lists no files")
        return
    for name in sorted(set(names) - set(files) - {MANIFEST, SIGNATURE}):
        checked.problems.append(f"{name} is not in the manifest")
    for name, listed in files.items():
        _check_file(package, name, listed, checked)


def _check_file(package: zipfile.ZipFile, name: str, listed: Any, checked: Checked) -> None:
    if name not in package.namelist():
        checked.problems.append(f"{name} is missing")
        return
    digest, size = hashlib.sha256(), 0
    try:
        with package.open(name) as opened:
            while piece := opened.read(_PIECE):
                size += len(piece)
                digest.update(piece)
                if size > MAX_FILE:
                    raise ValueError("too large")
    except _NO_PACKAGE as error:
        checked.problems.append(f"{name} is damaged ({error})")
        return
    wanted = listed if isinstance(listed, dict) else {}
    if digest.hexdigest() != wanted.get("sha256") or size != wanted.get("bytes"):
        checked.problems.append(f"{name} is not as it was")


def _read(package: zipfile.ZipFile, name: str, most: int) -> bytes:
    with package.open(name) as opened:
        data = opened.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{name} is too long")
    return data
