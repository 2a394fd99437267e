# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems with certificates and their fixes, with real certificates, because OpenSSL's numbers have no names."""

from __future__ import annotations

import os
import re
import socket
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.certificates import (
    advice,
    certificate_error,
    check_ca_path,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.tls import (
    AUTHORITY,
    DAY,
    NOW,
    Made,
    made,
)
from cryptography.hazmat.primitives.serialization import Encoding

OTHER = made("another authority")


def error_of(server: Made, trusted: Made, folder: Path, name: str = "127.0.0.1") -> BaseException:
    """Return what a handshake fails with."""
    (folder / "ca.pem").write_bytes(trusted.pem)
    theirs = server.shown_by_a_host(folder)
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


NOT_HELD = "ca_path {ca} does not contain the certificate of its authority. Add "
OTHER_HOST = "the certificate is for another host. Write the host in base_url "
OUT_OF_DATE = "a certificate has expired or is not valid yet. Have it renewed"
HANDSHAKES: dict[str, tuple[Made, str, str]] = {
    "an authority that is not known": (made("host", OTHER), "127.0.0.1", NOT_HELD),
    "an authority of its own": (OTHER, "127.0.0.1", NOT_HELD),
    "another name": (made("host", AUTHORITY), "localhost", OTHER_HOST),
    "another address": (made("host", AUTHORITY, address="127.0.0.2"), "127.0.0.1", OTHER_HOST),
    "a date that is over": (made("host", AUTHORITY, ends=NOW - DAY), "127.0.0.1", OUT_OF_DATE),
    "a date to come": (made("host", AUTHORITY, begins=NOW + DAY, ends=NOW + 2 * DAY), "127.0.0.1", OUT_OF_DATE),
}


@pytest.mark.parametrize("wrong", HANDSHAKES)
def test_the_advice_is_about_what_is_wrong(tmp_path: Path, wrong: str) -> None:
    server, name, sentence = HANDSHAKES[wrong]
    ca = str(tmp_path / "ca.pem")
    said = str(advice(error_of(server, AUTHORITY, tmp_path, name), ca, "ca_path", "base_url"))

    assert said.startswith(sentence.format(ca=ca))


@pytest.mark.skipif(ssl.OPENSSL_VERSION_INFO < (3,), reason="OpenSSL 1.1.1 is not that strict")
def test_an_authority_that_lacks_extensions_is_reported_as_such(tmp_path: Path) -> None:
    old = made("an old authority", strict=False)
    error = error_of(made("host", old), old, tmp_path)

    assert str(advice(error, "/etc/ca.pem", "ca_path", "base_url")).startswith(
        "a certificate lacks an extension that an authority's"
    )


class Said(Exception):
    """An error of a handshake, as far as its number."""

    def __init__(self, number: int) -> None:
        self.verify_code = number


ADVICE: dict[str, tuple[int, str, str, str]] = {
    "no certificates of one's own": (20, "", "", ".*set ca_path to the certificate of the authority"),
    "a bundle of the environment": (
        19,
        "{0}/ca.pem",
        "REQUESTS_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE {0}/ca.pem does not contain.* set ca_path to that certificate",
    ),
    "a directory": (20, "{0}", "ca_path", "ca_path {0} has no link to the certificate of its authority. Put "),
    "anything else": (23, "", "", "check base_url, and ask the administrator of that host.$"),
}


@pytest.mark.parametrize("given", ADVICE)
def test_the_next_step_is_about(tmp_path: Path, given: str) -> None:
    number, path, source, sentence = ADVICE[given]

    message = advice(Said(number), path.format(tmp_path) or True, source, "base_url")

    assert re.match(sentence.format(tmp_path), str(message))


def test_what_the_older_library_raises_about_a_name_is_found() -> None:
    class CertificateError(ValueError):
        pass

    error = CertificateError("canary")

    assert certificate_error([OSError(), error]) is error
    assert "another host" in str(advice(error, True, "", "the proxy"))
    assert certificate_error([OSError()]) is None


# ca_path


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        check_ca_path(str(path))
    return str(caught.value)


DER = AUTHORITY.certificate.public_bytes(Encoding.DER)
KEY = AUTHORITY.key_pem
FILES = {
    "nothing": (b"", "contains no certificate in PEM format"),
    "a text": (b"canary", "contains no certificate in PEM format"),
    "another format": (DER, "contains no certificate in PEM format, .* openssl x509 -inform DER"),
    "a key": (KEY, "contains no certificate in PEM format"),
    "half a certificate": (
        AUTHORITY.pem[:200],
        "contains a certificate that cannot be decoded, because it is damaged or incomplete.",
    ),
    "a damaged certificate": (AUTHORITY.pem.replace(b"M", b"*", 1), "contains a certificate that cannot be decoded"),
    "another one that is damaged": (
        OTHER.pem + AUTHORITY.pem[:200] + b"\n-----END CERTIFICATE-----\n",
        "contains a certificate that cannot be decoded",
    ),
}


@pytest.mark.parametrize("content", FILES)
def test_the_problem_with_a_file_is_reported(tmp_path: Path, content: str) -> None:
    file, (written, sentence) = tmp_path / "ca.pem", FILES[content]
    file.write_bytes(written)

    assert re.match(f"ca_path {file} cannot be used: it {sentence}", refusal(file))
    assert "canary" not in refusal(file)


@pytest.mark.parametrize("content", [AUTHORITY.pem, OTHER.pem + AUTHORITY.pem, KEY + AUTHORITY.pem, b"#\n" + OTHER.pem])
def test_a_file_with_certificates_is_right_and_a_directory_with_hashed_links(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "5ed36f99.0").write_bytes(content)

    check_ca_path(str(tmp_path / "5ed36f99.0"))
    check_ca_path(str(tmp_path))


@pytest.mark.parametrize("names", [[], ["ca.pem"], ["5ed36f99"], ["5ed36f99.x"], ["5ED36F99.0"]])
def test_a_directory_without_hashed_links_is_reported_with_the_fix(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_bytes(AUTHORITY.pem)

    assert refusal(tmp_path).endswith(f"such as 5ed36f99.0. Run openssl rehash {tmp_path}, or use a file.")


def test_a_directory_with_broken_links_is_reported_in_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "5ed36f99.0").symlink_to(tmp_path / "gone.pem")

    assert "is a directory in which OpenSSL finds no certificate" in refusal(tmp_path)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        for kind in ("pipe", "socket"):
            assert f"{kind} cannot be used: it is neither a file nor a directory. " in refusal(tmp_path / kind)


def test_a_missing_path_is_reported(tmp_path: Path) -> None:
    assert "ca.pem cannot be used: it does not exist on the machine where the task runs. " in refusal(
        tmp_path / "ca.pem"
    )


def test_an_unreadable_path_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_arguments: Any, **_named: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    # The user of the tests may be root, who may read anything.
    monkeypatch.setattr(sys.modules[check_ca_path.__module__].ssl, "SSLContext", forbidden)

    assert "ca.pem cannot be used: it cannot be read (Permission denied). Give the user" in refusal(tmp_path / "ca.pem")


def test_a_relative_path_on_another_host_is_refused() -> None:
    assert refusal(Path("ca.pem")).startswith("ca_path ca.pem is relative, but the task does not run on the control")
