# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The only room that writes: carries a plan out and reports what really happened. Private to this collection."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from ._client import Client
from ._elements import ROTATED_BY_SERVER, WRITTEN_BY_SERVER
from ._errors import (
    Ambiguous,
    CloudElementsError,
    Conflict,
    NotVerified,
    OutcomeUnknown,
    Refused,
    ServiceError,
    VendorRefused,
    failure,
)
from ._instance import MASK, Actual, owner_tag, same
from ._message import Message, Own
from ._plan import Plan, Request
from ._stamp import is_stamp, withdrawn
from ._verify import ask_vendor

SUCCESS = "Cloud Elements answered with success."
OWNER_LOST = "Cloud Elements does not keep the tag of the owner as it was sent"
STAMP_LOST = (
    "Cloud Elements did not keep the tag that tells whether secrets changed: set update_secrets to on_create, or the "
    "secrets are sent again on each run."
)
TAGS_DIFFER = (
    "Cloud Elements stores some tags in another form than they were sent in: write them as it shows them, or they are "
    "sent again on each run."
)
TAGS_STAY = (
    "Cloud Elements keeps tags that were taken off: take them off in its user interface, or set purge_tags to false. "
    "Otherwise each run tries again."
)
UNSENT_CHANGED = (
    "Cloud Elements changed or removed configuration keys that were not sent: %s. Check the instance, and add what it "
    "needs to configuration or events."
)
VALUE_DIFFERS = (
    "Cloud Elements stores another value than it was sent for the configuration key %s: write it as it shows it, or it "
    "is sent again on each run."
)


@dataclass
class Outcome:
    """What has happened to one instance so far: true at any moment, also when an error ends the work."""

    action: str = "none"
    changed: bool = False
    lost: Ambiguous | None = None
    """How the answer to the creation was lost, as long as the instance is not found."""
    recovered: bool = False
    """The answer to a creation was lost, and the instance was found by its stamp."""
    gave_way: bool = False
    """Another job created the same instance at the same time, and ours was deleted again."""
    instance: Actual | None = None
    warnings: list[str] = field(default_factory=list)
    error: Exception | None = None
    attempted: bool = False
    """Whether the work was begun, or there was none."""


@dataclass(eq=False)
class Job:
    """One plan on its way.

    :param client: hides the secrets of the plan
    """

    plan: Plan
    client: Client = field(repr=False)
    outcome: Outcome = field(default_factory=Outcome)
    pruned: bool = False
    """It is deleted because nobody names it."""
    posted: int | None = None
    """The id in the answer to our own POST: that instance is ours, whatever became of its tags."""


def apply(job: Job, existing: Container[int] = ()) -> None:
    """Carry the plan out, and make the vendor accept the credentials.

    A creation is not confirmed then: its answer may be lost, and another job may have created the same.

    :param existing: the ids of instances that were there before: none of them is the answer to a creation
    :raises StartAgain: what was found may have changed under the plan
    :raises NotVerified: all is written, but the vendor did not accept the credentials
    :raises CloudElementsError: the work could not be finished
    """
    plan, outcome = job.plan, job.outcome
    outcome.instance = plan.actual
    if plan.actual:
        _send(job, plan.actual, plan.requests)
    elif plan.requests:
        try:
            made = job.client.create(plan.requests[0].body or {})
            if made.id in existing:
                raise Ambiguous(
                    "Cloud Elements answered the creation with instance {id}, which existed before.", id=made.id
                )
        except Ambiguous as lost:
            outcome.lost = lost
        else:
            job.posted = made.id
            finish(job, made)


def finish(job: Job, made: Actual) -> None:
    """Do what comes after a creation.

    :param made: the new instance, as the platform shows it
    :raises CloudElementsError: the work could not be finished
    """
    outcome = job.outcome
    outcome.recovered, outcome.lost = outcome.lost is not None, None
    outcome.action, outcome.changed, outcome.instance = "created", True, made
    if made.short:
        # What the answer does not show is no default.
        with _unproven_on_error(job):
            made = outcome.instance = _reread(made, job.client) or made
    refuse_altered(job, made)
    first, *rest = job.plan.requests
    _send(job, made, rest, answered=first)


def refuse_altered(job: Job, made: Actual) -> None:
    """Take back what no later run would find by its name, and what would pass for another owner's.

    :raises CloudElementsError: it was taken back
    """
    altered = _altered(job.plan, made)
    if altered:
        # A listing may be older than the instance.
        with suppress(ServiceError):
            altered = _altered(job.plan, job.client.instance(made.id) or made)
    if altered:
        what, advice = altered
        take_back(job, made, what)
        raise CloudElementsError("{what}, so the new instance was deleted again: {advice}", what=what, advice=advice)


def _altered(plan: Plan, made: Actual) -> tuple[Message, Message] | None:
    """Return what the platform altered, and what to do about it; None for nothing."""
    if not plan.desired.names(made):
        return Message('Cloud Elements stores the name as "{name}"', name=made.name), Message("write it so.")
    if _lacks_owner(plan, made):
        return Message(OWNER_LOST), Message("choose a shorter owner.")
    return None


def _lacks_owner(plan: Plan, actual: Actual) -> bool:
    """Return whether the owner's tag is known to be lost or altered."""
    owner = plan.desired.owner
    return owner is not None and actual.tags is not None and owner_tag(owner) not in actual.tags


def _send(job: Job, actual: Actual, requests: Sequence[Request], answered: Request | None = None) -> None:
    plan, client, outcome = job.plan, job.client, job.outcome
    with _unproven_on_error(job):
        if answered:
            _check_answer(plan, answered, actual, outcome)
        for request in requests:
            before = actual
            actual = outcome.instance = _write(plan, request, before, client, outcome) or before
            if "tags" in (request.body or {}) and _lacks_owner(plan, actual):
                _put_tags_back(request, before, client, outcome)
            _check_answer(plan, request, actual, outcome)
            _check_unsent(request, before, actual, outcome)
        _verify(plan, actual, client, outcome)


@contextmanager
def _unproven_on_error(job: Job) -> Iterator[None]:
    """On an error, withdraw the stamp: what was sent is not proven, and the next run must not take it for right."""
    plan, outcome = job.plan, job.outcome
    try:
        yield
    except Exception as error:
        unproven = plan.stamp if plan.verify else None
        if outcome.changed and outcome.instance and (unproven or isinstance(error, VendorRefused)):
            outcome.instance = _withdraw_stamp(plan, outcome.instance, job.client, error)
        raise


def _verify(plan: Plan, actual: Actual, client: Client, outcome: Outcome) -> None:
    if plan.verify:
        ask_vendor(actual, client)
    if plan.stamp and not actual.valid:
        outcome.instance = client.instance(actual.id) or actual
        if not outcome.instance.valid:
            raise VendorRefused(
                "Cloud Elements still reports the credentials as invalid, after they were sent: check them with the "
                "vendor."
            )


def take_back(job: Job, made: Actual, why: Message) -> None:
    """Delete the new instance, once its stamp or the answer to our own POST has proven that it was made here.

    :raises OutcomeUnknown: it is still there, or may be
    """
    stamp, client = job.plan.stamp or "", job.client
    try:
        now = client.instance(made.id)
        if now and made.id != job.posted and not {stamp, withdrawn(stamp)}.intersection(now.tags or ()):
            raise Conflict("It does not carry the tag that was sent.")
        if now:
            _write(job.plan, Request("DELETE", f"/instances/{made.id}"), now, client, Outcome())
    except CloudElementsError as error:
        raise OutcomeUnknown(
            "{why}, and the new one (id {id}) could not be deleted: {error} Delete one of them.",
            why=why,
            id=made.id,
            error=error,
        ) from error
    job.outcome = Outcome(attempted=True, warnings=job.outcome.warnings)


def _write(plan: Plan, request: Request, before: Actual, client: Client, outcome: Outcome) -> Actual | None:
    """Send a PUT, PATCH or DELETE, and record in the outcome whether it changed anything.

    :return: the instance as it is then, where it is known
    """
    deletes = request.method == "DELETE" and not request.path.endswith("/enabled")
    try:
        after = client.write(request.method, request.path.replace("{id}", str(before.id)), request.body)
    except Ambiguous as lost:
        return _read_back(plan, request, before, client, outcome, story=lost.message)
    except Refused as error:
        # Only a read tells whether somebody else deleted it, or a proxy answered.
        if error.status != 404 or not deletes or client.instance(before.id) is not None:
            raise
        return None
    if deletes:
        _record(plan, outcome)
        return None
    if after is not None and after.short:
        after = _reread(before, client)
    if after is None or request.body is None:
        return _read_back(plan, request, before, client, outcome, story=Message(SUCCESS))
    # Whether secrets arrived cannot be read. Anything else that is as before was not changed, whatever the status says.
    if request.method == "PUT" or _content(after) != _content(before):
        _record(plan, outcome)
    return after


def _reread(actual: Actual, client: Client) -> Actual | None:
    """Read an instance of which an answer showed a part only.

    :raises OutcomeUnknown: it could not be read
    """
    try:
        return client.instance(actual.id)
    except ServiceError as error:
        raise OutcomeUnknown(
            "{success} Instance {id} could not be read again to check it: {error} Run again, with verify set "
            "to always: that is safe.",
            success=Own(SUCCESS),
            id=actual.id,
            error=error,
        ) from error


def _put_tags_back(request: Request, before: Actual, client: Client, outcome: Outcome) -> None:
    """Undo the tags: a part of the owner's tag may be the tag of another owner, who would delete the instance.

    :raises CloudElementsError: always, for the instance cannot have this owner
    """
    # A stamp from before says nothing of the secrets that were sent now.
    sent_secrets = request.method == "PUT"
    tags = [withdrawn(tag) if sent_secrets else tag for tag in before.tags or ()]
    try:
        client.write("PATCH", f"/instances/{before.id}", {"tags": tags})
        now = client.instance(before.id)
        if now and not now.owners <= before.owners:
            raise Conflict("It still has the tag of another owner.")
    except CloudElementsError as error:
        raise CloudElementsError(
            "{lost}, and the tags that it had could not be put back: {error} Set the tags of instance "
            "{id} by hand: it may pass for another owner's.",
            lost=Own(OWNER_LOST),
            error=error,
            id=before.id,
        ) from error
    outcome.instance = now or outcome.instance
    if now and not sent_secrets and _content(now) == _content(before):
        outcome.changed, outcome.action = False, "none"
    raise CloudElementsError("{lost}, so its tags were put back: choose a shorter owner.", lost=Own(OWNER_LOST))


def _record(plan: Plan, outcome: Outcome) -> None:
    outcome.changed = True
    # An instance that was created in this run stays so, whatever is written to it afterwards.
    outcome.action = plan.action


def _read_back(
    plan: Plan, request: Request, before: Actual, client: Client, outcome: Outcome, *, story: Message
) -> Actual | None:
    """Decide from what is there whether the request was carried out."""
    try:
        after = client.instance(before.id)
    except ServiceError as error:
        raise OutcomeUnknown(
            "{story} Whether {method} of instance {id} was carried out is not known, for reading it "
            "again failed: {error} Run again, with verify set to always: that is safe.",
            story=story,
            method=Own(request.method),
            id=before.id,
            error=error,
        ) from error
    if took_effect(request, after):
        _record(plan, outcome)
        return after
    if after is None or _content(after) != _content(before):
        _record(plan, outcome)
        story = Message("{story} It was carried out in part, or somebody else changed the instance.", story=story)
    outcome.instance = after
    raise OutcomeUnknown(
        "{story} Reading instance {id} again shows that it is not as {method} would make it: run again.",
        story=story,
        id=before.id,
        method=Own(request.method),
    )


def _content(actual: Actual) -> tuple[object, ...]:
    return actual.name, frozenset(actual.tags or ()), actual.enabled, actual.configuration


def took_effect(request: Request, actual: Actual | None) -> bool:
    """Tell from a later read whether a PUT, PATCH or DELETE was carried out."""
    if request.path.endswith("/enabled"):
        return actual is not None and actual.enabled == (request.method == "PUT")
    if request.method == "DELETE" or actual is None:
        return actual is None and request.method == "DELETE"
    body, held = request.body or {}, actual.configuration or {}
    return (
        body.get("name", actual.name) == actual.name
        and set(body.get("tags", actual.tags or ())) == set(actual.tags or ())
        and all(
            held.get(key, MASK) == MASK or key in ROTATED_BY_SERVER or same(value, held[key])
            for key, value in body.get("configuration", {}).items()
        )
    )


def _check_answer(plan: Plan, request: Request, actual: Actual, outcome: Outcome) -> None:
    """Compare the platform's answer with what was sent: what it stores in another form would never converge."""
    body = request.body or {}
    if body.get("name", actual.name) != actual.name:
        if plan.actual is not None and plan.actual.name == actual.name:
            raise CloudElementsError(
                'Cloud Elements did not take the new name, and the instance is still called "{name}": rename '
                "it in its user interface, or write this name.",
                name=actual.name,
            )
        raise CloudElementsError('Cloud Elements stores the name as "{name}": write the name so.', name=actual.name)
    if actual.configuration is not None and not (actual.short and not actual.configuration):
        _check_configuration(plan, body.get("configuration", {}), actual, outcome)
    if actual.tags is not None:
        missing = [tag for tag in body.get("tags", ()) if tag not in actual.tags]
        if plan.stamp in missing:
            outcome.warnings.append(STAMP_LOST)
        if any(not is_stamp(tag) for tag in missing):
            outcome.warnings.append(TAGS_DIFFER)


def _check_unsent(request: Request, before: Actual, after: Actual, outcome: Outcome) -> None:
    """Say what a write did besides what it was sent for: a platform may replace what it is thought to merge."""
    body = request.body or {}
    if "tags" in body and set(after.tags or ()) > set(body["tags"]):
        taken_off = set(before.tags or ()).difference(body["tags"])
        if taken_off.intersection(after.tags or ()):
            outcome.warnings.append(TAGS_STAY)
    held, unsent = after.configuration or {}, dict(before.configuration or {})
    for key in {*body.get("configuration", ()), *ROTATED_BY_SERVER, *WRITTEN_BY_SERVER}:
        unsent.pop(key, None)
    changed = sorted(key for key, value in unsent.items() if (value or "") != (held.get(key) or ""))
    if changed:
        outcome.warnings.append(UNSENT_CHANGED % ", ".join(changed))


def _check_configuration(plan: Plan, sent: Mapping[str, str], actual: Actual, outcome: Outcome) -> None:
    held = actual.configuration or {}
    kept = [key for key in sent if key in held and (held[key] is not None or key not in plan.desired.secrets)]
    ignored = sorted(set(sent).difference(kept))
    if ignored:
        raise CloudElementsError(
            "Cloud Elements ignored the configuration key {keys}: the element {element} does not "
            "take it. Correct it, or take it out.",
            keys=", ".join(ignored),
            element=actual.element,
        )
    for key in sorted(set(kept) - ROTATED_BY_SERVER):
        if held[key] != MASK and not same(sent[key], held[key]):
            outcome.warnings.append(VALUE_DIFFERS % key)


def _withdraw_stamp(plan: Plan, actual: Actual, client: Client, error: Exception) -> Actual:
    """Take the mac off the stamp: the next run then sends the credentials again, and does not take them for right."""
    known = {plan.stamp, *((plan.actual.tags if plan.actual else None) or ())}
    try:
        # The vendor may have taken a minute to answer, in which somebody else may have sent other credentials. Their
        # stamp speaks of theirs.
        now = client.instance(actual.id) or actual
        tags = [withdrawn(tag) if tag in known else tag for tag in now.tags or ()]
        if tags == list(now.tags or ()):
            return now
        after = client.write("PATCH", f"/instances/{actual.id}", {"tags": tags})
        after = after if after and not after.short else client.instance(actual.id)
        if after and set(after.tags or ()) == set(now.tags or ()):
            raise Conflict("Its tags stayed as they were.")
        return after or now
    except CloudElementsError as also:
        kind = type(error) if isinstance(error, NotVerified) else CloudElementsError
        raise kind(
            "{error} And the instance could not be marked as not verified ({also}): set verify to always, or the next "
            "run may not see it.",
            error=error if isinstance(error, CloudElementsError) else Own(failure(error)["msg"]),
            also=also,
        ) from error
