# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Convert the option ``events`` into configuration keys. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from .element import CALLBACK_PASSWORD, CALLBACK_URL, EVENTS, POLLER, SIGNATURE_KEY, Element
from .errors import BadInput
from .message import Message, Own
from .urls import is_web_address
from .values import to_stored_text

READABLE: Mapping[str, str] = {
    "enabled": EVENTS,
    "callback_url": CALLBACK_URL,
    "refresh_interval": "event.poller.refresh_interval",
    "poller_configuration": POLLER,
    "basic_username": "event.notification.basic.username",
}
SECRET: Mapping[str, str] = {"signature_key": SIGNATURE_KEY, "basic_password": CALLBACK_PASSWORD}
OPTION_OF: Mapping[str, str] = {key: option for option, key in {**READABLE, **SECRET}.items()}


def event_keys(events: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the readable and the secret configuration, without the resources to poll, which need the element.

    :param events: the option, after its types were checked
    :raises BadInput: a setting is wrong, or contradicts another
    """
    settings = {option: value for option, value in events.items() if value is not None}
    _check(settings)
    readable = {key: to_stored_text(settings[option]) for option, key in READABLE.items() if option in settings}
    return readable, {key: settings[option] for option, key in SECRET.items() if option in settings}


def _check(settings: Mapping[str, Any]) -> None:
    for option in ("callback_url", *SECRET):
        if settings.get(option) == "":
            raise BadInput("events.{option} is empty. Set a value, or leave the option out.", option=Own(option))
    if "callback_url" in settings and not is_web_address(settings["callback_url"]):
        raise BadInput("events.callback_url must start with https:// or http:// and name a host.")
    if settings.get("refresh_interval", 1) < 1:
        raise BadInput(
            "events.refresh_interval is {minutes}, but must be at least 1 minute.", minutes=settings["refresh_interval"]
        )
    if settings.get("resources") == []:
        raise BadInput("events.resources is empty. List the resources to poll, or turn events off with events.enabled.")
    if "resources" in settings and "poller_configuration" in settings:
        raise BadInput("events.resources and events.poller_configuration are mutually exclusive. Use one of them.")


def polled(element: Element, resources: Sequence[str]) -> str:
    """Return the value of ``event.poller.configuration`` that polls these resources with the element's defaults.

    :raises BadInput: the element does not poll one of them
    """
    for resource in resources:
        if resource not in element.polled:
            similar = get_close_matches(resource, element.polled, n=1)
            raise BadInput(
                "The element {key} does not poll {resource} for events. {hint}",
                key=element.key,
                resource=resource,
                hint=_hint(similar, element),
            )
    return to_stored_text({resource: element.polled[resource] for resource in resources})


def _hint(similar: Sequence[str], element: Element) -> Message:
    """Return a hint about a resource that the element does not poll.

    :param similar: the resource with the most similar name, or nothing
    """
    if similar:
        return Message("Did you mean {similar}?", similar=similar[0])
    choices = ", ".join(element.polled)
    return Message("Choose from {choices}.", choices=choices) if choices else Message("It polls nothing.")
