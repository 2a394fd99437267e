# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What may be told of one instance, built from an allow-list. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._model.errors import CredentialsRejected, failure
from .._model.instance import Desired
from .._model.message import Message, Own, some_of
from .._model.redact import Redactor
from .._model.release import Disclosed, Lines
from .._model.stamp import Stamps
from .._model.strings import escaped, looks_like_another
from .._model.values import parse_json
from .._model.views import instance_view
from .._model.words import Action, Reason
from .item import State, WorkItem
from .plan import Plan

UNDIFFED = ("id", "created_date", "updated_date", "events_enabled")
"""What nobody can ask for is not part of a difference."""
LOOKALIKES_SHOWN = 10
"""How many names and tags a warning shows."""
LOOKALIKE_MAX = 150
"""How many characters of each are shown. With escapes, a name can become much longer than the platform allows."""


@dataclass(frozen=True)
class Report:
    """What became of one desired instance."""

    item: WorkItem

    @property
    def warnings(self) -> list[str]:
        """What a person should know, in constant words."""
        return [*self.item.warnings, *self.item.planned.warnings]

    @property
    def redactor(self) -> Redactor:
        """What hides the secrets of this instance."""
        return self.item.client.redactor

    @property
    def status(self) -> str:
        """What a summary counts it as."""
        words = {State.FAILED: "failed", State.SKIPPED: "not_attempted"}
        return words.get(self.item.state) or (
            "unchanged" if self.item.action is Action.NONE else self.item.action.value
        )

    @property
    def is_notable(self) -> bool:
        """Whether it changed or failed."""
        return self.item.changed or self.item.error is not None

    @property
    def token(self) -> str | None:
        """The token that calls to the vendor need; None where there is no instance. It must not be shown."""
        item = self.item
        if item.action is Action.DELETED or (item.actual is None and item.action is Action.CREATED):
            return None
        known = [actual.token for actual in (item.actual, item.planned.actual) if actual]
        return next(filter(None, known), None)

    def with_token(self, stamps: Stamps) -> dict[str, Any]:
        """Return the token, and what tells it from another one without showing it."""
        token, instance = self.token, self._instance()
        fingerprint = stamps.fingerprint(instance["id"], token) if token and instance else None
        return {"token": Disclosed(token) if token else None, "token_fingerprint": fingerprint}

    def entry(self, diff: bool, whole: bool) -> dict[str, Any]:
        """Return what is told of one instance among many.

        :param diff: include the difference
        :param whole: include the instance itself, and not only its id
        """
        desired = self.item.desired
        result = {"name": desired.name, "element": desired.element, "id": desired.id, **self.result(diff)}
        instance = result.pop("instance")
        if instance:
            result["id"] = instance["id"]
        return {**result, "instance": instance, "desired_enabled": desired.enabled} if whole else result

    def result(self, diff: bool) -> dict[str, Any]:
        """Return what may be shown, built from an allow-list.

        :param diff: include the difference
        """
        item, planned = self.item, self.item.planned
        recovered = (Reason.RECOVERED,) if item.recovered else ()
        result: dict[str, Any] = {
            "changed": item.changed,
            "action": item.action,
            "reasons": [*planned.reasons, *recovered],
            "instance": self._instance(),
        }
        if diff and item.changed:
            # After a failure, only the instance itself shows which of the changes happened.
            actual = self._instance() if item.error else None
            result["diff"] = _difference(planned, self.label, actual)
        if item.error is not None:
            msg = Message("{label}: {cause}", label=planned.desired.label, cause=self.cause)
            result.update(failure(item.error), msg=msg)
        return result

    @property
    def cause(self) -> Message:
        """Why it failed, and what is left on the platform."""
        sentence = failure(self.item.error)["msg"] if self.item.error else Message("")
        left = self._what_stays()
        return Message.joined([sentence, left]) if left else sentence

    @property
    def label(self) -> Message:
        """Name the instance with its id, where that is known, for example ``autotaskcrm "Acme" (id 5)``."""
        return self._named.label

    @property
    def short_label(self) -> Message:
        """The same for a sentence that must stay short."""
        return self._named.short_label

    @property
    def _named(self) -> Desired:
        known = self.item.actual or self.item.planned.actual
        return replace(self.item.desired, id=known.id) if known else self.item.desired

    def lookalikes(self) -> Iterator[str]:
        """Yield the name and the tags that are new on the platform, or not found there, and look like others."""
        desired = self.item.desired
        if self.item.action is Action.NONE and self.item.planned.actual:
            return
        for text in filter(looks_like_another, filter(None, (desired.name, *(desired.tags or ())))):
            shown = escaped(self.redactor.redact_text(text))
            yield f'"{shown if len(shown) <= LOOKALIKE_MAX else shown[:LOOKALIKE_MAX] + "..."}"'

    def _what_stays(self) -> Message | None:
        """Return what a failed item has left on the platform."""
        item, planned = self.item, self.item.planned
        if not item.changed or item.actual is None:
            return None
        if item.action is Action.CREATED:
            return Message(
                "The new instance {id} exists. Correct the item and run again, or delete it with state set to absent.",
                id=item.actual.id,
            )
        if isinstance(item.error, CredentialsRejected) and _sends_credentials(planned):
            return Message(
                "Instance {id} now has these credentials and does not work. Correct them, then run again.",
                id=item.actual.id,
            )
        return None

    def _instance(self) -> dict[str, Any] | None:
        """Return the instance as it is, as check mode predicts it, or as it was before it was deleted."""
        item, planned = self.item, self.item.planned
        if item.actual is None and item.changed:
            predicted = planned.before if item.action is Action.DELETED else planned.after
            return _without(predicted, "secrets") if predicted else None
        known = item.actual or planned.actual
        return instance_view(known, planned.desired.configuration.keys() - planned.withheld) if known else None


def warnings_of(reports: Sequence[Report], *more: str) -> list[Own]:
    """Return all warnings, each sentence once. They are our own words, except those of names, which are redacted.

    :param more: warnings of the run
    """
    texts = {*more, *(text for report in reports for text in report.warnings), *_lookalike_warnings(reports)}
    return [Own(text) for text in sorted(texts)]


def _lookalike_warnings(reports: Sequence[Report]) -> list[str]:
    """Return a warning about names and tags that look like others, if there are any.

    Somebody who copies a name from a document gets a zero-width space with it, or an accent as a character of its own.
    For the platform, that is another name: the run would create a second instance that nobody can tell from the first.
    """
    found = list(dict.fromkeys(text for report in reports for text in report.lookalikes()))
    if not found:
        return []
    return [
        "These names or tags contain invisible or combined characters: "
        f"{some_of(found, LOOKALIKES_SHOWN)}. Cloud Elements treats each one as different from a name that looks "
        "the same. Check that they are what you mean."
    ]


def _sends_credentials(planned: Plan) -> bool:
    """Return whether a plan carries a login or secrets, which replace those that the instance has."""
    keys = planned.desired.credential_keys | planned.desired.secrets.keys()
    return any(not keys.isdisjoint(change.configuration) for change in planned.changes)


def _difference(planned: Plan, named: Message, actual: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what changes, as Ansible shows it. A deletion is one line: nobody compares it with nothing.

    :param named: the instance, with its id
    :param actual: the instance as it is, if that differs from the plan
    """
    label = planned.desired.label
    if not planned.after:
        created = planned.before.get("created_date") or "at an unknown time"
        line = Message("delete {label}, created {created}", label=named, created=created)
        return {"before_header": label, "after_header": label, "prepared": Lines([line])}
    before, after = _diffed(planned.before), _diffed({**planned.after, **(actual or {})})
    return {"before_header": label, "after_header": label, "before": before, "after": after}


def _diffed(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is worth comparing by eye: JSON in a text is shown line by line."""
    configuration = {key: parse_json(value or "") or value for key, value in view.get("configuration", {}).items()}
    return {**_without(view, *UNDIFFED), **({"configuration": configuration} if view else {})}


def _without(view: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in view.items() if key not in keys}
