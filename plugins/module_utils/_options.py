# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The only room that knows Ansible's argument handling. Private to this collection."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ._client import Client
from ._elements import VENDORS, Vendor
from ._errors import BadInput
from ._input import desired
from ._instance import Desired
from ._secrets import Scrubber
from ._stamp import Stamps
from ._wire import REQUESTS_IMPORT_ERROR, Settings

DEFAULT_BASE_URL = "https://api.cloud-elements.com/elements/api-v2"
API_PATH = "/elements/api-v2"

Spec = dict[str, dict[str, Any]]


def from_environment(*names: str) -> str:
    """Return the first of these variables that is not empty: controllers set the variables of empty fields to ''."""
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    raise AnsibleFallbackNotFound


def _with_environment(name: str, **option: Any) -> dict[str, Any]:
    return {**option, "fallback": (from_environment, [name])}


def _vendor_spec(vendor: Vendor, environment: bool, hub: bool) -> dict[str, Any]:
    options: Spec = {}
    if hub and len(vendor.elements) > 1:
        options["hub"] = {"type": "str", "choices": list(vendor.elements), "required": True}
    for field in vendor.fields:
        option = {"type": "str", "no_log": field.secret}
        options[field.option] = _with_environment(field.environment, **option) if environment else option
    return {"type": "dict", "options": options}


CONNECTION: Spec = {
    "base_url": _with_environment("CLOUD_ELEMENTS_BASE_URL", type="str", default=DEFAULT_BASE_URL),
    "user_secret": _with_environment("CLOUD_ELEMENTS_USER_SECRET", type="str", no_log=True),
    "organization_secret": _with_environment("CLOUD_ELEMENTS_ORGANIZATION_SECRET", type="str", no_log=True),
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 60},
    "retries": {"type": "int", "default": 4},
    "stamp_key": _with_environment("CLOUD_ELEMENTS_STAMP_KEY", type="str", no_log=True),
}
ITEM: Spec = {
    "name": {"type": "str"},
    "id": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "element": {"type": "str"},
    **{option: _vendor_spec(vendor, environment=False, hub=True) for option, vendor in VENDORS.items()},
    "configuration": {"type": "dict"},
    "secrets": {"type": "dict", "no_log": True},
    "provider_data": {"type": "dict", "no_log": True},
    "external_authentication": {"type": "str"},
    "tags": {"type": "list", "elements": "str"},
    "purge_tags": {"type": "bool", "default": True},
    "enabled": {"type": "bool"},
    "owner": {"type": "str"},
    "update_secrets": {
        "type": "str",
        "choices": ["on_change", "always", "on_create"],
        "default": "on_change",
        "no_log": False,
    },
    "verify": {"type": "str", "choices": ["on_change", "always", "never"], "default": "on_change"},
    "create_confirm_timeout": {"type": "int", "default": 120},
    "create_settle": {"type": "int", "default": 0},
}
INSTANCE: Spec = {
    **CONNECTION,
    **ITEM,
    **{option: _vendor_spec(vendor, environment=True, hub=True) for option, vendor in VENDORS.items()},
}
FLEET: Spec = {
    **CONNECTION,
    "instances": {"type": "list", "elements": "dict", "required": True},
    "owner": {"type": "str"},
    **{
        option: {**_vendor_spec(vendor, environment=True, hub=False), "apply_defaults": True}
        for option, vendor in VENDORS.items()
    },
}


def connect(params: Mapping[str, Any]) -> Client:
    """Make the client that the connection options describe.

    :raises BadInput: an option is missing or wrong
    """
    if REQUESTS_IMPORT_ERROR:
        raise BadInput(missing_required_lib("requests"))
    secrets = {}
    for option in ("user_secret", "organization_secret"):
        value = params[option] or ""
        if not value:
            raise BadInput(f"{option} is missing or empty: set it, or the variable CLOUD_ELEMENTS_{option.upper()}.")
        if re.search(r"[\s,]", value):
            raise BadInput(
                f"{option} holds a space, a line break or a comma: copy it again, without what is around it."
            )
        secrets[option] = value
    if params["ca_path"] and not Path(params["ca_path"]).exists():
        raise BadInput(f"ca_path {params['ca_path']} does not exist on the machine where the module runs.")
    for option, least in (("timeout", 1), ("retries", 0)):
        if params[option] < least:
            raise BadInput(f"{option} is {params[option]}: give {least} or more.")
    return Client(
        Settings(
            base_url=_base_url(params["base_url"] or DEFAULT_BASE_URL),
            verify=(params["ca_path"] or True) if params["validate_certs"] else False,
            timeout=params["timeout"],
            retries=params["retries"],
            **secrets,
        )
    )


def stamps(params: Mapping[str, Any]) -> Stamps:
    """Return the maker of stamps: with the stamp key, or the organization secret, which all users share."""
    return Stamps(params["stamp_key"] or params["organization_secret"])


def single(params: Mapping[str, Any]) -> list[Desired]:
    """Return the desired instance of a task, as a list of one.

    :raises BadInput: an option is wrong; the instance is named
    """
    label = _named("instance", params)
    return [_labelled(label, params, params, None)]


def fleet(params: Mapping[str, Any]) -> list[Desired]:
    """Return the desired instances of a list; items take what they lack from the shared options.

    :raises BadInput: an item is wrong; it is named by its place and name
    """
    validator = ArgumentSpecValidator(ITEM)
    wanted = []
    for number, item in enumerate(params["instances"]):
        label = _named(f"instances[{number}]", item)
        checked = validator.validate(item)
        if checked.error_messages:
            words = Scrubber(_secret_words({**params, **item}))
            raise BadInput(words.text(f"{label}: {'; '.join(checked.error_messages)}"))
        wanted.append(_labelled(label, item, checked.validated_parameters, params))
    return wanted


def _labelled(
    label: str, raw: Mapping[str, Any], checked: Mapping[str, Any], shared: Mapping[str, Any] | None
) -> Desired:
    try:
        return desired(checked, shared)
    except BadInput as error:
        words = Scrubber(_secret_words({**(shared or {}), **raw}))
        raise BadInput(words.text(f"{label}: {error}")) from None


def _named(what: str, params: Mapping[str, Any]) -> str:
    return f'{what} "{params["name"]}"' if params.get("name") else what


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known or parts.username is not None or parts.query or parts.fragment:
        raise BadInput(f"base_url must look like {DEFAULT_BASE_URL}: a scheme, a host and a path, and nothing else.")
    path = parts.path.rstrip("/") or API_PATH
    return f"{parts.scheme}://{parts.netloc}{path}"


def _secret_words(params: Mapping[str, Any]) -> Sequence[str]:
    """Return every text that stands, in raw parameters, where a secret belongs."""
    words = [params.get(option) for option in ("user_secret", "organization_secret", "stamp_key")]
    for option, vendor in VENDORS.items():
        given = params.get(option)
        words += [given.get(field.option) for field in vendor.fields if field.secret and isinstance(given, Mapping)]
    for option in ("secrets", "provider_data"):
        given = params.get(option)
        words += list(given.values()) if isinstance(given, Mapping) else []
    return [str(word) for word in words if word is not None and not isinstance(word, (bool, dict, list))]
