# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Build a client from the connection options. Private to this collection."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from .._api.certificates import check_ca_path
from .._api.client import Client
from .._api.connection import REQUESTS_IMPORT_ERROR
from .._api.inventory import AT_ONCE
from .._api.sessions import Sessions
from .._api.throttle import Clock
from .._api.transport import Settings
from .._model.errors import BadInput
from .._model.message import Own
from .._model.redact import Tokens
from .._model.stamp import Stamps
from .._model.strings import has_loose_ends
from .._model.urls import web_address
from .specs import DEFAULT_BASE_URL

API_PATH = "/elements/api-v2"


OTHER_API_PATH = re.compile(r"/elements(/api(-v\d+)?)?")
"""The end of an incomplete path, or of the path of another API version."""


def connect(
    params: Mapping[str, Any], tokens: Tokens, clock: Clock | None = None, sessions: Sessions | None = None
) -> Client:
    """Build the client that the connection options describe.

    :param tokens: collects the tokens of the instances that the client reads
    :param clock: the clock; its `cancelled` returns whether the run was cancelled
    :param sessions: shares connections with earlier clients in this process
    :raises BadInput: an option is missing or wrong
    """
    if REQUESTS_IMPORT_ERROR:
        raise BadInput(missing_required_lib("requests"))
    _check_secrets(params)
    if params["ca_path"]:
        check_ca_path(params["ca_path"])
    for option, least in (("timeout", 1), ("retries", 0), ("concurrency", 1)):
        if params.get(option, least) < least:
            raise BadInput(
                "{option} is {number}, but must be at least {least}.",
                option=Own(option),
                number=params[option],
                least=least,
            )
    settings = Settings(
        base_url=api_address(params["base_url"] or DEFAULT_BASE_URL),
        verify=(params["ca_path"] or True) if params["validate_certs"] else False,
        timeout=params["timeout"],
        retries=params["retries"],
        concurrency=params.get("concurrency", AT_ONCE),
        user_secret=params["user_secret"],
        organization_secret=params["organization_secret"],
    )
    client = Client(settings, clock, tokens, sessions.get(settings, os.environ) if sessions else None)
    return client.with_secrets(params.get("stamp_key") or "")


def _check_secrets(params: Mapping[str, Any]) -> None:
    for option in ("user_secret", "organization_secret"):
        value = params[option] or ""
        if not value:
            raise BadInput(
                "{option} is missing or empty. Set it, or the environment variable {variable}.",
                option=Own(option),
                variable=Own(f"CLOUD_ELEMENTS_{option.upper()}"),
            )
        if re.search(r"[\s,]", value) or not value.isprintable():
            raise BadInput(
                "{option} contains a space, a line break, a comma or an invisible character. Copy the secret "
                "again, without anything around it.",
                option=Own(option),
            )
    if has_loose_ends(params.get("stamp_key") or ""):
        # If another job uses the key without the line break, both jobs would report changed secrets in turn.
        raise BadInput(
            "stamp_key starts or ends with white space, a line break or another invisible character. Remove it "
            "wherever the key is used, for example with the filter trim."
        )


def stamps(params: Mapping[str, Any]) -> Stamps:
    """Return the object that makes stamps, with the stamp key or, by default, the organization secret."""
    return Stamps(params["stamp_key"] or params["organization_secret"])


def api_address(text: str) -> str:
    """Return the address of the API, with its path.

    :param text: ``base_url``
    :raises BadInput: it is not such an address; the message does not show it, because it may contain a password
    """
    parts = web_address(text.strip())
    if parts is None or parts.username is not None or parts.query or parts.fragment:
        raise BadInput(
            "base_url must look like {example}, with a scheme, a host and a path, and nothing else.",
            example=Own(DEFAULT_BASE_URL),
        )
    if (parts.scheme, parts.port) == ("http", 443):
        raise BadInput("base_url has http:// with the HTTPS port, 443. Use https://, or another port.")
    return f"{parts.scheme}://{parts.netloc}{_base_path(parts.path.rstrip('/'))}"


def _base_path(path: str) -> str:
    """Return the path of the API. Another path may come before it, for example of a gateway."""
    if f"{API_PATH}/" in path:
        raise BadInput(
            "base_url continues after {path}. Remove the rest, because the collection adds it itself.",
            path=Own(API_PATH),
        )
    last = OTHER_API_PATH.search(path)
    if last and last.end() == len(path) and not path.endswith(API_PATH):
        raise BadInput(
            "base_url ends with {end}. End it with {path}, or leave the path out.",
            end=Own(last[0]),
            path=Own(API_PATH),
        )
    return path or API_PATH
