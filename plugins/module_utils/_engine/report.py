# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What may be told of one instance, built from an allow-list. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._model.errors import CredentialsRejected, failure
from .._model.message import some_of
from .._model.redact import one_line
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


@dataclass(frozen=True)
class Report:
    """What became of one desired instance."""

    item: WorkItem

    @property
    def warnings(self) -> list[str]:
        """What a person should know, in constant words."""
        return [*self.item.warnings, *self.item.planned.warnings]

    def identity(self) -> dict[str, Any]:
        """Return the name and the element that were asked for."""
        desired = self.item.desired
        identity: dict[str, Any] = self.item.client.redactor.redact({"name": desired.name, "element": desired.element})
        return identity

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

    def with_token(self, stamps: Stamps) -> dict[str, str | None]:
        """Return the token, and what tells it from another one without showing it."""
        token, instance = self.token, self._instance()
        fingerprint = stamps.fingerprint(instance["id"], token) if token and instance else None
        return {"token": token, "token_fingerprint": fingerprint}

    def entry(self, diff: bool, whole: bool) -> dict[str, Any]:
        """Return what is told of one instance among many.

        :param diff: include the difference
        :param whole: include the instance itself, and not only its id
        """
        desired = self.item.desired
        result = {**self.identity(), "id": desired.id, **self.result(diff)}
        instance = result.pop("instance")
        if instance:
            result["id"] = instance["id"]
        return {**result, "instance": instance, "desired_enabled": desired.enabled} if whole else result

    def result(self, diff: bool) -> dict[str, Any]:
        """Return what may be shown, built from an allow-list.

        :param diff: include the difference
        """
        item, planned, redactor = self.item, self.item.planned, self.item.client.redactor
        label = one_line(planned.desired.label.cleaned(redactor.redact_text))
        recovered = (Reason.RECOVERED,) if item.recovered else ()
        result: dict[str, Any] = {
            "changed": item.changed,
            "action": item.action.value,
            "reasons": [reason.value for reason in (*planned.reasons, *recovered)],
            "instance": redactor.redact(self._instance()),
        }
        if diff and item.changed:
            result["diff"] = {
                "before_header": label,
                "after_header": label,
                "before": redactor.redact(_diffed(planned.before)),
                "after": redactor.redact(_diffed(planned.after)),
            }
        if item.error is not None:
            told = failure(item.error, redactor.redact_text)
            result.update(told, failed=True, msg=f"{label}: {told['msg']}{self._what_stays()}")
        return result

    def lookalikes(self) -> Iterator[str]:
        """Yield the name and the tags that are new on the platform, or not found there, and look like others."""
        desired, redactor = self.item.desired, self.item.client.redactor
        if self.item.action is Action.NONE and self.item.planned.actual:
            return
        for text in filter(looks_like_another, filter(None, (desired.name, *(desired.tags or ())))):
            yield f'"{escaped(redactor.redact_text(text))}"'

    def _what_stays(self) -> str:
        """Return what a failed item has left on the platform, as a sentence to append, or nothing."""
        item, planned = self.item, self.item.planned
        if not item.changed or item.actual is None:
            return ""
        number = item.actual.id
        if item.action is Action.CREATED:
            return f" The new instance {number} stays: run again to correct it, or delete it with state set to absent."
        if isinstance(item.error, CredentialsRejected) and _sends_credentials(planned):
            return f" Instance {number} now has these credentials and does not work: run again with the right ones."
        return ""

    def _instance(self) -> dict[str, Any] | None:
        """Return the instance as it is, as check mode predicts it, or as it was before it was deleted."""
        item, planned = self.item, self.item.planned
        if item.actual is None and item.changed:
            predicted = planned.before if item.action is Action.DELETED else planned.after
            return _without(predicted, "secrets") if predicted else None
        known = item.actual or planned.actual
        return instance_view(known, planned.desired.configuration.keys() - planned.withheld) if known else None


def warnings_of(reports: Sequence[Report], *more: str) -> list[str]:
    """Return all that a person should know, each sentence once.

    :param more: what is known besides
    """
    return sorted({*more, *(text for report in reports for text in report.warnings), *_lookalike_warnings(reports)})


def _lookalike_warnings(reports: Sequence[Report]) -> list[str]:
    """Return a warning about names and tags that look like others, if there are any.

    Somebody who copies a name from a document gets a zero-width space with it, or an accent as a character of its own.
    For the platform, that is another name: the run would create a second instance that nobody can tell from the first.
    """
    found = list(dict.fromkeys(text for report in reports for text in report.lookalikes()))
    if not found:
        return []
    return [
        "These names or tags hold characters that cannot be seen, or letters made of several characters: "
        f"{some_of(found, LOOKALIKES_SHOWN)}. To Cloud Elements, one that only looks the same is another "
        "one. Check that they are what you mean."
    ]


def _sends_credentials(planned: Plan) -> bool:
    """Return whether a plan carries a login or secrets, which replace those that the instance has."""
    keys = planned.desired.credential_keys | planned.desired.secrets.keys()
    return any(not keys.isdisjoint(change.configuration) for change in planned.changes)


def _diffed(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is worth comparing by eye: JSON in a text is shown line by line."""
    configuration = {key: parse_json(value or "") or value for key, value in view.get("configuration", {}).items()}
    return {**_without(view, *UNDIFFED), **({"configuration": configuration} if view else {})}


def _without(view: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in view.items() if key not in keys}
