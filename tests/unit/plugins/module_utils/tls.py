# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that are made for a test, and what a host needs to show them."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)
PEM = serialization.Encoding.PEM
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    def shown_by_a_host(self, folder: Path) -> ssl.SSLContext:
        """Return what a host begins its connections with."""
        (folder / "server.pem").write_bytes(self.key_pem + self.pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        return context


def made(
    name: str,
    issuer: Made | None = None,
    *,
    strict: bool = True,
    address: str = "127.0.0.1",
    begins: datetime = NOW - 3 * DAY,
    ends: datetime = NOW + DAY,
) -> Made:
    """Return an authority, or where it has an issuer, what a host shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signer = issuer.certificate.subject if issuer else subject
    builder = x509.CertificateBuilder(signer, subject, key.public_key(), x509.random_serial_number(), begins, ends)
    if issuer:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
        )
        public = issuer.key.public_key()
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    else:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=strict)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if strict and not issuer:
        signs = {name: name in ("key_cert_sign", "crl_sign") for name in USAGES}
        builder = builder.add_extension(x509.KeyUsage(**signs), critical=True)
    return Made(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


AUTHORITY = made("an authority")
