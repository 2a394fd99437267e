# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making and changing instances: what the platform checks, in which order, and what it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import problems, vendors
from .configuration import Held, merged, missing
from .database import random_token
from .element import Element
from .instance import Instance, now
from .sandbox import Sandbox
from .settings import Settings
from .texts import clean_name, clean_tags

Body = Mapping[str, Any]


def create(sandbox: Sandbox, element: Element, body: Body) -> Instance:
    """A new instance of `element`, stored; raises a 400 for whatever the platform or the vendor does not accept."""
    name = clean_name(body.get("name"), sandbox.settings.names)
    # The platform tags an instance with its name, but only when the request says nothing about tags.
    tags = clean_tags([name] if body.get("tags") is None else body["tags"], sandbox.settings.tags)
    held = _written(sandbox, element, {}, body)
    if element.oauth:
        held = _granted(sandbox, held, body)
    if element.validates:
        _ask_vendor(sandbox, element, held)
    moment = now()
    made = sandbox.store.add(
        Instance(
            id=0,
            name=name,
            element_key=element.key,
            token=random_token(),
            tags=tags,
            held=held,
            external_authentication=_text(body, "externalAuthentication", "none"),
            created=moment,
            updated=moment,
        )
    )
    sandbox.born(made.id)
    return made


def update(
    sandbox: Sandbox, instance: Instance, body: Body, *, ask_vendor: bool, heals: bool, put: bool = False
) -> Instance:
    """The instance with the given parts replaced (configuration: merged), stored; what is absent is kept.

    `ask_vendor`: credentials are validated, for elements that validate. `heals`: the update is a re-authentication,
    after which the platform has no reason left to call the credentials broken. Nothing is kept of a refused one (400).
    `put`: the update is a PUT, and no PATCH, between which some settings tell.
    """
    habits = sandbox.settings
    element = _element_after(sandbox, sandbox.catalogue.find(instance.element_key), body)
    replaces = put and habits.put_replaces and body.get("configuration") is not None
    held = _written(sandbox, element, {} if replaces else instance.held, body)
    code = _code(body)
    if element.oauth and code:
        held = _exchanged(sandbox, held, code)
    if element.validates and ask_vendor:
        _ask_vendor(sandbox, element, held)
    changed = replace(
        instance,
        element_key=element.key,
        name=clean_name(body["name"], habits.names) if "name" in body and habits.renames else instance.name,
        tags=_tags(instance, body, habits, put=put),
        held=held,
        external_authentication=_text(body, "externalAuthentication", instance.external_authentication),
        valid=instance.valid or heals,
        updated=now(),
    )
    sandbox.store.update(changed)
    return changed


def _tags(instance: Instance, body: Body, habits: Settings, *, put: bool) -> tuple[str, ...]:
    if body.get("tags") is None:
        return instance.tags
    tags = clean_tags(body["tags"], habits.tags)
    return tuple(dict.fromkeys([*instance.tags, *tags])) if habits.patch_adds_tags and not put else tags


def element_of(sandbox: Sandbox, body: Body) -> Element:
    """The element that a creation asks for by `element.key` or `element.id`; raises 400 or 404."""
    asked = _asked_element(body)
    if not asked:
        raise problems.bad_request("element key or id is required")
    return sandbox.catalogue.find(asked)


def _asked_element(body: Body) -> str:
    element = body.get("element")
    if not isinstance(element, Mapping):
        return ""
    return str(element.get("key") or element.get("id") or "")


def _element_after(sandbox: Sandbox, element: Element, body: Body) -> Element:
    """The element of an instance after an update: it may move to a clone of its element; a 400 for any other."""
    asked = _asked_element(body)
    other = sandbox.catalogue.find(asked) if asked else element
    if other is not element and other.clone_of != element.key:
        raise problems.bad_request("The element of an instance cannot be changed")
    return other


def _written(sandbox: Sandbox, element: Element, held: Held, body: Body) -> dict[str, str | None]:
    """What is held once the body's configuration is merged in; 400 when required keys are left without a value."""
    given = body.get("configuration")
    result = merged(element, held, {} if given is None else given, sandbox.settings.strict_masks)
    lacking = missing(element, result)
    if lacking:
        raise problems.missing_keys(lacking)
    return result


def _granted(sandbox: Sandbox, held: dict[str, str | None], body: Body) -> dict[str, str | None]:
    """What an OAuth instance holds at first: from a code, or from a dance that was danced elsewhere."""
    code = _code(body)
    if code:
        return _exchanged(sandbox, held, code)
    if _text(body, "externalAuthentication", "none") == "initial" and held.get("oauth.user.refresh_token"):
        return held
    raise problems.bad_request(problems.NO_OAUTH_CODE)


def _exchanged(sandbox: Sandbox, held: dict[str, str | None], code: str) -> dict[str, str | None]:
    """The code turned into tokens. A code is good for one exchange, as vendors have it."""
    if not sandbox.store.use_code(code):
        raise problems.vendor_refused(sandbox.settings.refusals, 400, vendors.OAUTH_REFUSAL)
    return held | renewed_tokens()


def renewed_tokens() -> dict[str, str | None]:
    """A fresh pair of OAuth tokens, as configuration."""
    return {"oauth.user.token": random_token(), "oauth.user.refresh_token": random_token()}


def _ask_vendor(sandbox: Sandbox, element: Element, held: Held) -> None:
    words = vendors.refusal(element, held, sandbox.directory)
    if words:
        raise problems.vendor_refused(sandbox.settings.refusals, 400, words)


def _code(body: Body) -> str:
    provider_data = body.get("providerData")
    code = provider_data.get("code") if isinstance(provider_data, Mapping) else None
    return code if isinstance(code, str) else ""


def _text(body: Body, name: str, default: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) and value else default
