# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Build the desired instance from the options of one instance. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._model.element import is_secret, urls_of
from .._model.errors import BadInput, ReadableSecret
from .._model.events import SECRET as SECRET_OF_EVENTS
from .._model.events import event_keys
from .._model.instance import Desired
from .._model.message import Message, Own
from .._model.names import check_tags, check_text
from .._model.redact import iter_scalars
from .._model.strings import expected_string, has_loose_ends
from .._model.urls import is_web_address
from .._model.values import is_mask, to_stored_text
from .._model.vendors import VENDORS, fields_of

COPIED_OPTIONS = (
    "state",
    "provider_data",
    "external_authentication",
    "purge_tags",
    "enabled",
    "update_secrets",
    "verify",
    "create_confirm_timeout",
    "create_settle",
)
"""The options that become fields of Desired unchanged."""


def read_desired(params: Mapping[str, Any], shared: Mapping[str, Any] | None = None) -> Desired:
    """Return the desired instance.

    :param params: the options of one instance, after their types and choices were checked
    :param shared: options that replace missing ones: vendor credentials and the owner
    :raises BadInput: an option is missing, wrong, or contradicts another
    """
    shared = shared or {}
    owner = params["owner"] or shared.get("owner") or None
    source, events = _source(params), params["events"] or {}
    element = _element(source, params)
    readable: dict[str, str] = {}
    secrets: dict[str, str] = {}
    credential_keys: frozenset[str] = frozenset()
    unneeded_secrets: tuple[str, ...] = ()
    if params["state"] == "present":
        readable, secrets = _credentials(source, params[source] if source in VENDORS else {}, shared)
        credential_keys = frozenset(readable)
        if events:
            _add_events(events, readable, secrets)
        check_configuration(params)
        _add_keys(params, readable, secrets)
        _check_urls(params["configuration"] or {}, element)
    else:
        unneeded_secrets = tuple(_unneeded_secrets(source, params, shared))
    _check_identity(params, element)
    _check_seconds(params)
    for key, value in (params["provider_data"] or {}).items():
        _check_secret(Message("the value of {key} in provider_data", key=key), value)
    check_tags(params["tags"] or (), owner)
    return Desired(
        element=element,
        name=params["name"],
        id=params["id"],
        configuration=readable,
        secrets=secrets,
        credential_keys=credential_keys,
        event_resources=tuple(dict.fromkeys(events["resources"])) if events.get("resources") else None,
        unneeded_secrets=unneeded_secrets,
        tags=None if params["tags"] is None else tuple(dict.fromkeys(params["tags"])),
        owner=owner,
        **{option: params[option] for option in COPIED_OPTIONS},
    )


def check_configuration(params: Mapping[str, Any]) -> None:
    """Refuse secrets in the option configuration, as far as the options show which keys are secret.

    :raises BadInput: the first of them
    """
    element = _element(_source(params), params) or ""
    for key in sorted(map(str, params["configuration"] or ())):
        if key in (params["secrets"] or ()):
            raise _duplicate_key_error(key)
        if is_secret(element, key):
            raise ReadableSecret(key)


def _source(params: Mapping[str, Any]) -> str:
    """Return the option that selects the element, or ''."""
    choices = ["element", *VENDORS]
    used_options = [option for option in choices if params[option] not in (None, "")]
    if len(used_options) > 1:
        raise BadInput(
            "{used_options} are mutually exclusive. Use one of {choices}.",
            used_options=Own(" and ".join(used_options)),
            choices=Own(", ".join(choices)),
        )
    return used_options[0] if used_options else ""


def _element(source: str, params: Mapping[str, Any]) -> str | None:
    if source in VENDORS:
        return VENDORS[source].elements[params[source].get("hub") or ""]
    return params["element"] or None


def _credentials(
    source: str, options: Mapping[str, Any], shared: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the readable and the secret configuration of a vendor option."""
    readable: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for field in fields_of(source):
        value = options[field.option] or (shared.get(source) or {}).get(field.option)
        if not value:
            raise BadInput(
                "{source}.{option} is missing or empty. Set it, or the environment variable {environment}.",
                source=Own(source),
                option=Own(field.option),
                environment=Own(field.environment),
            )
        if field.secret:
            _check_ends(Own(f"{source}.{field.option}"), value)
        if field.url and not is_web_address(str(value)):
            # The vendor would report a wrong user name or password instead.
            raise BadInput(
                "{source}.{option}, or the environment variable {environment}, must start with https:// or http:// "
                "and name a host.",
                source=Own(source),
                option=Own(field.option),
                environment=Own(field.environment),
            )
        (secrets if field.secret else readable)[field.key.format(hub=options.get("hub"))] = value
    return readable, secrets


def _unneeded_secrets(source: str, params: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[str]:
    """Yield the secrets of one instance, whether they are needed or not."""
    for field in fields_of(source):
        if field.secret:
            yield from iter_scalars([params[source][field.option], (shared.get(source) or {}).get(field.option)])
    yield from iter_scalars([params["secrets"], [(params["events"] or {}).get(option) for option in SECRET_OF_EVENTS]])


def _add_events(events: Mapping[str, Any], readable: dict[str, str], secrets: dict[str, str]) -> None:
    """Add the configuration of the option ``events``."""
    for option in SECRET_OF_EVENTS:
        _check_ends(Own(f"events.{option}"), events.get(option))
    for target, event_values in zip((readable, secrets), event_keys(events)):
        target.update(event_values)


def _add_keys(params: Mapping[str, Any], readable: dict[str, str], secrets: dict[str, str]) -> None:
    """Add the free configuration and secrets."""
    for option, target in (("configuration", readable), ("secrets", secrets)):
        for key, value in (params[option] or {}).items():
            if str(key) in readable or str(key) in secrets:
                raise _duplicate_key_error(str(key))
            target[str(key)] = _to_stored_value(option, key, value)
    for key, value in {**readable, **secrets}.items():
        if is_mask(value):
            raise BadInput("The value of {key} is only a mask of asterisks. Use the real value.", key=key)


def _to_stored_value(option: str, key: Any, value: Any) -> str:
    """Return a free value as the platform stores it."""
    if value is None or (option == "secrets" and value == ""):
        raise BadInput("{option} has no value for {key}. Set one, or leave the key out.", option=Own(option), key=key)
    # Almost all secrets are strings, and a message for each would take longer than the check.
    if option == "secrets" and not (value.__class__ is str and not has_loose_ends(value)):
        _check_secret(Message("the value of {key} in secrets", key=key), value)
    try:
        return to_stored_text(value)
    except (TypeError, ValueError, RecursionError):
        raise BadInput(
            "{option} has a value for {key} that cannot be written as JSON. Write it as a string.",
            option=Own(option),
            key=key,
        ) from None


def _check_secret(label: Message, value: Any) -> None:
    """Refuse a secret that YAML or an editor changed. A dictionary or list becomes JSON."""
    expected = expected_string(value, secret=True)
    if expected:
        raise BadInput("{label} must be {expected}.", label=label, expected=Own(expected))
    _check_ends(label, value)


def _check_ends(label: Message | Own, value: Any) -> None:
    if isinstance(value, str) and has_loose_ends(value):
        raise BadInput(
            "{label} starts or ends with white space, a line break or another invisible character. Remove it, for "
            "example with the filter trim.",
            label=label,
        )


def _check_urls(configuration: Mapping[str, Any], element: str | None) -> None:
    for key, value in configuration.items():
        # An empty value removes a URL.
        if str(key) in urls_of(element or "") and value != "" and not is_web_address(str(value)):
            raise BadInput("The value of {key} must start with https:// or http:// and name a host.", key=key)


def _duplicate_key_error(key: str) -> BadInput:
    return BadInput("The configuration key {key} is set twice. Keep it in one place.", key=key)


def _check_identity(params: Mapping[str, Any], element: str | None) -> None:
    name, instance_id = params["name"], params["id"]
    if name is not None:
        check_text("name", name)
    if instance_id is not None and instance_id < 1:
        raise BadInput(
            "id is {instance_id}, but ids start at 1. Use the id that Cloud Elements shows for the instance.",
            instance_id=instance_id,
        )
    if instance_id is None and (name is None or element is None):
        missing_option = "name" if name is None else f"one of element, {', '.join(VENDORS)}"
        raise BadInput(
            "{missing_option} is missing. An instance is identified by element and name, or by id.",
            missing_option=Own(missing_option),
        )


def _check_seconds(params: Mapping[str, Any]) -> None:
    for option in ("create_confirm_timeout", "create_settle"):
        if params[option] < 0:
            raise BadInput(
                "{option} is {seconds}, but must be at least 0 seconds.", option=Own(option), seconds=params[option]
            )
