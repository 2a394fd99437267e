# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The result of one instance, built from an allow-list. Private to this collection."""

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
from .._model.strings import escape_text, looks_like_another
from .._model.values import parse_json
from .._model.views import instance_view
from .._model.words import Action, Reason
from .item import State, WorkItem
from .plan import Plan

NOT_IN_DIFF = ("id", "created_date", "updated_date", "events_enabled")
"""Fields that no option sets. The diff leaves them out."""
MAX_LOOKALIKES = 10
"""Maximum number of names and tags in a warning."""
LOOKALIKE_MAX = 150
"""Maximum characters of each. With escapes, a name can become much longer than the platform allows."""


@dataclass(frozen=True)
class Report:
    """The outcome of one desired instance."""

    item: WorkItem

    @property
    def warnings(self) -> list[str]:
        """The warnings, in constant words."""
        return [*self.item.warnings, *self.item.planned.warnings]

    @property
    def redactor(self) -> Redactor:
        """The redactor that hides the secrets of this instance."""
        return self.item.client.redactor

    @property
    def status(self) -> str:
        """Its status in a summary."""
        statuses = {State.FAILED: "failed", State.SKIPPED: "not_attempted"}
        return statuses.get(self.item.state) or (
            "unchanged" if self.item.action is Action.NONE else self.item.action.value
        )

    @property
    def is_notable(self) -> bool:
        """Whether it changed or failed."""
        return self.item.changed or self.item.error is not None

    @property
    def token(self) -> str | None:
        """The token for calls to the vendor; None if there is no instance. It must not be shown."""
        item = self.item
        if item.action is Action.DELETED or (item.actual is None and item.action is Action.CREATED):
            return None
        tokens = [actual.token for actual in (item.actual, item.planned.actual) if actual]
        return next(filter(None, tokens), None)

    def with_token(self, stamps: Stamps) -> dict[str, Any]:
        """Return the token, and a fingerprint that shows whether it changed."""
        token, instance = self.token, self._instance()
        fingerprint = stamps.fingerprint(instance["id"], token) if token and instance else None
        return {"token": Disclosed(token) if token else None, "token_fingerprint": fingerprint}

    def entry(self, diff: bool, with_instance: bool) -> dict[str, Any]:
        """Return the result of one instance of a list.

        :param diff: include the difference
        :param with_instance: include the instance itself, and not only its id
        """
        desired = self.item.desired
        result = {"name": desired.name, "element": desired.element, "id": desired.id, **self.result(diff)}
        instance = result.pop("instance")
        if instance:
            result["id"] = instance["id"]
        return {**result, "instance": instance, "desired_enabled": desired.enabled} if with_instance else result

    def result(self, diff: bool) -> dict[str, Any]:
        """Return the result, built from an allow-list.

        :param diff: include the difference
        """
        item, plan = self.item, self.item.planned
        recovered = (Reason.RECOVERED,) if item.recovered else ()
        result: dict[str, Any] = {
            "changed": item.changed,
            "action": item.action,
            "reasons": [*plan.reasons, *recovered],
            "instance": self._instance(),
        }
        if diff and item.changed:
            # After a failure, only the instance itself shows which of the changes happened.
            actual = self._instance() if item.error else None
            result["diff"] = _diff_of(plan, self.label, actual)
        if item.error is not None:
            msg = Message("{label}: {cause}", label=plan.desired.label, cause=self.cause)
            result.update(failure(item.error), msg=msg)
        return result

    @property
    def cause(self) -> Message:
        """The cause of a failure, and what remains on the platform."""
        sentence = failure(self.item.error)["msg"] if self.item.error else Message("")
        leftover = self._leftover()
        return Message.joined([sentence, leftover]) if leftover else sentence

    @property
    def label(self) -> Message:
        """Return the name of the instance with its id, if that is known, for example ``autotaskcrm "Acme" (id 5)``."""
        return self._identified.label

    @property
    def short_label(self) -> Message:
        """The same for a sentence that must stay short."""
        return self._identified.short_label

    @property
    def _identified(self) -> Desired:
        actual = self.item.actual or self.item.planned.actual
        return replace(self.item.desired, id=actual.id) if actual else self.item.desired

    def lookalikes(self) -> Iterator[str]:
        """Yield the name and the tags that may look like others, if they are new on the platform or not found there."""
        desired = self.item.desired
        if self.item.action is Action.NONE and self.item.planned.actual:
            return
        for text in filter(looks_like_another, filter(None, (desired.name, *(desired.tags or ())))):
            name = escape_text(self.redactor.redact_text(text))
            yield f'"{name if len(name) <= LOOKALIKE_MAX else name[:LOOKALIKE_MAX] + "..."}"'

    def _leftover(self) -> Message | None:
        """Return a sentence about the remains of a failed item on the platform, or None."""
        item, plan = self.item, self.item.planned
        if not item.changed or item.actual is None:
            return None
        if item.action is Action.CREATED:
            return Message(
                "The new instance {id} exists. Correct the item and run again, or delete it with state set to absent.",
                id=item.actual.id,
            )
        if isinstance(item.error, CredentialsRejected) and _sends_credentials(plan):
            return Message(
                "Instance {id} now has these credentials and does not work. Correct them, then run again.",
                id=item.actual.id,
            )
        return None

    def _instance(self) -> dict[str, Any] | None:
        """Return the view of the instance: the current one, the predicted one, or the last one before its deletion."""
        item, plan = self.item, self.item.planned
        if item.actual is None and item.changed:
            view = plan.before if item.action is Action.DELETED else plan.after
            return _without(view, "secrets") if view else None
        actual = item.actual or plan.actual
        return instance_view(actual, plan.desired.configuration.keys() - plan.hidden_keys) if actual else None


def warnings_of(reports: Sequence[Report], *more: str) -> list[Own]:
    """Return all warnings, each sentence once. They are constant texts, except for names, which are redacted.

    :param more: warnings of the run
    """
    texts = {*more, *(text for report in reports for text in report.warnings), *_lookalike_warnings(reports)}
    return [Own(text) for text in sorted(texts)]


def _lookalike_warnings(reports: Sequence[Report]) -> list[str]:
    """Return a warning about names and tags that look like others, if there are any.

    A name that is copied from a document may contain a zero-width space, or an accent as a separate character. For the
    platform, that is another name: the run would create a second instance that looks like the first.
    """
    names = list(dict.fromkeys(text for report in reports for text in report.lookalikes()))
    if not names:
        return []
    return [
        "These names or tags contain invisible or combined characters: "
        f"{some_of(names, MAX_LOOKALIKES)}. Cloud Elements treats each one as different from a name that looks "
        "the same. Check that they are what you mean."
    ]


def _sends_credentials(plan: Plan) -> bool:
    """Return whether a plan sends a login or secrets, which replace those of the instance."""
    keys = plan.desired.credential_keys | plan.desired.secrets.keys()
    return any(not keys.isdisjoint(change.configuration) for change in plan.changes)


def _diff_of(plan: Plan, deleted_label: Message, actual: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the diff for Ansible. A deletion is one line, because there is nothing to compare.

    :param deleted_label: the label with the id
    :param actual: the instance as it is, if that differs from the plan
    """
    label = plan.desired.label
    if not plan.after:
        created = plan.before.get("created_date") or "at an unknown time"
        line = Message("delete {label}, created {created}", label=deleted_label, created=created)
        return {"before_header": label, "after_header": label, "prepared": Lines([line])}
    before, after = _diff_view(plan.before), _diff_view({**plan.after, **(actual or {})})
    return {"before_header": label, "after_header": label, "before": before, "after": after}


def _diff_view(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return a view for the diff, with JSON strings as structures, so that Ansible shows them line by line."""
    configuration = {key: parse_json(value or "") or value for key, value in view.get("configuration", {}).items()}
    return {**_without(view, *NOT_IN_DIFF), **({"configuration": configuration} if view else {})}


def _without(view: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in view.items() if key not in keys}
