# Copyright: Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Arguments against Ansible's specifications of them. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ._errors import BadInput

Spec = dict[str, dict[str, Any]]

# What Ansible's sentences quote of a value that does not fit.
_VALUE = re.compile(r", got: .*?(?= found in |$)|(?<=convert to )(\w+): .*?(?= found in |$)", re.DOTALL)
_EXACT: dict[str, Any] = {"str": str, "int": int, "bool": bool, "dict": dict, "list": list}


class Checker:
    """Checks arguments against one specification; making one costs more than using it.

    :param spec: as for AnsibleModule
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._validator = ArgumentSpecValidator(spec)

    def __call__(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments with defaults, environment and types as the specification says; null is unset.

        :raises BadInput: they do not fit; no value is told, for it may be a secret in the wrong place
        """
        # What Ansible does for each of thousands of items takes longer than all else, and most need nothing of it.
        return _as_it_is(self._spec, arguments) or self._validated(arguments)

    def _validated(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        _refuse_other_structures(self._spec, arguments)
        result = self._validator.validate(_given(self._spec, arguments))
        messages = [
            f"unsupported option: {error.msg}" if isinstance(error, UnsupportedError) else _VALUE.sub(r"\1", error.msg)
            for error in result.errors.errors
        ]
        if messages:
            raise BadInput("; ".join(messages))
        parameters: Mapping[str, Any] = result.validated_parameters
        return parameters


def _given(spec: Spec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without nulls, with which Ansible would replace defaults."""
    options = {name: rules["options"] for name, rules in spec.items() if "options" in rules}
    return {
        name: _given(options[name], value) if name in options and isinstance(value, Mapping) else value
        for name, value in arguments.items()
        if value is not None
    }


def _as_it_is(spec: Spec, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the arguments with defaults when all have the very types of the specification, and None when in doubt."""
    complete = {}
    for option, rules in spec.items():
        value: Any = arguments.get(option)
        if value is None:
            if rules.get("required") or "fallback" in rules or "apply_defaults" in rules:
                return None
            complete[option] = rules.get("default")
        elif value.__class__ is not _EXACT.get(rules["type"]) or value not in rules.get("choices", (value,)):
            return None
        elif "options" in rules:
            complete[option] = _as_it_is(rules["options"], value)
            if complete[option] is None:
                return None
        elif rules["type"] == "list" and any(each.__class__ is not _EXACT.get(rules["elements"]) for each in value):
            return None
        else:
            complete[option] = value
    return complete if complete.keys() >= arguments.keys() else None


def _refuse_other_structures(spec: Spec, arguments: Mapping[str, Any], where: str = "") -> None:
    """Refuse dictionaries and lists in place of a text, for which Ansible would take their Python form, and others."""
    for option, rules in spec.items():
        value = arguments.get(option)
        if rules["type"] == "dict" and isinstance(value, Mapping):
            _refuse_other_structures(rules.get("options", {}), value, f"{where}{option}.")
        elif rules["type"] == "dict" and not isinstance(value, (str, type(None))):
            # Ansible looks into it before it looks what it is.
            raise BadInput(f"{where}{option} must be a dictionary.")
        elif rules["type"] in ("str", "path") and isinstance(value, (Mapping, list, tuple)):
            raise BadInput(f"{where}{option} must be a text, not a dictionary or a list.")
