"""A certificate of the server's own making, for clients that insist on https."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from fhantom.clock import Clock

_NAMES = ("localhost", "hackathon.siim.org", "127.0.0.1", "::1")
_LIFETIME = datetime.timedelta(days=825)  # the longest that Apple's systems accept
_RENEWAL = datetime.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM: a certificate chain and its private key."""

    chain: Path
    private_key: Path


def self_signed(folder: Path, host: str, clock: Clock) -> Certificate:
    """A certificate for this machine and `host`, kept in `folder` so that it need be trusted only once.

    It also names hackathon.siim.org, for clients whose URL cannot be changed but whose hosts file can.
    """
    certificate = Certificate(folder / "certificate.pem", folder / "private-key.pem")
    if not _is_good(certificate, host, clock):
        folder.mkdir(parents=True, exist_ok=True)
        _make(certificate, _all_names(host), clock)
    return certificate


def _all_names(host: str) -> list[str]:
    return list(dict.fromkeys((*_NAMES, socket.gethostname(), host)))


def _is_good(certificate: Certificate, host: str, clock: Clock) -> bool:
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificate(certificate.chain.read_bytes())
        certificate.private_key.read_bytes()
    except (OSError, ValueError):
        return False
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    wanted = [_general_name(name) for name in _all_names(host)]
    return clock.now() + _RENEWAL < found.not_valid_after_utc and all(name in list(names) for name in wanted)


def _make(certificate: Certificate, names: list[str], clock: Clock) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fhantom on this machine")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate.private_key.unlink(missing_ok=True)
    with os.fdopen(os.open(certificate.private_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    certificate.chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _general_name(name: str):  # type: ignore[no-untyped-def]  # its type would import cryptography at start
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
