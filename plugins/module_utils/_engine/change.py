# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Change an existing instance, and find out whether the change was carried out. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from .._api.client import Client
from .._model.changes import Change, Delete, Patch, Reauthenticate
from .._model.element import ROTATED_BY_SERVER, WRITTEN_BY_SERVER
from .._model.errors import (
    CloudElementsError,
    Conflict,
    CredentialsRejected,
    MaybeProcessed,
    NotVerified,
    OutcomeUnknown,
    Refused,
    ServiceError,
    failure,
)
from .._model.instance import Actual, owner_tag
from .._model.message import Message, Own, some_of
from .._model.redact import one_line
from .._model.stamp import invalidated, is_stamp
from .._model.values import MASK, values_equal
from .._model.words import Action
from .item import WorkItem
from .plan import Plan
from .verify import ask_vendor

SUCCESS = "Cloud Elements reported success."
OWNER_LOST = "Cloud Elements did not store the owner tag as it was sent"
STAMP_LOST = (
    "Cloud Elements did not keep the tag that shows whether secrets changed. Set update_secrets to on_create. "
    "Otherwise, each run sends the secrets again."
)
TAGS_DIFFER = (
    "Cloud Elements stores some tags in another form. Write them as Cloud Elements shows them. Otherwise, each run "
    "sends them again."
)
TAGS_STAY = (
    "Cloud Elements kept tags that were to be removed. Remove them in the user interface, or set purge_tags to "
    "false. Otherwise, each run tries again."
)
UNSENT_CHANGED = (
    "Cloud Elements changed or removed configuration keys that were not sent: %s. Check the instance, and add the "
    "keys that it needs to configuration or events."
)
VALUE_DIFFERS = (
    "Cloud Elements stores the value of the configuration key %s in another form. Write it as Cloud Elements shows "
    "it. Otherwise, each run sends it again."
)
KEYS_SHOWN = 10
"""How many configuration keys a warning shows."""
KEY_MAX = 100
"""How many characters of each key are shown: the platform may have keys of any length."""


@dataclass(frozen=True)
class WriteResult:
    """The outcome of one change.

    :param changed: whether the write changed something on the platform
    :param actual: the instance after the write, if that is known
    :param error: set if the change was sent and its outcome is unknown
    """

    changed: bool
    actual: Actual | None = None
    error: OutcomeUnknown | None = None


def carry_out(item: WorkItem, actual: Actual, changes: Sequence[Change], first_change: Change | None = None) -> None:
    """Send the changes one after the other, compare each answer with the change, then verify with the vendor.

    :param actual: the current instance; its stamp is invalidated if the credentials cannot be verified
    :param first_change: the change that the platform answered with `actual`, if any
    :raises NotVerified: everything is written, but the credentials could not be verified
    :raises CloudElementsError: the work could not be finished
    """
    item.actual = actual
    with invalidated_on_error(item):
        if first_change:
            _check_answer(item, first_change, actual)
        for change in changes:
            before = actual
            result = write(change, before, item.client)
            if result.changed:
                item.record_change()
            if result.error:
                # A new instance may be hidden from reads for a while, so its id must be shown.
                item.actual = result.actual or (before if before.id == item.posted_id else None)
                raise result.error
            actual = item.actual = result.actual or before
            if change.tags is not None and lacks_owner(item.planned, actual):
                _restore_tags(item, change, before)
            _check_answer(item, change, actual)
            _check_unsent(item, change, before, actual)
        _verify(item, actual)
    item.finish(item.actual)


@contextmanager
def invalidated_on_error(item: WorkItem) -> Iterator[None]:
    """On an error, invalidate the stamp, so that the next run does not trust the unverified secrets."""
    try:
        yield
    except Exception as error:
        unverified_stamp = item.planned.stamp if item.planned.verify else None
        if item.changed and item.actual and (unverified_stamp or isinstance(error, CredentialsRejected)):
            item.actual = _invalidate_stamp(item, item.actual, error)
        raise


def write(change: Change, before: Actual, client: Client) -> WriteResult:
    """Send a change, and find out whether it changed anything.

    :raises NotSent, Refused: nothing was changed
    :raises OutcomeUnknown: the platform reported success, but the instance could not be read
    """
    try:
        after = client.carry_out(change, before.id)
    except MaybeProcessed as error:
        return _read_back(change, before, client, description=error.message)
    except Refused as error:
        # Only a read shows whether somebody else deleted it, or a proxy answered.
        if error.status != 404 or not isinstance(change, Delete) or client.instance(before.id) is not None:
            raise
        return WriteResult(changed=False)
    if isinstance(change, Delete):
        return WriteResult(changed=True)
    if after is not None and after.short:
        after = read_again(before, client)
    if after is None:
        return _read_back(change, before, client, description=Message(SUCCESS))
    # Secrets cannot be read back, so a re-authentication counts as a change. Otherwise, the content decides.
    return WriteResult(isinstance(change, Reauthenticate) or _content(after) != _content(before), after)


def read_again(actual: Actual, client: Client) -> Actual | None:
    """Read an instance whose answer was incomplete.

    :raises OutcomeUnknown: it could not be read
    """
    try:
        return client.instance(actual.id)
    except ServiceError as error:
        raise OutcomeUnknown(
            "{success} Instance {id} could not be read again to check it: {error} Run again with verify set to "
            "always. That is safe.",
            success=Own(SUCCESS),
            id=actual.id,
            error=error,
        ) from error


def lacks_owner(plan: Plan, actual: Actual) -> bool:
    """Return whether the owner tag is known to be lost or altered."""
    owner = plan.desired.owner
    return owner is not None and actual.tags is not None and owner_tag(owner) not in actual.tags


def _read_back(change: Change, before: Actual, client: Client, *, description: Message) -> WriteResult:
    """Read the instance to decide whether the change was carried out."""
    try:
        after = client.instance(before.id)
    except ServiceError as error:
        raise OutcomeUnknown(
            "{description} It is unknown whether the {change} of instance {id} was carried out, because reading it "
            "again failed: {error} Run again with verify set to always. That is safe.",
            description=description,
            change=Own(change.what),
            id=before.id,
            error=error,
        ) from error
    if change.took_effect(after):
        return WriteResult(changed=True, actual=after)
    changed = after is None or _content(after) != _content(before)
    if changed:
        description = Message(
            "{description} It was only carried out in part, or somebody else changed the instance.",
            description=description,
        )
    outcome = OutcomeUnknown(
        "{description} Instance {id} was read again, and is not in the state that the {change} should leave. Run "
        "again.",
        description=description,
        id=before.id,
        change=Own(change.what),
    )
    return WriteResult(changed, after, outcome)


def _content(actual: Actual) -> tuple[object, ...]:
    return actual.name, frozenset(actual.tags or ()), actual.enabled, actual.configuration


def _verify(item: WorkItem, actual: Actual) -> None:
    if item.planned.verify:
        ask_vendor(actual, item.client)
    if item.planned.stamp and not actual.valid:
        item.actual = item.client.instance(actual.id) or actual
        if not item.actual.valid:
            raise CredentialsRejected(
                "Cloud Elements still reports the credentials as invalid after they were sent. Check them with the "
                "vendor."
            )


def _restore_tags(item: WorkItem, change: Change, before: Actual) -> None:
    """Restore the previous tags: a cut owner tag may be that of another owner, who could then delete the instance.

    :raises CloudElementsError: always, because the instance cannot have this owner
    """
    # The previous stamp does not describe the secrets that were just sent.
    sent_secrets = isinstance(change, Reauthenticate)
    tags = tuple(invalidated(tag) if sent_secrets else tag for tag in before.tags or ())
    try:
        item.client.carry_out(Patch(tags=tags), before.id)
        current = item.client.instance(before.id)
        if current and not current.owners <= before.owners:
            raise Conflict("The instance still has the tag of another owner.")
    except CloudElementsError as error:
        raise CloudElementsError(
            "{problem}, and the previous tags could not be restored: {error} Correct the tags of instance {id} by "
            "hand, because it may count as another owner's.",
            problem=Own(OWNER_LOST),
            error=error,
            id=before.id,
        ) from error
    item.actual = current or item.actual
    if current and not sent_secrets and _content(current) == _content(before):
        # Nothing of this run remains, so no change is reported.
        item.changed, item.action = False, Action.NONE
    raise CloudElementsError(
        "{problem}, so the previous tags were restored. Choose a shorter owner.", problem=Own(OWNER_LOST)
    )


def _check_answer(item: WorkItem, change: Change, actual: Actual) -> None:
    """Compare the answer with the change. A value that is stored in another form would differ on every run."""
    if change.name not in (None, actual.name):
        if item.planned.actual is not None and item.planned.actual.name == actual.name:
            raise CloudElementsError(
                'Cloud Elements did not accept the new name, and the instance is still called "{name}". Rename it '
                "in the user interface, or use this name.",
                name=actual.name,
            )
        raise CloudElementsError('Cloud Elements stores the name as "{name}". Use this name.', name=actual.name)
    if actual.configuration is not None and not (actual.short and not actual.configuration):
        _check_configuration(item, change.configuration, actual)
    if actual.tags is not None:
        missing_tags = [tag for tag in change.tags or () if tag not in actual.tags]
        if item.planned.stamp in missing_tags:
            item.warnings.append(STAMP_LOST)
        if any(not is_stamp(tag) for tag in missing_tags):
            item.warnings.append(TAGS_DIFFER)


def _check_configuration(item: WorkItem, configuration: Mapping[str, str], actual: Actual) -> None:
    current = actual.configuration or {}
    stored_keys = [
        key for key in configuration if key in current and (current[key] is not None or key not in item.desired.secrets)
    ]
    ignored_keys = sorted(set(configuration).difference(stored_keys))
    if ignored_keys:
        raise CloudElementsError(
            "Cloud Elements ignored these configuration keys: {keys}. The element {element} does not accept them. "
            "Correct or remove them.",
            keys=", ".join(ignored_keys),
            element=actual.element,
        )
    for key in sorted(set(stored_keys) - ROTATED_BY_SERVER):
        if current[key] != MASK and not values_equal(configuration[key], current[key]):
            item.warnings.append(VALUE_DIFFERS % _describe_keys(item, [key]))


def _check_unsent(item: WorkItem, change: Change, before: Actual, after: Actual) -> None:
    """Warn about side effects of a write: the platform may replace values that it should merge."""
    if change.tags is not None and set(after.tags or ()) > set(change.tags):
        removed_tags = set(before.tags or ()).difference(change.tags)
        if removed_tags.intersection(after.tags or ()):
            item.warnings.append(TAGS_STAY)
    current, other_settings = after.configuration or {}, dict(before.configuration or {})
    for key in {*change.configuration, *ROTATED_BY_SERVER, *WRITTEN_BY_SERVER}:
        other_settings.pop(key, None)
    changed_keys = sorted(key for key, value in other_settings.items() if (value or "") != (current.get(key) or ""))
    if changed_keys:
        item.warnings.append(UNSENT_CHANGED % _describe_keys(item, changed_keys))


def _describe_keys(item: WorkItem, keys: Sequence[str]) -> str:
    """Return configuration keys as a warning shows them: the platform, or the user, may have put anything in them."""
    # Redacted before it is cut, so that no part of a secret is left.
    return some_of(keys, KEYS_SHOWN, lambda key: one_line(item.client.redactor.redact_text(key))[:KEY_MAX])


def _invalidate_stamp(item: WorkItem, actual: Actual, error: Exception) -> Actual:
    """Remove the mac from the stamp, so that the next run sends the credentials again."""
    earlier = item.planned.actual
    known_tags = {item.planned.stamp, *((earlier.tags if earlier else None) or ())}
    try:
        # The vendor may take a minute to answer. In that time, another job may have sent other credentials with a stamp
        # of its own, which must stay.
        latest = item.client.instance(actual.id) or actual
        tags = tuple(invalidated(tag) if tag in known_tags else tag for tag in latest.tags or ())
        if tags == (latest.tags or ()):
            return latest
        after = item.client.carry_out(Patch(tags=tags), actual.id)
        after = after if after and not after.short else item.client.instance(actual.id)
        if after and set(after.tags or ()) == set(latest.tags or ()):
            raise Conflict("Its tags did not change.")
        return after or latest
    except CloudElementsError as tag_error:
        error_class = type(error) if isinstance(error, (NotVerified, OutcomeUnknown)) else CloudElementsError
        raise error_class(
            "{error} In addition, the instance could not be marked as not verified ({tag_error}). Set verify to "
            "always. Otherwise, the next run may not notice.",
            error=failure(error)["msg"],
            tag_error=tag_error,
        ) from error
