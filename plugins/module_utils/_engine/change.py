# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Changes an instance that exists, and finds out what really happened. Private to this collection."""

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
class Written:
    """What became of one change.

    :param changed: whether the write changed something on the platform
    :param actual: the instance as it is then, where that is known
    :param error: the change was sent, and is not known to be there
    """

    changed: bool
    actual: Actual | None = None
    error: OutcomeUnknown | None = None


def carry_out(item: WorkItem, actual: Actual, changes: Sequence[Change], answered: Change | None = None) -> None:
    """Send the changes one after the other, compare each answer with what was sent, then ask the vendor.

    :param actual: the instance as it is now; its stamp is invalidated when what was sent cannot be proven
    :param answered: what `actual` is the platform's answer to
    :raises NotVerified: all is written, but the vendor did not accept the credentials
    :raises CloudElementsError: the work could not be finished
    """
    item.actual = actual
    with invalidated_on_error(item):
        if answered:
            _check_answer(item, answered, actual)
        for change in changes:
            before = actual
            written = write(change, before, item.client)
            if written.changed:
                item.record_change()
            if written.error:
                # A new instance may be hidden from reads for a while, so its id must be shown.
                item.actual = written.actual or (before if before.id == item.posted_id else None)
                raise written.error
            actual = item.actual = written.actual or before
            if change.tags is not None and lacks_owner(item.planned, actual):
                _put_tags_back(item, change, before)
            _check_answer(item, change, actual)
            _check_unsent(item, change, before, actual)
        _verify(item, actual)
    item.finish(item.actual)


@contextmanager
def invalidated_on_error(item: WorkItem) -> Iterator[None]:
    """On an error, invalidate the stamp: what was sent is not proven, and the next run must not take it for right."""
    try:
        yield
    except Exception as error:
        unproven = item.planned.stamp if item.planned.verify else None
        if item.changed and item.actual and (unproven or isinstance(error, CredentialsRejected)):
            item.actual = _invalidate_stamp(item, item.actual, error)
        raise


def write(change: Change, before: Actual, client: Client) -> Written:
    """Send a change, and find out whether it changed anything.

    :raises NotSent, Refused: nothing was changed
    :raises OutcomeUnknown: the platform answered with success, and the instance could not be read
    """
    try:
        after = client.carry_out(change, before.id)
    except MaybeProcessed as lost:
        return _read_back(change, before, client, story=lost.message)
    except Refused as error:
        # Only a read shows whether somebody else deleted it, or a proxy answered.
        if error.status != 404 or not isinstance(change, Delete) or client.instance(before.id) is not None:
            raise
        return Written(changed=False)
    if isinstance(change, Delete):
        return Written(changed=True)
    if after is not None and after.short:
        after = read_again(before, client)
    if after is None:
        return _read_back(change, before, client, story=Message(SUCCESS))
    # Whether secrets arrived cannot be read. Anything else that is as before was not changed, whatever the status says.
    return Written(isinstance(change, Reauthenticate) or _content(after) != _content(before), after)


def read_again(actual: Actual, client: Client) -> Actual | None:
    """Read an instance of which an answer showed a part only.

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
    """Return whether the owner's tag is known to be lost or altered."""
    owner = plan.desired.owner
    return owner is not None and actual.tags is not None and owner_tag(owner) not in actual.tags


def _read_back(change: Change, before: Actual, client: Client, *, story: Message) -> Written:
    """Read the instance to decide whether the change was carried out."""
    try:
        after = client.instance(before.id)
    except ServiceError as error:
        raise OutcomeUnknown(
            "{story} It is unknown whether the {change} of instance {id} was carried out, because reading it again "
            "failed: {error} Run again with verify set to always. That is safe.",
            story=story,
            change=Own(change.what),
            id=before.id,
            error=error,
        ) from error
    if change.took_effect(after):
        return Written(changed=True, actual=after)
    changed = after is None or _content(after) != _content(before)
    if changed:
        story = Message("{story} It was only carried out in part, or somebody else changed the instance.", story=story)
    unknown = OutcomeUnknown(
        "{story} Instance {id} was read again, and is not in the state that the {change} should leave. Run again.",
        story=story,
        id=before.id,
        change=Own(change.what),
    )
    return Written(changed, after, unknown)


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


def _put_tags_back(item: WorkItem, change: Change, before: Actual) -> None:
    """Undo the tags: a part of the owner's tag may be the tag of another owner, who would delete the instance.

    :raises CloudElementsError: always, for the instance cannot have this owner
    """
    # A stamp from before says nothing of the secrets that were sent now.
    sent_secrets = isinstance(change, Reauthenticate)
    tags = tuple(invalidated(tag) if sent_secrets else tag for tag in before.tags or ())
    try:
        item.client.carry_out(Patch(tags=tags), before.id)
        now = item.client.instance(before.id)
        if now and not now.owners <= before.owners:
            raise Conflict("The instance still has the tag of another owner.")
    except CloudElementsError as error:
        raise CloudElementsError(
            "{lost}, and the previous tags could not be restored: {error} Correct the tags of instance {id} by "
            "hand, because it may count as another owner's.",
            lost=Own(OWNER_LOST),
            error=error,
            id=before.id,
        ) from error
    item.actual = now or item.actual
    if now and not sent_secrets and _content(now) == _content(before):
        # Nothing of this run is left, so no change is reported.
        item.changed, item.action = False, Action.NONE
    raise CloudElementsError(
        "{lost}, so the previous tags were restored. Choose a shorter owner.", lost=Own(OWNER_LOST)
    )


def _check_answer(item: WorkItem, change: Change, actual: Actual) -> None:
    """Compare the platform's answer with what was sent: what it stores in another form would never converge."""
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
        missing = [tag for tag in change.tags or () if tag not in actual.tags]
        if item.planned.stamp in missing:
            item.warnings.append(STAMP_LOST)
        if any(not is_stamp(tag) for tag in missing):
            item.warnings.append(TAGS_DIFFER)


def _check_configuration(item: WorkItem, sent: Mapping[str, str], actual: Actual) -> None:
    current = actual.configuration or {}
    kept = [key for key in sent if key in current and (current[key] is not None or key not in item.desired.secrets)]
    ignored = sorted(set(sent).difference(kept))
    if ignored:
        raise CloudElementsError(
            "Cloud Elements ignored these configuration keys: {keys}. The element {element} does not accept them. "
            "Correct or remove them.",
            keys=", ".join(ignored),
            element=actual.element,
        )
    for key in sorted(set(kept) - ROTATED_BY_SERVER):
        if current[key] != MASK and not values_equal(sent[key], current[key]):
            item.warnings.append(VALUE_DIFFERS % _keys_shown(item, [key]))


def _check_unsent(item: WorkItem, change: Change, before: Actual, after: Actual) -> None:
    """Say what a write did besides what it was sent for: a platform may replace what it is thought to merge."""
    if change.tags is not None and set(after.tags or ()) > set(change.tags):
        taken_off = set(before.tags or ()).difference(change.tags)
        if taken_off.intersection(after.tags or ()):
            item.warnings.append(TAGS_STAY)
    current, unsent = after.configuration or {}, dict(before.configuration or {})
    for key in {*change.configuration, *ROTATED_BY_SERVER, *WRITTEN_BY_SERVER}:
        unsent.pop(key, None)
    changed = sorted(key for key, value in unsent.items() if (value or "") != (current.get(key) or ""))
    if changed:
        item.warnings.append(UNSENT_CHANGED % _keys_shown(item, changed))


def _keys_shown(item: WorkItem, keys: Sequence[str]) -> str:
    """Return configuration keys as a warning shows them: the platform, or the user, may have put anything in them."""
    # Redacted before it is cut, so that no part of a secret is left.
    return some_of(keys, KEYS_SHOWN, lambda key: one_line(item.client.redactor.redact_text(key))[:KEY_MAX])


def _invalidate_stamp(item: WorkItem, actual: Actual, error: Exception) -> Actual:
    """Take the mac off the stamp: the next run then sends the credentials again, and does not take them for right."""
    listed = item.planned.actual
    known = {item.planned.stamp, *((listed.tags if listed else None) or ())}
    try:
        # The vendor may have taken a minute to answer, in which somebody else may have sent other credentials. Their
        # stamp speaks of theirs.
        now = item.client.instance(actual.id) or actual
        tags = tuple(invalidated(tag) if tag in known else tag for tag in now.tags or ())
        if tags == (now.tags or ()):
            return now
        after = item.client.carry_out(Patch(tags=tags), actual.id)
        after = after if after and not after.short else item.client.instance(actual.id)
        if after and set(after.tags or ()) == set(now.tags or ()):
            raise Conflict("Its tags did not change.")
        return after or now
    except CloudElementsError as also:
        kind = type(error) if isinstance(error, (NotVerified, OutcomeUnknown)) else CloudElementsError
        raise kind(
            "{error} In addition, the instance could not be marked as not verified ({also}). Set verify to always. "
            "Otherwise, the next run may not notice.",
            error=failure(error)["msg"],
            also=also,
        ) from error
