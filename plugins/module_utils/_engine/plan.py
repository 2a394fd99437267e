# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan what to send for a desired instance, given the existing ones. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Callable

from .._model.changes import Change, Create, Delete, Disable, Enable, Patch, Reauthenticate
from .._model.element import EVENTS, ROTATED_BY_SERVER, Element, is_secret
from .._model.errors import BadInput, Conflict, ReadableSecret
from .._model.events import OPTION_OF
from .._model.instance import RESERVED, Actual, Desired, describe_duplicates, owner_tag
from .._model.message import Message, Own
from .._model.redact import HIDDEN
from .._model.stamp import Stamps, StampState, is_stamp
from .._model.values import MASK, is_mask, values_equal
from .._model.vendors import credentials_of
from .._model.views import instance_view
from .._model.words import Action, Reason

SECRETS_KEPT = "<secret: as on the platform>"
SECRETS_SENT = "<secret: sent again>"

STAMP_REASONS = {
    StampState.CHANGED: Reason.SECRETS_CHANGED,
    StampState.MISSING: Reason.NOT_STAMPED,
    StampState.OTHER_KEY: Reason.STAMP_KEY_CHANGED,
    StampState.UNREADABLE: Reason.STAMP_UNREADABLE,
    StampState.INVALIDATED: Reason.NOT_VERIFIED,
}
"""The reason to send secrets again, by the state of the stamp."""

NOT_SENT = (
    "The credentials on the platform seem to differ from the given ones. They are not sent again, because "
    "update_secrets is on_create."
)
CREDENTIALS_DIFFER = (Reason.INVALID, Reason.CREDENTIALS, Reason.SECRETS_CHANGED, Reason.NOT_VERIFIED)
"""Reasons that mean different credentials, and not only a missing stamp."""
REPLACES_ROTATED_TOKENS = (Reason.ALWAYS, Reason.INVALID, Reason.SECRETS_CHANGED, Reason.NOT_VERIFIED)
"""Reasons for which the desired tokens replace those that the platform rotates."""
SENT_TO_DISABLED = (
    "The instance is disabled. Its credentials are sent again but not verified, and it stays disabled. Set enabled "
    "to true to enable it."
)
NOTHING_TO_SEND = "Cloud Elements reports the credentials as invalid, and the task has none to send. Add them."


@dataclass(frozen=True)
class Plan:
    """The work of a run on one instance. Check mode returns it, the diff shows it, create and change carry it out."""

    desired: Desired
    actual: Actual | None = None
    action: Action = Action.NONE
    reasons: tuple[Reason, ...] = ()
    changes: tuple[Change, ...] = ()
    """In order. A creation begins with its Create."""
    stamp: str | None = None
    """The new stamp, if the plan creates the instance or sends secrets."""
    verify: bool = False
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    hidden_keys: frozenset[str] = frozenset()
    """Configuration keys whose stored values are not shown, because they may be secrets."""


def make_plan(desired: Desired, matches: Sequence[Actual], stamps: Stamps, salt: bytes) -> Plan:
    """Return the plan for one desired instance.

    :param matches: every instance with the desired id, or with the desired element and name
    :param salt: 8 random bytes for a new stamp
    :raises Conflict: the existing instances conflict with the input
    :raises BadInput: the existing instances show that the input is wrong
    """
    if len(matches) > 1:
        raise Conflict(describe_duplicates(matches))
    actual = matches[0] if matches else None
    if actual:
        _refuse_other_instances(desired, actual)
    if desired.state == "absent":
        return _delete(desired, actual) if actual else Plan(desired)
    if actual:
        current = actual.configuration or {}
        refuse_secrets(
            desired.configuration, lambda key: is_mask(current.get(key) or "") or is_secret(actual.element, key)
        )
        profile_keys = credentials_of(actual.element).intersection(desired.configuration)
        if profile_keys:
            desired = replace(desired, credential_keys=desired.credential_keys | profile_keys)
        return _update(desired, actual, stamps, salt)
    if desired.id is not None:
        raise Conflict("There is no instance with this id. Correct id, or leave it out to create an instance.")
    return _create(desired, stamps, salt)


def check_element(desired: Desired, element: Element, creating: bool) -> None:
    """Check a desired instance against the description of its element.

    :raises BadInput: a key is unknown, a required one is missing, or a secret would be shown
    """
    if desired.element not in (None, element.key):
        raise BadInput(
            "{key} is not the key of the element {element}. Set element to {element}.",
            key=desired.element,
            element=element.key,
        )
    settings = {**desired.configuration, **desired.secrets}
    # If the keys of the element are unknown, no key can be called wrong.
    for key in sorted(settings):
        if element.keys and key not in element.keys:
            raise BadInput(
                "The element {element} has no configuration key {key}. {hint}",
                element=element.key,
                key=key,
                hint=_hint(key, element),
            )
    missing_keys = sorted(element.required.difference(settings))
    if missing_keys and creating:
        names = ", ".join(missing_keys)
        raise BadInput(
            "The element {element} requires {names}. Add what is missing to configuration or to secrets.",
            element=element.key,
            names=names,
        )
    refuse_secrets(desired.configuration, element.hides)


def _hint(key: str, element: Element) -> Message:
    """Return a hint about a key that the element does not have."""
    if key in OPTION_OF:
        return Message("Leave out events.{option}.", option=Own(OPTION_OF[key]))
    similar = get_close_matches(key, element.keys, n=1)
    return Message("Did you mean {similar}?", similar=similar[0]) if similar else Message("Correct or remove it.")


def refuse_secrets(configuration: Iterable[str], is_secret: Callable[[str], bool]) -> None:
    """Refuse secrets in the configuration. They would be shown, and so would the stored ones.

    :raises BadInput: the first of them
    """
    for key in sorted(filter(is_secret, configuration)):
        raise ReadableSecret(key)


def withhold(plan: Plan, keys: frozenset[str]) -> Plan:
    """Return the plan without the stored values of these configuration keys."""
    configuration = {key: value for key, value in plan.before.get("configuration", {}).items() if key not in keys}
    before = {**plan.before, "configuration": configuration} if plan.before else plan.before
    return replace(plan, before=before, hidden_keys=keys)


def _create(desired: Desired, stamps: Stamps, salt: bytes) -> Plan:
    element = desired.element or ""
    stamp = stamps.make(element, desired.secrets, salt)
    tags = _tags(desired, desired.name or "", (), stamp)
    create = Create(
        name=desired.name or "",
        tags=tags,
        configuration={**desired.configuration, **desired.secrets},
        element=element,
        external_authentication=desired.external_authentication,
        provider_data=desired.provider_data,
    )
    # Create it enabled, then disable it: the platform offers no other way.
    changes = (create, Disable()) if desired.enabled is False else (create,)
    enabled = desired.enabled is not False
    expected = Actual(
        id=0,
        name=desired.name or "",
        element=element,
        tags=tags,
        enabled=enabled,
        valid=True,
        events_enabled=values_equal("true", desired.configuration.get(EVENTS)),
        configuration=desired.configuration,
    )
    after = {**instance_view(expected, desired.configuration), "id": None, **_secret_names(desired)}
    return Plan(
        desired,
        action=Action.CREATED,
        reasons=(Reason.NOT_FOUND,),
        changes=changes,
        stamp=stamp,
        verify=enabled and desired.verify != "never",
        after=after,
    )


def _delete(desired: Desired, actual: Actual) -> Plan:
    return Plan(
        desired,
        actual,
        action=Action.DELETED,
        reasons=(Reason.FOUND,),
        changes=(Delete(),),
        before=instance_view(actual, desired.configuration),
    )


def _update(desired: Desired, actual: Actual, stamps: Stamps, salt: bytes) -> Plan:
    new_values = _new_values(desired, actual)
    stamp_state = stamps.judge(actual.tags or (), actual.element, desired.secrets)
    resend_reasons = _resend_reasons(desired, actual, new_values, stamp_state)
    # With on_create, the doubts only become warnings.
    sent_reasons = resend_reasons if desired.update_secrets != "on_create" else ()
    stamp = stamps.make(actual.element, desired.secrets, salt) if sent_reasons else None
    expected = _expected(desired, actual, new_values, stamp)
    verify = expected.enabled and _should_verify(desired, actual, new_values, stamp_state, resend=bool(sent_reasons))
    warnings = _warnings(desired, actual, resend_reasons)
    if not sent_reasons and expected is actual:
        return Plan(desired, actual, verify=verify, warnings=warnings)
    reasons = (
        *sent_reasons,
        *_drift(actual, expected, bool(_settings(desired, new_values, resend=bool(sent_reasons)))),
    )
    before, after = _views(desired, actual, expected, resend=bool(sent_reasons)) if reasons else ({}, {})
    return Plan(
        desired,
        actual,
        action=Action.UPDATED if reasons else Action.NONE,
        reasons=reasons,
        changes=_changes(desired, actual, expected, new_values, sent_reasons),
        stamp=stamp,
        verify=verify,
        before=before,
        after=after,
        warnings=warnings,
    )


def _new_values(desired: Desired, actual: Actual) -> dict[str, str]:
    """Return the new values of the readable keys that have to change."""
    current = actual.configuration or {}
    return {
        key: value
        for key, value in desired.configuration.items()
        if key not in ROTATED_BY_SERVER and not values_equal(value, current.get(key))
    }


def _settings(desired: Desired, new_values: Mapping[str, str], *, resend: bool) -> Collection[str]:
    """Return the keys for the reason `configuration`, without a login that is sent with the secrets anyway."""
    return new_values.keys() - desired.credential_keys if resend else new_values.keys()


def _expected(desired: Desired, actual: Actual, new_values: Mapping[str, str], stamp: str | None) -> Actual:
    """Return the instance as it should be after the run: the same object if nothing differs."""
    name, events = desired.name or actual.name, desired.configuration.get(EVENTS)
    tags = _tags(desired, name, actual.tags or (), stamp)
    enabled = actual.enabled if desired.enabled is None else desired.enabled
    valid = actual.valid or stamp is not None
    events_enabled = actual.events_enabled if events is None else values_equal("true", events)
    current = (actual.name, actual.tags, actual.enabled, actual.valid, actual.events_enabled)
    # Most instances of a large list are up to date, and building another value takes longer than the comparison.
    if not new_values and current == (name, tags, enabled, valid, events_enabled):
        return actual
    return replace(
        actual,
        name=name,
        tags=tags,
        enabled=enabled,
        valid=valid,
        events_enabled=events_enabled,
        configuration={**(actual.configuration or {}), **new_values},
    )


def _views(
    desired: Desired, actual: Actual, expected: Actual, *, resend: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the views of the instance before and after."""
    before, after = (instance_view(instance, desired.configuration) for instance in (actual, expected))
    if resend:
        before["secrets"], after["secrets"] = SECRETS_KEPT, SECRETS_SENT
    return before, after


def _should_verify(
    desired: Desired, actual: Actual, new_values: Mapping[str, str], stamp_state: StampState, *, resend: bool
) -> bool:
    """Return whether to ask the vendor: always, or if the credentials may be new to it."""
    # Without secrets, a new login is sent like any other value, and the vendor has not checked it.
    new_login = not desired.secrets and not desired.credential_keys.isdisjoint(new_values)
    newly_enabled = desired.enabled is True and not actual.enabled
    needs_proof = resend or new_login or newly_enabled or stamp_state is StampState.INVALIDATED
    return desired.verify == "always" or (desired.verify == "on_change" and needs_proof)


def _resend_reasons(
    desired: Desired, actual: Actual, new_values: Container[str], stamp_state: StampState
) -> tuple[Reason, ...]:
    """Return the reasons to send the secrets again. There are none if they are the same, or if none are desired."""
    current = actual.configuration or {}
    stamp_reasons = {STAMP_REASONS[stamp_state]: True} if stamp_state in STAMP_REASONS else {}
    checks = {
        Reason.ALWAYS: desired.update_secrets == "always",
        Reason.INVALID: not actual.valid,
        **stamp_reasons,
        Reason.CREDENTIALS: any(key in new_values for key in desired.credential_keys)
        or (stamp_state is StampState.MATCH and _changed_outside(desired, current)),
    }
    return tuple(reason for reason, holds in checks.items() if holds) if desired.secrets else ()


def _changed_outside(desired: Desired, current: Mapping[str, str | None]) -> bool:
    """Return whether a readable secret differs or is missing, although the stamp matches."""
    return any(
        current.get(key) != MASK and key not in ROTATED_BY_SERVER and not values_equal(value, current.get(key))
        for key, value in desired.secrets.items()
    )


def _drift(actual: Actual, expected: Actual, configuration: bool) -> tuple[Reason, ...]:
    expected_tags, actual_tags = (
        {tag for tag in instance.tags or () if not tag.startswith(RESERVED)} for instance in (expected, actual)
    )
    checks = {
        Reason.NAME: expected.name != actual.name,
        Reason.CONFIGURATION: configuration,
        Reason.TAGS: expected_tags != actual_tags,
        Reason.OWNER: expected.owners != actual.owners,
        Reason.ENABLED: expected.enabled != actual.enabled,
    }
    return tuple(reason for reason, holds in checks.items() if holds)


def _changes(
    desired: Desired,
    actual: Actual,
    expected: Actual,
    new_values: Mapping[str, str],
    resend_reasons: Collection[Reason],
) -> tuple[Change, ...]:
    changes: list[Change] = []
    if resend_reasons:
        changes.append(_reauthenticate(desired, actual, expected, resend_reasons))
    else:
        name = expected.name if expected.name != actual.name else None
        tags = expected.tags if set(expected.tags or ()) != set(actual.tags or ()) else None
        if new_values or name is not None or tags is not None:
            changes.append(Patch(name, tags, new_values))
    if expected.enabled != actual.enabled:
        changes.append(Enable() if expected.enabled else Disable())
    return tuple(changes)


def _reauthenticate(
    desired: Desired, actual: Actual, expected: Actual, resend_reasons: Collection[Reason]
) -> Reauthenticate:
    configuration = {**desired.configuration, **desired.secrets}
    if not any(reason in resend_reasons for reason in REPLACES_ROTATED_TOKENS):
        # Only the platform has the newest values of these keys.
        configuration = {key: value for key, value in configuration.items() if key not in ROTATED_BY_SERVER}
    return Reauthenticate(
        name=expected.name,
        tags=expected.tags or (),
        configuration=configuration,
        element=actual.element,
        external_authentication=desired.external_authentication,
    )


def _warnings(desired: Desired, actual: Actual, resend_reasons: Collection[Reason]) -> tuple[str, ...]:
    if not actual.valid and not desired.secrets:
        return (NOTHING_TO_SEND,)
    if resend_reasons and not actual.enabled and desired.enabled is None and desired.update_secrets != "on_create":
        return (SENT_TO_DISABLED,)
    if desired.update_secrets == "on_create" and any(reason in resend_reasons for reason in CREDENTIALS_DIFFER):
        return (NOT_SENT,)
    return ()


def _refuse_other_instances(desired: Desired, actual: Actual) -> None:
    if desired.element is not None and actual.element != desired.element:
        raise Conflict(
            "Instance {id} belongs to the element {element}. Correct id.", id=actual.id, element=actual.element
        )
    other_owners = sorted(actual.owners - {desired.owner}) if desired.owner is not None else []
    if other_owners:
        raise Conflict(
            "Instance {id} belongs to the owner {owner}, so it is left alone. Correct owner, or remove the tag "
            "{tag} from the instance.",
            id=actual.id,
            owner=other_owners[0],
            tag=owner_tag(other_owners[0]),
        )
    if desired.state == "absent" and desired.name not in (None, actual.name):
        raise Conflict(
            'Instance {id} is named "{name}", so it is not deleted. Correct name, or leave it out.',
            id=actual.id,
            name=actual.name,
        )


def _tags(desired: Desired, name: str, current: Sequence[str], stamp: str | None) -> tuple[str, ...]:
    """Return all tags for the instance: the desired ones, those to keep, the owner tag and the stamp."""
    replaces_tags = desired.tags is not None and desired.purge_tags
    # The platform gives an instance that was created without tags its name as a tag. That is no drift.
    kept_tags = [tag for tag in current if not replaces_tags or tag.startswith(RESERVED) or tag == name]
    if stamp:
        kept_tags = [tag for tag in kept_tags if not is_stamp(tag)]
    owner_tags = [owner_tag(desired.owner)] if desired.owner is not None else []
    return tuple(dict.fromkeys([*(desired.tags or ()), *kept_tags, *owner_tags, *([stamp] if stamp else [])]))


def _secret_names(desired: Desired) -> dict[str, Any]:
    return {"secrets": dict.fromkeys(sorted(desired.secrets), HIDDEN)} if desired.secrets else {}
