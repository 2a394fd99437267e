# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Summarize a run over a list, in sentences that fit on a screen. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .._model.errors import NotTried, failure
from .._model.message import Message, Own, names_of
from .._model.redact import Guarded
from .._model.words import Action, Code
from .item import State
from .report import Report

NAMES = 10
"""Maximum number of instances that a sentence names."""
DELETED_NAMES = 20
"""The same for deletions, which cannot be undone."""
ROOM = 45
"""Characters for each of these names, on average. A name can be as long as the platform allows."""
GROUPS = 5
"""Maximum number of different failures to show."""
CAUSES_ROOM = 1500
"""Characters for these failures. The first one is always shown."""

CHANGES = (Action.CREATED, Action.UPDATED, Action.DELETED)


@dataclass(frozen=True)
class Summary:
    """The outcome of a list.

    :param reports: one for each instance
    :param check_mode: nothing was written
    """

    reports: Sequence[Report]
    check_mode: bool = False

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many instances were created, updated and so on. One that was created and then failed counts as both."""
        return {
            **{action.value: len(_reports_of(self.reports, action)) for action in CHANGES},
            "unchanged": sum(report.status == "unchanged" for report in self.reports),
            "failed": len(self.failed),
            "not_attempted": len(self.skipped),
        }

    @cached_property
    def failed(self) -> list[Report]:
        """The instances that failed."""
        return [report for report in self.reports if report.item.error is not None]

    @cached_property
    def skipped(self) -> list[Report]:
        """The instances that the run did not reach."""
        return [report for report in self.reports if report.item.state is State.SKIPPED]

    @property
    def code(self) -> Code:
        """The code of all failures, or `several` if they differ."""
        codes: set[Code] = {failure(report.item.error)["code"] for report in self.failed if report.item.error}
        return codes.pop() if len(codes) == 1 else Code.SEVERAL

    @property
    def counts_text(self) -> str:
        """The counts that are not 0, as text."""
        return ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in self.counts.items() if number)

    @property
    def sentence(self) -> Message:
        """The actions, or in check mode the predicted ones, with the names of the instances that change."""
        parts = list(self._changes(self.reports))
        for word in ("unchanged", "failed", "not_attempted"):
            if self.counts[word]:
                parts.append(Message("{count} {word}", count=self.counts[word], word=Own(word.replace("_", " "))))
        return Message("{parts}.", parts=Message.joined(parts or [Own("nothing to do")], ", "))

    @property
    def failure(self) -> Message:
        """The number of failures, their causes, equal ones once, and the actions on the other instances."""
        parts: list[Message] = [
            Message("{failed} of {total} instances failed", failed=len(self.failed), total=len(self.reports))
        ]
        if self.skipped:
            parts.append(Message("{count} were not attempted", count=len(self.skipped)))
        if prune_count := sum(report.item.pruned for report in self.skipped):
            parts.append(Message("of which prune would have deleted {count}", count=prune_count))
        # Failed instances are left out: the sentence about a failure names its remains on the platform.
        done = list(self._changes([report for report in self.reports if report.item.error is None]))
        sentences = [Message("{parts}.", parts=Message.joined(parts, ", ")), *self._causes()]
        sentences += [Message("{done}.", done=Message.joined(done, ", "))] if done else []
        return Message.joined(sentences)

    def _changes(self, reports: Sequence[Report]) -> Iterator[Message]:
        for action in CHANGES:
            if reports_of_action := _reports_of(reports, action):
                yield Message(
                    "{count} {would_be}{action} ({names})",
                    count=len(reports_of_action),
                    would_be=Own("would be " if self.check_mode else ""),
                    action=Own(action.value),
                    names=describe_names(reports_of_action, DELETED_NAMES if action is Action.DELETED else NAMES),
                )

    def _causes(self) -> Iterator[Message]:
        """Yield a sentence for each cause, the most frequent first."""
        groups = _by_cause(self.failed)
        room, count = CAUSES_ROOM, 0
        for reports in groups[:GROUPS]:
            sentence = _cause(reports)
            room -= len(str(sentence))
            if count and room < 0:
                break
            count += 1
            yield sentence
        if other_failures := sum(map(len, groups[count:])):
            yield Message("{count} more instances failed for other reasons.", count=other_failures)


def _cause(reports: Sequence[Report]) -> Message:
    """Return the sentence about instances that failed for the same reason."""
    cause = Guarded(reports[0].cause, reports[0].redactor)
    if len(reports) == 1:
        return Message("{name}: {cause}", name=_short_label(reports[0]), cause=cause)
    # The platform gives each request an id, and its own words may differ.
    text = _cause_text(reports[0])
    differing = any(_cause_text(report) != text for report in reports[1:])
    return Message(
        "{count} instances{differing}: {cause} These are {names}.",
        count=len(reports),
        differing=Own(", with the details of the first" if differing else ""),
        cause=cause,
        names=describe_names(reports),
    )


def _cause_text(report: Report) -> str:
    return str(Message("{cause}", cause=Guarded(report.cause, report.redactor)))


def _reports_of(reports: Sequence[Report], action: Action) -> list[Report]:
    return [report for report in reports if report.item.changed and report.item.action is action]


def describe_names(reports: Sequence[Report], limit: int = NAMES) -> Message:
    """Return the names of the first instances, and the number of the others.

    :param limit: maximum number of names
    """
    return names_of([_short_label(report) for report in reports[:limit]], len(reports), limit * ROOM)


def _short_label(report: Report) -> Guarded:
    return Guarded(report.short_label, report.redactor)


def _by_cause(reports: Sequence[Report]) -> list[list[Report]]:
    """Return the reports in groups with the same sentence, regardless of the values in it.

    The values differ, because the platform gives each request an id. The largest group comes first. Instances that
    failed because another one did come last, in a group for each login.
    """
    groups: dict[str, list[Report]] = {}
    for report in reports:
        is_same_login = isinstance(report.item.error, NotTried)
        groups.setdefault(_cause_text(report) if is_same_login else report.cause.template, []).append(report)
    return sorted(groups.values(), key=lambda group: (isinstance(group[0].item.error, NotTried), -len(group)))
