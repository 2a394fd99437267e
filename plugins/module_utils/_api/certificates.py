# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find the problem with a certificate, and the fix. It never sends anything. Private to this collection."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from pathlib import Path

from .._model.errors import BadInput
from .._model.message import Message, Own

HASHED_LINK = re.compile(r"[0-9a-f]{8}\.\d+")
"""The name by which OpenSSL finds a certificate in a directory: the hash of its subject."""

# OpenSSL's numbers (x509_vfy.h). Python names none of them.
OUT_OF_DATE = frozenset({9, 10})
OTHER_NAME = frozenset({62, 64})
UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21, 27})
UNFIT = frozenset({24, 32, *range(79, 93)})
"""A certificate of the chain lacks what an authority needs, or what VERIFY_X509_STRICT requires since Python 3.13."""


def check_ca_path(path: str) -> None:
    """Check that certificates can be read from a path on this machine.

    :param path: of a file or a directory
    :raises BadInput: they cannot
    """
    # On another host, the current directory of a module depends on the connection, so a relative path is useless.
    if not Path(path).is_absolute():
        raise BadInput(
            "ca_path {path} is relative, but the task does not run on the control node. Use an absolute path of "
            "the host where it runs.",
            path=path,
        )
    try:
        problem = _path_problem(Path(path))
    except OSError as error:
        problem = Message(
            "cannot be read ({why}). Give the user who runs the task permission to read it.", why=Own(error.strerror)
        )
    if problem:
        raise BadInput("ca_path {path} cannot be used: it {problem}", path=path, problem=problem)


def _path_problem(path: Path) -> Message | None:
    """Return the problem with a path of certificates, or None.

    :raises OSError: it cannot be read
    """
    if not path.exists():
        return Message("does not exist on the machine where the task runs. Correct the path, or put the file there.")
    if path.is_dir():
        if any(HASHED_LINK.fullmatch(entry.name) and entry.exists() for entry in path.iterdir()):
            return None
        return Message(
            "is a directory in which OpenSSL finds no certificate, because no link is named after a hash, such as "
            "5ed36f99.0. Run openssl rehash {path}, or use a file.",
            path=path,
        )
    # Do not read a pipe: that would wait for a writer.
    if not path.is_file():
        return Message("is neither a file nor a directory. Use the path of a file with certificates.")
    return _file_problem(path)


def _file_problem(path: Path) -> Message | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        content = path.read_bytes()
        if b"-----BEGIN " in content and b"CERTIFICATE-----" in content:
            return Message(
                "contains a certificate that cannot be decoded, because it is damaged or incomplete. Export it again."
            )
    else:
        if context.cert_store_stats()["x509"]:
            return None
    return Message(
        "contains no certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----. Convert it with "
        "openssl x509 -inform DER, or use another file."
    )


def certificate_error(causes: Sequence[BaseException]) -> BaseException | None:
    """Return the exception about a certificate that does not verify, or None."""
    # Before version 2, urllib3 compares host names itself and raises an exception of its own.
    name_errors = (cause for cause in causes if type(cause).__name__ == "CertificateError")
    verify_errors = (cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
    return next(verify_errors, None) or next(name_errors, None)


def advice(error: BaseException, verify: bool | str, option: str, address: str) -> Message:
    """Return the problem with a certificate, and the fix.

    :param error: what :func:`certificate_error` returned
    :param verify: the path of the certificates in use; True for those of the requests library
    :param option: the option or environment variable with that path
    :param address: the option or environment variable with the host: base_url, or the variable of a proxy
    """
    code = getattr(error, "verify_code", None)
    if code in UNKNOWN_AUTHORITY:
        return _authority_advice(verify, option)
    if code is None or code in OTHER_NAME:
        return Message(
            "the certificate is for another host. Write the host in {address} as the certificate names it.",
            address=Own(address),
        )
    if code in OUT_OF_DATE:
        return Message(
            "a certificate has expired or is not valid yet. Have it renewed, and check the clock of the machine where "
            "the task runs."
        )
    if code in UNFIT:
        return Message(
            "a certificate lacks an extension that an authority's certificate needs, or that Python 3.13 and newer "
            "require. Have the certificate of the authority, or of the host, issued again with it."
        )
    return Message("check {address}, and ask the administrator of that host.", address=Own(address))


def _authority_advice(verify: bool | str, option: str) -> Message:
    if not isinstance(verify, str):
        return Message(
            "its authority is unknown. If this is the right host, set ca_path to the certificate of the authority."
        )
    if option != "ca_path":
        return Message(
            "{option} {path} does not contain the certificate of its authority. If this is the right host, set "
            "ca_path to that certificate.",
            option=Own(option),
            path=verify,
        )
    if Path(verify).is_dir():
        return Message(
            "ca_path {path} has no link to the certificate of its authority. Put that certificate into the directory, "
            "and run openssl rehash {path}.",
            path=verify,
        )
    return Message(
        "ca_path {path} does not contain the certificate of its authority. Add that certificate to the file.",
        path=verify,
    )
