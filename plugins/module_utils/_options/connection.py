# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From the options of the connection to a client. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from .._api.certificates import check_ca_path
from .._api.client import Client
from .._api.connection import REQUESTS_IMPORT_ERROR
from .._api.inventory import AT_ONCE
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
"""The end of a path that is a part of the right one, or that of another version."""


def connect(params: Mapping[str, Any], tokens: Tokens, clock: Clock | None = None) -> Client:
    """Make the client that the connection options describe.

    :param tokens: collects the tokens of the instances that the client reads
    :param clock: time; its `cancelled` returns whether the run was cancelled
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
                "{option} is {number}: give {least} or more.", option=Own(option), number=params[option], least=least
            )
    client = Client(
        Settings(
            base_url=api_address(params["base_url"] or DEFAULT_BASE_URL),
            verify=(params["ca_path"] or True) if params["validate_certs"] else False,
            timeout=params["timeout"],
            retries=params["retries"],
            concurrency=params.get("concurrency", AT_ONCE),
            user_secret=params["user_secret"],
            organization_secret=params["organization_secret"],
        ),
        clock,
        tokens,
    )
    return client.with_secrets(params.get("stamp_key") or "")


def _check_secrets(params: Mapping[str, Any]) -> None:
    for option in ("user_secret", "organization_secret"):
        value = params[option] or ""
        if not value:
            raise BadInput(
                "{option} is missing or empty: set it, or the variable {variable}.",
                option=Own(option),
                variable=Own(f"CLOUD_ELEMENTS_{option.upper()}"),
            )
        if re.search(r"[\s,]", value) or not value.isprintable():
            raise BadInput(
                "{option} holds a space, a line break, a comma or a character that cannot be seen: copy it again, "
                "without what is around it.",
                option=Own(option),
            )
    if has_loose_ends(params.get("stamp_key") or ""):
        # Another job, without the line break, would see other secrets on every run, and so would this one.
        raise BadInput(
            "stamp_key starts or ends with white space, a line break or another character that cannot be seen: remove "
            "it, for example with the filter trim, everywhere."
        )


def stamps(params: Mapping[str, Any]) -> Stamps:
    """Return the maker of stamps: with the stamp key, or the organization secret, which all users share."""
    return Stamps(params["stamp_key"] or params["organization_secret"])


def api_address(text: str) -> str:
    """Return the address of the API, with its path.

    :param text: ``base_url``
    :raises BadInput: it is another address; it is not told, because it may have a password in it
    """
    parts = web_address(text.strip())
    if parts is None or parts.username is not None or parts.query or parts.fragment:
        raise BadInput(
            "base_url must look like {example}: a scheme, a host and a path, and nothing else.",
            example=Own(DEFAULT_BASE_URL),
        )
    if (parts.scheme, parts.port) == ("http", 443):
        raise BadInput("base_url has http:// and the port of HTTPS, 443: write https://, or another port.")
    return f"{parts.scheme}://{parts.netloc}{_base_path(parts.path.rstrip('/'))}"


def _base_path(path: str) -> str:
    """Return the path of the API. Before it may be others, for example of a gateway."""
    if f"{API_PATH}/" in path:
        raise BadInput(
            "base_url goes on after {path}: leave out what follows, which the collection adds itself.",
            path=Own(API_PATH),
        )
    last = OTHER_API_PATH.search(path)
    if last and last.end() == len(path) and not path.endswith(API_PATH):
        raise BadInput(
            "base_url ends with {end}: let it end with {path}, or leave the path out.",
            end=Own(last[0]),
            path=Own(API_PATH),
        )
    return path or API_PATH
