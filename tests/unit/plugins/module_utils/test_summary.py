# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a list: true, with names, and no longer than a screen."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.item import State, WorkItem
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.plan import Plan
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.report import Report
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.summary import Summary
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import (
    BadInput,
    CredentialsRejected,
    NotTried,
    Refused,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.message import Message
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.redact import Guarded, Redactor
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.release import release
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.words import Action
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    SETTINGS,
    actual,
    desired,
)

CLIENT = Client(SETTINGS)
LONGEST = 255


def report(name: str, action: Action = Action.NONE, **more: Any) -> Report:
    asked = desired(name=name)
    known = actual(id=5, name=name) if action is not Action.NONE else None
    state = State.FAILED if "error" in more else State.DONE
    item = WorkItem(asked, CLIENT.with_secrets("canary"), plan=Plan(asked, actual=known), action=action)
    for field, value in {"state": state, "changed": action is not Action.NONE, "actual": known, **more}.items():
        setattr(item, field, value)
    return Report(item)


def text(message: Message) -> str:
    return str(release(message, Redactor([])))


def test_a_summary_counts_and_names_what_changed() -> None:
    reports = [report("A", Action.CREATED), report("B", Action.UPDATED), report("C", Action.DELETED), report("D")]

    assert text(Summary(reports).sentence) == (
        f'1 created ({ELEMENT} "A" (id 5)), 1 updated ({ELEMENT} "B" (id 5)), 1 deleted ({ELEMENT} "C" (id 5)), '
        "1 unchanged."
    )


def test_in_check_mode_it_says_what_would_be_done() -> None:
    summary = Summary([report("C", Action.DELETED), report("D")], check_mode=True)

    assert text(summary.sentence) == f'1 would be deleted ({ELEMENT} "C" (id 5)), 1 unchanged.'


def test_what_was_created_and_then_failed_counts_as_both() -> None:
    summary = Summary([report("A", Action.CREATED, error=CredentialsRejected("The vendor said no."))])

    assert (summary.counts["created"], summary.counts["failed"], summary.counts["unchanged"]) == (1, 1, 0)
    assert text(summary.failure) == (
        f'1 of 1 instances failed. {ELEMENT} "A" (id 5): The vendor said no. The new instance 5 exists. Correct the '
        "item and run again, or delete it with state set to absent."
    )


@pytest.mark.parametrize(
    ("action", "number", "names", "more"),
    [
        (Action.DELETED, 20, 20, ""),
        (Action.DELETED, 21, 20, " and 1 more"),
        (Action.CREATED, 10, 10, ""),
        (Action.UPDATED, 30, 10, " and 20 more"),
    ],
)
def test_the_first_are_named_and_the_others_counted(action: Action, number: int, names: int, more: str) -> None:
    sentence = text(Summary([report(f"A{place}", action) for place in range(number)]).sentence)

    assert sentence.count(ELEMENT) == names
    assert sentence.endswith(f"(id 5){more}).")


def refusal(request: str) -> Refused:
    return Refused(Message("Cloud Elements answered {said}.", said=f"HTTP 400, request id {request}"), 400)


def test_equal_causes_are_said_once_with_the_most_frequent_first() -> None:
    failures = [report("X", error=BadInput("Another.")), *(report(f"A{n}", error=refusal(f"{n:04}")) for n in range(3))]
    sentence = text(Summary(failures).failure)

    assert sentence == (
        "4 of 4 instances failed. 3 instances, with the details of the first: Cloud Elements answered HTTP 400, "
        "request id 0000. "
        f'These are {ELEMENT} "A0", {ELEMENT} "A1", {ELEMENT} "A2". {ELEMENT} "X": Another.'
    )


def test_what_failed_because_another_one_did_comes_after_it() -> None:
    pilot = report("A", error=CredentialsRejected("The vendor said no."))
    others = [report(name, error=NotTried("The same as the first.")) for name in "BC"]
    sentence = text(Summary([*others, pilot]).failure)

    assert sentence.index("The vendor said no.") < sentence.index("2 instances: The same as the first.")


def test_what_failed_because_another_one_did_is_told_for_each_login() -> None:
    pilots = {name: report(name, error=CredentialsRejected("The vendor said no.")) for name in "AB"}
    others = [
        report(name + pilot, error=NotTried("{first} was tried first.", first=Guarded(first.label, first.redactor)))
        for name in "CDE"
        for pilot, first in pilots.items()
    ]
    sentence = text(Summary([*pilots.values(), *others]).failure)

    for pilot in "AB":
        assert f'3 instances: {ELEMENT} "{pilot}" was tried first. ' in sentence
        assert f'These are {ELEMENT} "C{pilot}", {ELEMENT} "D{pilot}", {ELEMENT} "E{pilot}".' in sentence


def test_it_fits_on_a_screen_whatever_the_names_and_causes() -> None:
    names = [f"{number:04}{'n' * (LONGEST - 4)}" for number in range(400)]
    reports = [report(name, action) for name in names[:90] for action in (Action.CREATED, Action.UPDATED)]
    reports += [report(name, Action.DELETED) for name in names[90:200]]
    reports += [report(name, error=BadInput(f"Cause {name[:2]}.")) for name in names[200:]]
    summary = Summary(reports)

    assert len(text(summary.sentence)) < 2500
    assert len(text(summary.failure)) < 4000


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("n" * LONGEST, id="a secret that is one letter"),
        pytest.param("n-" * (LONGEST // 2), id="a secret that is every second letter"),
        pytest.param("\U000e0001" * LONGEST, id="characters that cannot be seen"),
    ],
)
def test_it_fits_on_a_screen_whatever_has_to_be_hidden_or_shown_as_an_escape(name: str) -> None:
    reports = [
        report(name, action) for action in (Action.CREATED, Action.UPDATED, Action.DELETED) for _time in range(50)
    ]
    reports += [report(name, error=BadInput(f"Cause {number}.")) for number in range(50)]
    for each in reports:
        each.item.client = CLIENT.with_secrets("n")
    summary = Summary(reports)

    assert len(text(summary.sentence)) < 2500
    assert len(text(summary.failure)) < 4000


def test_many_long_reasons_fit_on_a_screen_and_the_others_are_counted() -> None:
    said = "The vendor is closed for maintenance, and asks everybody to come back later. " * 4
    causes = [BadInput(f"Cause {number // 5}: {{said}}", said=said) for number in range(1000)]
    sentence = text(Summary([report(f"Customer {n:04}", error=cause) for n, cause in enumerate(causes)]).failure)

    assert len(sentence) < 2000
    assert sentence.startswith("1000 of 1000 instances failed. 5 instances: Cause 0: The vendor")
    assert sentence.endswith(f"{1000 - 5 * sentence.count('Cause')} more instances failed for other reasons.")


def test_an_item_that_was_not_begun_is_counted() -> None:
    summary = Summary([report("A", error=BadInput("No.")), report("B", state=State.SKIPPED, pruned=True)])

    assert text(summary.failure).startswith(
        "1 of 2 instances failed, 1 were not attempted, of which prune would have deleted 1. "
    )


def test_names_and_causes_hide_the_secrets_of_their_own_item() -> None:
    reports = [report("canary", Action.CREATED), report("B", error=BadInput("{name}", name="canary"))]

    assert "canary" not in text(Summary(reports).sentence) + text(Summary(reports).failure)


def test_an_empty_list_is_nothing_to_do() -> None:
    assert text(Summary([]).sentence) == "nothing to do."
