# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with certificates, and the next step: with real ones, because OpenSSL's numbers have no names."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._certificates import (
    advice,
    certificate_error,
    check_ca_path,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._errors import BadInput
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)
PEM = serialization.Encoding.PEM


@dataclass
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)


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


USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
AUTHORITY = made("an authority")
OTHER = made("another authority")


def error_of(server: Made, trusted: Made, folder: Path, name: str = "127.0.0.1") -> BaseException:
    """Return what a handshake fails with."""
    (folder / "server.pem").write_bytes(
        server.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + server.pem
    )
    (folder / "ca.pem").write_bytes(trusted.pem)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(folder / "server.pem")
    ours = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    # As Python 3.13 does, on every release.
    ours.verify_flags |= ssl.VERIFY_X509_STRICT
    ends = ssl.MemoryBIO(), ssl.MemoryBIO()
    client, host = ours.wrap_bio(*ends, server_hostname=name), theirs.wrap_bio(*reversed(ends), server_side=True)
    for side in (client, host, client):
        try:
            side.do_handshake()
        except ssl.SSLCertVerificationError as error:
            return error
        except ssl.SSLWantReadError:
            continue
    pytest.fail("it verifies")


HANDSHAKES: list[tuple[Any, Any, str, str]] = [
    (made("host", OTHER), AUTHORITY, "127.0.0.1", "ca_path {ca} does not hold the certificate of its authority: add "),
    (OTHER, AUTHORITY, "127.0.0.1", "ca_path {ca} does not hold the certificate of its authority: add "),
    (
        made("host", AUTHORITY),
        AUTHORITY,
        "localhost",
        "the certificate is for another host: write the host in base_url ",
    ),
    (
        made("host", AUTHORITY, address="127.0.0.2"),
        AUTHORITY,
        "127.0.0.1",
        "the certificate is for another host: write the host in base_url ",
    ),
    (made("host", AUTHORITY, ends=NOW - DAY), AUTHORITY, "127.0.0.1", "a certificate is out of date: have it renewed"),
    (
        made("host", AUTHORITY, begins=NOW + DAY, ends=NOW + 2 * DAY),
        AUTHORITY,
        "127.0.0.1",
        "a certificate is out of date: have it renewed",
    ),
]


@pytest.mark.parametrize(("server", "trusted", "name", "sentence"), HANDSHAKES)
def test_the_advice_is_about_what_is_wrong(
    tmp_path: Path, server: Made, trusted: Made, name: str, sentence: str
) -> None:
    ca = str(tmp_path / "ca.pem")

    assert advice(error_of(server, trusted, tmp_path, name), ca, "ca_path", "base_url").startswith(
        sentence.format(ca=ca)
    )


@pytest.mark.skipif(ssl.OPENSSL_VERSION_INFO < (3,), reason="OpenSSL 1.1.1 is not that strict")
def test_an_authority_that_lacks_extensions_is_told_as_such(tmp_path: Path) -> None:
    old = made("an old authority", strict=False)
    error = error_of(made("host", old), old, tmp_path)

    assert advice(error, "/etc/ca.pem", "ca_path", "base_url").startswith(
        "a certificate lacks an extension that an authority's"
    )


class Said(Exception):
    """An error of a handshake, as far as its number."""

    def __init__(self, number: int) -> None:
        self.verify_code = number


def test_without_certificates_of_one_s_own_ca_path_is_the_next_step() -> None:
    assert "give the certificate of the authority with ca_path" in advice(Said(20), True, "", "base_url")


def test_a_bundle_of_the_environment_is_named(tmp_path: Path) -> None:
    said = advice(Said(19), str(tmp_path / "ca.pem"), "REQUESTS_CA_BUNDLE", "base_url")

    assert said.startswith(f"REQUESTS_CA_BUNDLE {tmp_path}/ca.pem does not hold")
    assert "give that certificate with ca_path" in said


def test_a_directory_needs_a_link(tmp_path: Path) -> None:
    said = advice(Said(20), str(tmp_path), "ca_path", "base_url")

    assert said.startswith(f"ca_path {tmp_path} has no link to the certificate of its authority: put ")


def test_anything_else_is_for_whoever_runs_the_host() -> None:
    assert advice(Said(23), True, "", "base_url") == "check base_url, and ask whoever runs that host."


def test_what_the_older_library_raises_about_a_name_is_found() -> None:
    class CertificateError(ValueError):
        pass

    error = CertificateError("canary")

    assert certificate_error([OSError(), error]) is error
    assert "another host" in advice(error, True, "", "the proxy")
    assert certificate_error([OSError()]) is None


# ca_path


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        check_ca_path(str(path))
    return str(caught.value)


DER = AUTHORITY.certificate.public_bytes(serialization.Encoding.DER)
KEY = AUTHORITY.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
FILES = {
    "nothing": (b"", "holds no certificate in PEM format"),
    "a text": (b"canary", "holds no certificate in PEM format"),
    "another format": (DER, "holds no certificate in PEM format, .* openssl x509 -inform DER"),
    "a key": (KEY, "holds no certificate in PEM format"),
    "half a certificate": (AUTHORITY.pem[:200], "holds a certificate that cannot be decoded: it is damaged or cut."),
    "a damaged certificate": (AUTHORITY.pem.replace(b"M", b"*", 1), "holds a certificate that cannot be decoded"),
    "another one that is damaged": (
        OTHER.pem + AUTHORITY.pem[:200] + b"\n-----END CERTIFICATE-----\n",
        "holds a certificate that cannot be decoded",
    ),
}


@pytest.mark.parametrize("content", FILES)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, content: str) -> None:
    file, (written, sentence) = tmp_path / "ca.pem", FILES[content]
    file.write_bytes(written)

    assert re.match(f"ca_path {file} cannot be used: it {sentence}", refusal(file))
    assert "canary" not in refusal(file)


@pytest.mark.parametrize("content", [AUTHORITY.pem, OTHER.pem + AUTHORITY.pem, KEY + AUTHORITY.pem, b"#\n" + OTHER.pem])
def test_a_file_with_certificates_is_right(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ca.pem").write_bytes(content)

    check_ca_path(str(tmp_path / "ca.pem"))


@pytest.mark.parametrize("names", [[], ["ca.pem"], ["5ed36f99"], ["5ed36f99.x"], ["5ED36F99.0"]])
def test_a_directory_without_hashed_links_is_told_how_to_get_them(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_bytes(AUTHORITY.pem)

    assert refusal(tmp_path).endswith(f"such as 5ed36f99.0: run openssl rehash {tmp_path}, or give a file.")


def test_a_directory_with_links_to_nothing_is_told_the_same(tmp_path: Path) -> None:
    (tmp_path / "5ed36f99.0").symlink_to(tmp_path / "gone.pem")

    assert "is a directory in which OpenSSL finds no certificate" in refusal(tmp_path)


def test_a_directory_with_hashed_links_is_right(tmp_path: Path) -> None:
    (tmp_path / "5ed36f99.0").write_bytes(AUTHORITY.pem)

    check_ca_path(str(tmp_path))


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(tmp_path / "ca")
        assert "ca cannot be used: it is neither a file nor a directory: " in refusal(tmp_path / "ca")
        return
    with socket.socket(socket.AF_UNIX) as made_here:
        made_here.bind(str(tmp_path / "ca"))
        assert "ca cannot be used: it is neither a file nor a directory: " in refusal(tmp_path / "ca")


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert "ca.pem cannot be used: it does not exist on the machine where the task runs. " in refusal(
        tmp_path / "ca.pem"
    )


def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_arguments: Any, **_named: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    # The user of the tests may be root, who may read anything.
    monkeypatch.setattr(sys.modules[check_ca_path.__module__].ssl, "SSLContext", forbidden)

    assert "ca.pem cannot be used: it cannot be read (Permission denied): let the user" in refusal(tmp_path / "ca.pem")


def test_a_relative_path_on_another_host_is_refused() -> None:
    assert refusal(Path("ca.pem")).startswith("ca_path ca.pem is relative, and the task does not run on the control")
