# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report tells of each kind of drift, and of none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.cloud_elements.platform.plugins.filter.drift_report import drift_report
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._drift import KINDS, drift

CRM = "autotaskcrm"
NOTHING = dict.fromkeys(KINDS, 0)


def item(name: str | None = "Acme", number: int | None = 7, action: str = "none", **more: Any) -> dict[str, Any]:
    """Return what ce_instances tells of an item, in check mode."""
    told = {"name": name, "element": CRM, "id": number, "action": action, "reasons": [], "desired_enabled": None}
    return {**told, "changed": action != "none", "instance": None, **more}


def instance(name: str = "Acme", number: int = 7, **more: Any) -> dict[str, Any]:
    """Return what ce_instance_info tells of an instance."""
    return {"name": name, "element": CRM, "id": number, "owner": None, "enabled": True, "valid": True, **more}


def report(
    items: Sequence[dict[str, Any]], there: Sequence[dict[str, Any]], owner: str | None = None
) -> dict[str, Any]:
    names: dict[str, list[int]] = {}
    for each in there:
        names.setdefault(each["name"], []).append(each["id"])
    duplicates = [{"element": CRM, "name": name, "ids": ids} for name, ids in names.items() if len(ids) > 1]
    checked = {"instances": items, "summary": {"unchanged": len(items)}}
    return drift(checked, {"instances": there, "duplicates": duplicates}, owner)


def found(told: dict[str, Any]) -> dict[str, int]:
    """Return how many of each kind there are, of those that are there at all."""
    return {kind: number for kind, number in told["counts"].items() if number}


def test_what_is_as_the_list_says_is_no_drift() -> None:
    told = report([item()], [instance()])

    assert not told["drift"]
    assert told["counts"] == NOTHING
    assert told["sentence"] == "The platform is as the list says: 1 instances."
    assert told["lines"] == [told["sentence"]]
    assert (told["checked"], told["as_described"]) == (1, 1)


def test_what_would_be_created_is_missing() -> None:
    told = report([item(number=None, action="created", reasons=["not_found"])], [])

    assert told["drift"]
    assert told["missing"] == [{"element": CRM, "name": "Acme", "id": None}]
    assert found(told) == {"missing": 1}
    assert told["lines"][1:] == ["In the list, and not there (1):", '  autotaskcrm "Acme"']


@pytest.mark.parametrize(("action", "reason"), [("updated", "tags"), ("deleted", "found")])
def test_what_would_be_changed_is_told_with_its_reasons(action: str, reason: str) -> None:
    told = report([item(action=action, reasons=[reason])], [instance()])

    assert found(told) == {"differs": 1}
    assert told["differs"][0]["reasons"] == [reason]
    assert told["differs"][0]["why"] != [reason]
    assert told["sentence"] == "The platform is not as the list says: 1 different."


def test_what_shall_not_be_there_is_neither_invalid_nor_disabled() -> None:
    told = report([item(action="deleted", reasons=["found"])], [instance(valid=False, enabled=False)])

    assert found(told) == {"differs": 1}


def test_what_is_invalid_is_told() -> None:
    told = report([item(action="updated", reasons=["invalid"])], [instance(valid=False)])

    assert found(told) == {"differs": 1, "invalid": 1}


@pytest.mark.parametrize(("wanted", "count"), [(None, 1), (False, 0), (True, 0)])
def test_what_is_disabled_is_told_unless_the_list_speaks_of_it(wanted: bool | None, count: int) -> None:
    told = report([item(desired_enabled=wanted)], [instance(enabled=False)])

    assert told["counts"]["disabled"] == count


def test_an_item_that_matches_several_is_told_once() -> None:
    failed = item(number=None, failed=True, msg="2 instances have this element and name")
    told = report([failed], [instance(number=7), instance(number=8)])

    assert found(told) == {"duplicated": 1}
    assert told["duplicated"] == [{"element": CRM, "name": "Acme", "ids": [7, 8]}]
    assert told["lines"][-1] == '  autotaskcrm "Acme" (id 7, 8)'


def test_duplicates_that_the_list_tells_apart_are_none() -> None:
    there = [instance(number=7), instance(number=8)]

    assert found(report([item(number=7), item(number=8)], there)) == {}
    assert found(report([item(number=7)], there)) == {"duplicated": 1}


def test_duplicates_of_another_owner_are_not_told() -> None:
    there = [instance("Theirs", 7, owner="them"), instance("Theirs", 8)]

    assert found(report([item("Ours", 9)], [*there, instance("Ours", 9)], owner="us")) == {}
    assert found(report([item("Ours", 9)], [*there, instance("Ours", 9)])) == {"duplicated": 1}


@pytest.mark.parametrize(("owner", "names"), [(None, ["A", "B"]), ("", ["A", "B"]), ("us", ["B"]), ("others", [])])
def test_what_is_not_in_the_list_is_unmanaged(owner: str | None, names: list[str]) -> None:
    told = report([item()], [instance(), instance("A", 8), instance("B", 9, owner="us")], owner)

    assert [each["name"] for each in told["unmanaged"]] == names


def test_what_could_not_be_checked_is_told_with_its_sentence_and_is_not_unmanaged() -> None:
    told = report([item(number=None, failed=True, msg='autotaskcrm "Acme": No.')], [instance()])

    assert found(told) == {"failed": 1}
    assert told["failed"] == [{"element": CRM, "name": "Acme", "id": None, "msg": 'autotaskcrm "Acme": No.'}]
    assert told["lines"][1:] == ["Could not be checked (1):", '  autotaskcrm "Acme": No.']
    assert told["as_described"] == 0


def test_what_failed_by_its_id_is_not_unmanaged() -> None:
    told = report([item(None, 7, element=None, failed=True, msg="No.")], [instance(owner="them")])

    assert found(told) == {"failed": 1}


def test_what_would_be_pruned_is_unmanaged() -> None:
    told = report([item(), item("Old", 8, "deleted", reasons=["pruned"])], [instance(), instance("Old", 8)])

    assert found(told) == {"unmanaged": 1}
    assert told["checked"] == 1


def test_the_sentence_counts_each_kind() -> None:
    told = report(
        [item(number=None, action="created"), item("B", 8, "updated", reasons=["tags", "name"])],
        [instance("B", 8), instance("C", 9), instance("D", 10)],
    )

    assert told["sentence"] == "The platform is not as the list says: 1 missing, 1 different, 2 unmanaged."
    assert told["sections"][1]["rows"] == [{"element": CRM, "name": "B", "id": "8", "more": "other tags, another name"}]


@pytest.mark.parametrize(
    ("checked", "listed", "says"),
    [
        ({}, {}, "the result of ce_instances"),
        ({"instances": [], "summary": {"unchanged": 1}}, {}, "return_all"),
        ({"instances": [{"reasons": []}], "summary": {"unchanged": 1}}, {}, "return_all"),
        ({"instances": [], "summary": {}}, {}, "the result of ce_instance_info"),
    ],
)
def test_other_results_are_refused(checked: dict[str, Any], listed: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        drift(checked, listed)
    with pytest.raises(AnsibleFilterError, match=says):
        drift_report(checked, listed)


def test_each_line_of_the_report_is_one_printable_line() -> None:
    forged = "Acme\n  forged\x1b[2K\u202e"
    told = report(
        [item(forged, None, "created"), item("B", 8, failed=True, msg=f"B: {forged}")],
        [instance(forged, 9, owner=forged), instance("B", 8, valid=False)],
    )

    assert all(line.isprintable() for line in told["lines"])
    assert all(text.isprintable() for section in told["sections"] for row in section["rows"] for text in row.values())
    assert "Acme\\n  forged\\x1b[2K\\u202e" in str(told["lines"][2]).replace("\\\\", "\\")
    assert told["missing"][0]["name"] == forged
