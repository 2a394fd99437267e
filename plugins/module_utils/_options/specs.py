# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of each module, as specifications for Ansible. Private to this collection."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.errors import AnsibleFallbackNotFound

from .._model.vendors import VENDORS, Vendor
from .argspec import Spec

DEFAULT_BASE_URL = "https://api.cloud-elements.com/elements/api-v2"


def from_environment(*names: str) -> str:
    """Return the first of these variables that is not empty, because controllers set those of empty fields to ''."""
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
    "events": {
        "type": "dict",
        "options": {
            "enabled": {"type": "bool"},
            "callback_url": {"type": "str"},
            "refresh_interval": {"type": "int"},
            "resources": {"type": "list", "elements": "str"},
            "poller_configuration": {"type": "dict"},
            "signature_key": {"type": "str", "no_log": True},
            "basic_username": {"type": "str"},
            "basic_password": {"type": "str", "no_log": True},
        },
    },
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
    # The items of a list do not have this option, because the result of a list is shown.
    "return_token": {"type": "bool", "default": False, "no_log": False},
}


FLEET: Spec = {
    **CONNECTION,
    "instances": {"type": "list", "elements": "dict"},
    "instances_file": {"type": "path"},
    "owner": {"type": "str"},
    "prune": {"type": "bool", "default": False},
    "max_delete": {"type": "str", "default": "10%"},
    "concurrency": {"type": "int", "default": 8},
    "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
    "return_all": {"type": "bool", "default": False},
    "progress": {"type": "bool", "default": True},
    **{
        option: {**_vendor_spec(vendor, environment=True, hub=False), "apply_defaults": True}
        for option, vendor in VENDORS.items()
    },
}


TOKEN: Spec = {
    **{name: option for name, option in CONNECTION.items() if name != "stamp_key"},
    "element": {"type": "str"},
    "id": {"type": "int"},
}
"""The options of the lookup that reads a token."""


TOKEN_FILE: Spec = {
    **CONNECTION,
    "path": {"type": "path", "required": True},
    "vault_id": {"type": "str"},
    "instances": FLEET["instances"],
    "instances_file": FLEET["instances_file"],
}


SELECTION: Spec = {
    "name": {"type": "str"},
    "id": {"type": "int"},
    "element": {"type": "str"},
    "tags": {"type": "list", "elements": "str"},
    "owner": {"type": "str"},
    "enabled": {"type": "bool"},
    "valid": {"type": "bool"},
}


INSTANCE_INFO: Spec = {**CONNECTION, **SELECTION, "configuration": {"type": "list", "elements": "str", "default": []}}


INSTANCE_EXPORT: Spec = {
    **CONNECTION,
    **SELECTION,
    "logins": {"type": "str", "choices": ["variables", "environment"], "default": "variables"},
    "show": {"type": "bool", "default": False},
}


ELEMENT_INFO: Spec = {**CONNECTION, "element": {"type": "str"}}
