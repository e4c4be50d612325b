"""A certificate of the robot's own, for the time until its operators bring a better one."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from patrol_console.errors import ConsoleError

CERTIFICATE, KEY = "console-certificate.pem", "console-key.pem"
_YEARS = 2
_RENEW = timedelta(days=30)


def certificate(folder: Path, names: Sequence[str], now_s: float) -> tuple[Path, Path, str]:
    """The files of the self-made certificate and its key, and its SHA-256 fingerprint.

    Made at first use, and anew a month before its end or when `names` are others. The key is an
    ECDSA key on P-256 that only this system's user may read. Raises ConsoleError.
    """
    certificate_file, key_file = folder / CERTIFICATE, folder / KEY
    now = datetime.fromtimestamp(now_s, timezone.utc)
    try:
        kept = _kept(certificate_file, names, now) if key_file.exists() else None
        made = kept or _make(certificate_file, key_file, names, now)
    except (OSError, ValueError) as error:
        raise ConsoleError(
            f"the certificate in {folder} cannot be used: {error}",
            expected="a folder that this program may write",
            remedy=f"remove {CERTIFICATE} and {KEY} there: they are made anew",
        ) from error
    return certificate_file, key_file, made.fingerprint(hashes.SHA256()).hex(":").upper()


def _kept(file: Path, names: Sequence[str], now: datetime) -> x509.Certificate | None:
    if not file.exists():
        return None
    found = x509.load_pem_x509_certificate(file.read_bytes())
    kept = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    is_current = kept == _alternatives(names) and now + _RENEW < found.not_valid_after_utc
    return found if is_current else None


def _make(
    certificate_file: Path, key_file: Path, names: Sequence[str], now: datetime
) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ronda console")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(_alternatives(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_file.unlink(missing_ok=True)
    with os.fdopen(os.open(key_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(pem)
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made


def _alternatives(names: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [_name(name) for name in ("localhost", "127.0.0.1", *names)]
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
