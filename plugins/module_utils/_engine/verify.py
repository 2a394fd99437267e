# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Verify the credentials with the vendor, because the platform often does not. Private to this collection."""

from __future__ import annotations

from .._api.client import Client
from .._model.errors import CredentialsRejected, NotVerified, ServiceError
from .._model.instance import Actual
from .._model.message import Message, Own
from .._model.vendors import PING, verification_call


def ask_vendor(actual: Actual, client: Client) -> None:
    """Send one call to the vendor.

    :raises CredentialsRejected: the vendor rejected the credentials
    :raises NotVerified: the vendor could not be asked
    """
    path = verification_call(actual.element)
    if not actual.token:
        raise NotVerified("Cloud Elements returned no token, so the credentials could not be verified.")
    try:
        answer = client.ask_vendor(path, actual.token)
    except ServiceError as error:
        raise NotVerified("The credentials were not verified: {error} Run again.", error=error) from error
    if (answer.status == 200 and answer.from_platform) or answer.is_empty_list:
        return
    description = Message(
        "The credentials were not verified: the vendor call {path} ended with {description}{end}",
        path=Own(path),
        description=answer.description,
        end=Own("." if answer.from_platform else ", but not with the JSON of Cloud Elements."),
    )
    if not answer.from_platform or answer.status >= 500 or answer.status == 429:
        raise NotVerified("{description} Run again later.", description=description)
    if path == PING and answer.status in (404, 405):
        raise NotVerified(
            "{description} The element seems to have no such call. Set verify to never.", description=description
        )
    if answer.status == 401 and not answer.from_vendor:
        raise NotVerified(
            "{description} Cloud Elements did not accept the token of the instance. Run again.", description=description
        )
    raise CredentialsRejected(
        "The vendor rejected the credentials: the call {path} ended with {description}. Check the user name, password, "
        "keys and server URL with the vendor, then run again.",
        path=Own(path),
        description=answer.description,
    )
