# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is wrong with certificates, and the next step. It never sends anything. Private to this collection."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from pathlib import Path

from .._model.errors import BadInput

HASHED_LINK = re.compile(r"[0-9a-f]{8}\.\d+")
"""How OpenSSL finds a certificate in a directory: by the hash of its subject."""

# OpenSSL's numbers (x509_vfy.h). Python names none of them.
OUT_OF_DATE = frozenset({9, 10})
OTHER_NAME = frozenset({62, 64})
UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21, 27})
UNFIT = frozenset({24, 32, *range(79, 93)})
"""A certificate of the chain lacks what an authority's needs, or what VERIFY_X509_STRICT asks for since Python 3.13."""


def check_ca_path(path: str) -> None:
    """Check that certificates can be read from a path, on the machine where this runs.

    :param path: of a file or a directory
    :raises BadInput: they cannot
    """
    # The directory in which a module starts on another host is an accident of the connection.
    if not Path(path).is_absolute():
        raise BadInput(
            "ca_path {path} is relative, and the task does not run on the control node: give an absolute path of the "
            "host where it runs.",
            path=path,
        )
    try:
        wrong = _wrong_with(Path(path))
    except OSError as error:
        wrong = f"cannot be read ({error.strerror}): let the user who runs the task read it."
    if wrong:
        raise BadInput("ca_path {path} cannot be used: it {wrong}", path=path, wrong=wrong)


def _wrong_with(path: Path) -> str:
    if not path.exists():
        return "does not exist on the machine where the task runs. Correct the path, or put the file there."
    if path.is_dir():
        if any(HASHED_LINK.fullmatch(entry.name) and entry.exists() for entry in path.iterdir()):
            return ""
        return (
            "is a directory in which OpenSSL finds no certificate, because no link is named after a hash, such as "
            f"5ed36f99.0: run openssl rehash {path}, or give a file."
        )
    # Reading a pipe would wait for a writer.
    if not path.is_file():
        return "is neither a file nor a directory: give the path of a file with certificates."
    return _wrong_with_file(path)


def _wrong_with_file(path: Path) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        content = path.read_bytes()
        if b"-----BEGIN " in content and b"CERTIFICATE-----" in content:
            return "holds a certificate that cannot be decoded: it is damaged or cut. Export it again."
    else:
        if context.cert_store_stats()["x509"]:
            return ""
    return (
        "holds no certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----: convert it with openssl "
        "x509 -inform DER, or give another file."
    )


def certificate_error(causes: Sequence[BaseException]) -> BaseException | None:
    """Return the one of these exceptions that says that a certificate does not verify."""
    # Before its version 2, urllib3 compares the names of hosts itself, with an exception of its own.
    known = (cause for cause in causes if type(cause).__name__ == "CertificateError")
    verified = (cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
    return next(verified, None) or next(known, None)


def advice(error: BaseException, verify: bool | str, option: str, address: str) -> str:
    """Return what is wrong with a certificate, and the next step.

    :param error: what :func:`certificate_error` returned
    :param verify: the path of the certificates in use; True for those of the requests library
    :param option: what named that path
    :param address: what names the host: base_url, or the variable of a proxy
    """
    code = getattr(error, "verify_code", None)
    if code in UNKNOWN_AUTHORITY:
        return _authority_advice(verify, option)
    if code is None or code in OTHER_NAME:
        return f"the certificate is for another host: write the host in {address} as the certificate names it."
    if code in OUT_OF_DATE:
        return "a certificate is out of date: have it renewed, and check the clock of the machine where the task runs."
    if code in UNFIT:
        return (
            "a certificate lacks an extension that an authority's needs, or that Python 3.13 and newer require: have "
            "the one of the authority, or of the host, issued again with it."
        )
    return f"check {address}, and ask whoever runs that host."


def _authority_advice(verify: bool | str, option: str) -> str:
    if not isinstance(verify, str):
        return (
            "its authority is not known here: if the host is the right one, give the certificate of the authority with "
            "ca_path."
        )
    if option != "ca_path":
        return (
            f"{option} {verify} does not hold the certificate of its authority: if the host is the right one, give "
            "that certificate with ca_path."
        )
    if Path(verify).is_dir():
        return (
            f"ca_path {verify} has no link to the certificate of its authority: put that certificate into the "
            f"directory, and run openssl rehash {verify}."
        )
    return f"ca_path {verify} does not hold the certificate of its authority: add that certificate to the file."
