# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report for each kind of drift, and for none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.cloud_elements.platform.plugins.filter.drift_report import drift_report
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._drift import drift
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._drift_sections import (
    KINDS,
    LARGEST_SHOWN,
    NEXT,
    NEXT_BY_REASON,
    REASONS,
    TABLE_FROM,
)

CRM = "autotaskcrm"
NOTHING = dict.fromkeys(KINDS, 0)
BASE_URL = "https://api.example.com/elements/api-v2"


def item(name: str | None = "Acme", number: int | None = 7, action: str = "none", **more: Any) -> dict[str, Any]:
    """Return what ce_instances says of an item, in check mode."""
    said = {"name": name, "element": CRM, "id": number, "action": action, "reasons": [], "desired_enabled": None}
    return {**said, "changed": action != "none", "instance": None, **more}


def instance(name: str = "Acme", number: int = 7, **more: Any) -> dict[str, Any]:
    """Return what ce_instance_info says of an instance."""
    return {"name": name, "element": CRM, "id": number, "owner": None, "enabled": True, "valid": True, **more}


def report(
    items: Sequence[dict[str, Any]], there: Sequence[dict[str, Any]], owner: str | None = None, **more: Any
) -> dict[str, Any]:
    """Return the report.

    :param more: what the listing says besides
    """
    names: dict[str, list[int]] = {}
    for each in there:
        names.setdefault(each["name"], []).append(each["id"])
    duplicates = [{"element": CRM, "name": name, "ids": ids} for name, ids in names.items() if len(ids) > 1]
    checked = {"instances": items, "summary": {"unchanged": len(items)}}
    return drift(checked, {"instances": there, "duplicates": duplicates, "base_url": BASE_URL, **more}, owner)


def found(said: dict[str, Any]) -> dict[str, int]:
    """Return how many findings of each kind there are, without the kinds that have none."""
    return {kind: number for kind, number in said["counts"].items() if number}


def steps(said: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return what is to be done about the findings of one kind."""
    (section,) = [section for section in said["sections"] if section["kind"] == kind]
    return list(section["steps"])


def differing(*reasons: str, name: str = "Acme", number: int = 7) -> dict[str, Any]:
    return item(name, number, "deleted" if "found" in reasons else "updated", reasons=list(reasons))


# What is compared


def test_a_list_that_matches_has_no_drift() -> None:
    said = report([item()], [instance()])

    assert not said["drift"]
    assert said["counts"] == NOTHING
    assert said["sentence"] == "No drift found."
    assert said["lines"] == ["No drift found.", "all owners on api.example.com: 1 of 1 listed instances match."]
    assert said["sections"] == said["diff"] == []
    assert (said["checked"], said["as_described"]) == (1, 1)


def test_an_empty_list_and_an_empty_platform_have_no_drift() -> None:
    said = report([], [])

    assert not said["drift"]
    assert said["lines"] == ["No drift found.", "all owners on api.example.com: the list is empty."]
    assert said["totals"] == []


def test_an_instance_that_a_run_would_create_is_missing() -> None:
    said = report([item(number=None, action="created", reasons=["not_found"])], [])

    assert said["drift"]
    assert said["missing"] == [{"element": CRM, "name": "Acme", "id": None}]
    assert found(said) == {"missing": 1}
    assert said["lines"][2:] == ["Missing (1):", '  AutoTask CRM "Acme" (autotaskcrm)', f"  Next: {NEXT['missing']}"]


@pytest.mark.parametrize("reason", ["tags", "found"])
def test_an_instance_that_a_run_would_change_is_different_with_its_reasons(reason: str) -> None:
    said = report([differing(reason)], [instance()])

    assert found(said) == {"differs": 1}
    assert said["differs"][0]["reasons"] == [reason]
    assert said["differs"][0]["why"] == [REASONS[reason]]
    assert said["sentence"] == "Drift found: 1 different."
    assert said["lines"][3] == f'  AutoTask CRM "Acme" (autotaskcrm, id 7): {REASONS[reason]}'


def test_an_instance_that_is_listed_as_absent_is_neither_invalid_nor_disabled() -> None:
    said = report([differing("found")], [instance(valid=False, enabled=False)])

    assert found(said) == {"differs": 1}


def test_an_invalid_instance_is_different_and_invalid() -> None:
    said = report([differing("invalid")], [instance(valid=False)])

    assert found(said) == {"differs": 1, "invalid": 1}


@pytest.mark.parametrize(("desired", "count"), [(None, 1), (False, 0), (True, 0)])
def test_a_disabled_instance_is_reported_unless_the_list_sets_enabled(desired: bool | None, count: int) -> None:
    said = report([item(desired_enabled=desired)], [instance(enabled=False)])

    assert said["counts"]["disabled"] == count
    assert said["as_described"] == 1 - count


def test_an_item_that_matches_several_instances_is_reported_once() -> None:
    failed = item(number=None, failed=True, msg="2 instances have this element and name")
    said = report([failed], [instance(number=7), instance(number=8)])

    assert found(said) == {"duplicated": 1}
    assert said["duplicated"] == [{"element": CRM, "name": "Acme", "ids": [7, 8]}]
    assert '  AutoTask CRM "Acme" (autotaskcrm, ids 7, 8)' in said["lines"]


@pytest.mark.parametrize("number", [None, 7])
def test_a_duplicate_that_is_invalid_or_disabled_counts_as_both(number: int | None) -> None:
    failed = {"failed": True, "msg": "2 instances have this element and name"} if number is None else {}
    there = [instance(number=7), instance(number=8, valid=False, enabled=False)]

    assert found(report([item(number=number, **failed)], there)) == {"invalid": 1, "disabled": 1, "duplicated": 1}
    said = report([item(number=number, desired_enabled=False, **failed)], there)
    assert found(said) == {"invalid": 1, "duplicated": 1}
    assert [each["id"] for each in said["invalid"]] == [8]


def test_duplicates_that_the_list_names_by_their_ids_are_none() -> None:
    there = [instance(number=7), instance(number=8)]

    assert found(report([item(number=7), item(number=8)], there)) == {}
    said = report([item(number=7)], there)
    assert found(said) == {"duplicated": 1}
    assert said["as_described"] == 0


def test_duplicates_of_another_owner_are_not_reported() -> None:
    there = [instance("Theirs", 7, owner="them"), instance("Theirs", 8)]

    assert found(report([item("Ours", 9)], [*there, instance("Ours", 9)], owner="us")) == {}
    assert found(report([item("Ours", 9)], [*there, instance("Ours", 9)])) == {"duplicated": 1}


@pytest.mark.parametrize(("owner", "names"), [(None, ["A", "B"]), ("", ["A", "B"]), ("us", ["B"]), ("others", [])])
def test_an_instance_that_is_not_in_the_list_is_reported_if_it_has_the_owner(
    owner: str | None, names: list[str]
) -> None:
    said = report([item()], [instance(), instance("A", 8), instance("B", 9, owner="us")], owner)

    assert [each["name"] for each in said["unmanaged"]] == names


def test_an_item_that_could_not_be_checked_is_reported_with_its_cause_and_is_in_the_list() -> None:
    said = report([item(number=None, failed=True, msg='autotaskcrm "Acme": No.')], [instance()])

    assert found(said) == {"failed": 1}
    assert said["failed"] == [
        {"element": CRM, "name": "Acme", "id": None, "msg": 'autotaskcrm "Acme": No.', "cause": "No."}
    ]
    assert said["lines"][2:4] == ["Not checked (1):", '  AutoTask CRM "Acme" (autotaskcrm): No.']
    assert said["as_described"] == 0


@pytest.mark.parametrize(
    ("named", "message", "cause"),
    [
        ({}, 'autotaskcrm "Acme" (id 7): No.', "No."),
        ({"name": None}, "autotaskcrm (id 7): No.", "No."),
        ({"name": None, "element": None}, "instance (id 7): No.", "No."),
        ({}, "Something else.", "Something else."),
    ],
)
def test_a_cause_is_the_message_without_the_instance_at_its_start(
    named: dict[str, Any], message: str, cause: str
) -> None:
    (failed,) = report([{**item(failed=True, msg=message), **named}], [instance()])["failed"]

    assert (failed["msg"], failed["cause"]) == (message, cause)


def test_an_item_that_is_listed_by_its_id_has_the_name_of_its_instance() -> None:
    said = report([{**differing("found"), "name": None, "element": None}], [instance()])

    assert said["differs"][0]["name"] == "Acme"
    assert said["lines"][3].startswith('  AutoTask CRM "Acme" (autotaskcrm, id 7): ')


def test_an_item_without_any_name_is_called_an_instance() -> None:
    said = report([item(None, 7, element=None, failed=True, msg="instance (id 7): No.")], [])

    assert said["lines"][3] == "  instance (id 7): No."


def test_what_failed_by_its_id_is_in_the_list() -> None:
    said = report([item(None, 7, element=None, failed=True, msg="No.")], [instance(owner="them")])

    assert found(said) == {"failed": 1}


def test_what_a_run_would_prune_is_not_in_the_list() -> None:
    said = report([item(), item("Old", 8, "deleted", reasons=["pruned"])], [instance(), instance("Old", 8)])

    assert found(said) == {"unmanaged": 1}
    assert said["checked"] == 1


def test_the_sentence_counts_each_kind() -> None:
    said = report(
        [item(number=None, action="created"), item("B", 8, "updated", reasons=["tags", "name"])],
        [instance("B", 8), instance("C", 9), instance("D", 10)],
    )

    assert said["sentence"] == "Drift found: 1 missing, 1 different, 2 not in the list."
    assert [section["heading"] for section in said["sections"]] == [
        "Missing (1)",
        "Different (1)",
        "Not in the list (2)",
    ]
    more = "different tags, different name"
    assert said["sections"][1]["rows"] == [{"element": CRM, "name": "B", "id": "8", "more": more}]


def test_the_totals_begin_with_what_matches_and_leave_out_zeros() -> None:
    items = [item(), *(item(f"New {number}", None, "created") for number in range(1000))]
    said = report(items, [instance()])

    assert said["totals"] == [
        {"kind": "matching", "count": 1, "text": "1 match"},
        {"kind": "missing", "count": 1000, "text": "1,000 missing"},
    ]
    assert said["match"] == "1 of 1,001 listed instances match."


# The title


@pytest.mark.parametrize(
    ("items", "owner", "base_url", "title"),
    [
        ([], None, BASE_URL, "No drift: all owners on api.example.com"),
        ([], "acme", "http://127.0.0.1:8765/elements/api-v2", "No drift: acme on 127.0.0.1:8765"),
        ([item(number=None, action="created")], "acme", BASE_URL, "Drift: acme on api.example.com"),
        ([], "acme", None, "No drift: acme"),
        ([], "ac\nme", BASE_URL, "No drift: ac\\nme on api.example.com"),
    ],
)
def test_the_title_names_the_owner_and_the_platform(
    items: list[dict[str, Any]], owner: str | None, base_url: str | None, title: str
) -> None:
    assert report(items, [], owner, base_url=base_url)["title"] == title


def test_the_report_has_the_platform_and_the_owner_for_programs() -> None:
    assert [report([], [], "acme")[name] for name in ("platform", "owner")] == ["api.example.com", "acme"]
    assert [report([], [], "", base_url=None)[name] for name in ("platform", "owner")] == [None, None]


# The names of elements


@pytest.mark.parametrize(
    ("element", "name"),
    [
        ("autotaskcrm", "AutoTask CRM"),
        ("autotaskhelpdesk", "AutoTask Helpdesk"),
        ("actessentials", "Act! 365"),
        ("servicenow", "ServiceNow"),
        ("unknown", ""),
    ],
)
def test_an_element_has_the_name_of_its_profile_or_of_the_platform(element: str, name: str) -> None:
    names = {"servicenow": "ServiceNow", "actessentials": "Act! Essentials"}
    said = report([item(number=None, action="created", element=element)], [], element_names=names)

    ((group,),) = [step["groups"] for step in steps(said, "missing")]
    assert (group["element"], group["element_name"]) == (element, name)
    assert said["lines"][3] == (f'  {name} "Acme" ({element})' if name else f'  {element} "Acme"')


# What to do next


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        (["tags"], NEXT["differs"]),
        (["of a newer release"], NEXT["differs"]),
        (["tags", "invalid"], NEXT["invalid"]),
        (["not_verified"], NEXT["invalid"]),
        (["stamp_key_changed"], NEXT_BY_REASON["stamp_key_changed"]),
        (["found"], NEXT_BY_REASON["found"]),
        (["always"], NEXT_BY_REASON["always"]),
        (["always", "tags"], NEXT["differs"]),
    ],
)
def test_the_reasons_of_a_difference_decide_what_to_do_next(reasons: list[str], text: str) -> None:
    (step,) = steps(report([differing(*reasons)], [instance()]), "differs")

    assert step["next"] == text


@pytest.mark.parametrize(("owner", "text"), [(None, NEXT["unmanaged"]), ("us", NEXT["unmanaged_by_owner"])])
def test_only_the_instances_of_an_owner_can_be_pruned(owner: str | None, text: str) -> None:
    (step,) = steps(report([], [instance(owner="us")], owner), "unmanaged")

    assert step["next"] == text
    assert step["groups"][0]["more"] == ("" if owner else "owner us")


def test_every_finding_says_what_to_do_next() -> None:
    failed = item("Wrong", None, failed=True, msg="No.")
    twice = item("Twice", None, failed=True, msg="2 instances")
    said = report(
        [item("New", None, "created"), differing("tags"), item("Off", 8), failed, twice],
        [instance(), instance("Off", 8, enabled=False, valid=False), instance("Old", 9)]
        + [instance("Twice", number) for number in (10, 11)],
    )

    assert set(found(said)) == set(KINDS)
    for section in said["sections"]:
        assert sum(step["count"] for step in section["steps"]) == len(section["rows"])
        assert {step["next"] for step in section["steps"]} <= set(NEXT.values())
    assert [line for line in said["lines"] if line.startswith("  Next: ")] == [
        f"  Next: {step['next']}" for section in said["sections"] for step in section["steps"]
    ]


# Groups


def test_instances_that_differ_in_the_same_way_are_one_group_and_the_largest_comes_first() -> None:
    names = [f"Customer {number}" for number in range(40)]
    alike = [differing("tags", name=name, number=100 + number) for number, name in enumerate(names)]
    said = report([differing("name"), *alike], [])

    (step,) = steps(said, "differs")
    first, second = step["groups"]
    assert (first["count"], first["size"], first["more"]) == (40, "40 instances", "different tags")
    assert [each["name"] for each in first["instances"]] == names
    assert first["instances"][0] == {"name": "Customer 0", "id": "100", "numbers": "id 100"}
    assert (second["count"], second["size"]) == (1, "")
    assert (step["count"], step["as_table"], step["largest"]) == (41, False, [])


def test_instances_that_need_different_things_are_different_steps() -> None:
    said = report([differing("tags"), differing("invalid", name="B", number=8)], [])

    assert [step["next"] for step in steps(said, "differs")] == [NEXT["differs"], NEXT["invalid"]]


@pytest.mark.parametrize(("count", "as_table"), [(TABLE_FROM - 1, False), (TABLE_FROM, True)])
def test_many_findings_are_a_table(count: int, as_table: bool) -> None:
    said = report([item(f"Customer {number}", None, "created") for number in range(count)], [])

    (step,) = steps(said, "missing")
    assert step["as_table"] is as_table
    assert step["largest"] == ([f"{count} instances of AutoTask CRM (autotaskcrm)"] if as_table else [])
    assert (step["has_ids"], step["has_more"]) == (False, False)


def test_a_table_names_the_largest_groups_and_no_single_instances() -> None:
    reasons = [name for name in REASONS if name not in NEXT_BY_REASON]
    alike = [
        differing(reason, name=f"{reason} {number}", number=1000 * place + number)
        for place, reason in enumerate(reasons, 1)
        for number in range(10 - place % 2)
    ]
    said = report([*alike, differing("tags", "name", name="alone")], [])

    (step,) = steps(said, "differs")
    assert (step["has_ids"], step["has_more"]) == (True, True)
    assert len(step["largest"]) == LARGEST_SHOWN < len(reasons)
    assert step["largest"][0].startswith("10 instances of AutoTask CRM (autotaskcrm): ")
    assert "alone" in str(step["groups"])


# The diff


def test_the_diffs_of_the_items_are_lines() -> None:
    label = 'autotaskcrm "Acme"'
    changed = {"before_header": label, "after_header": label, "before": {"tags": ["a"]}, "after": {"tags": ["b\x1b"]}}
    created = {"before_header": label, "after_header": label, "before": {}, "after": {"name": "Acme"}}
    checked = {"instances": [], "summary": {}, "diff": [changed, created, {"prepared": "and 1 more\n"}]}

    assert drift(checked, {"instances": [], "duplicates": []})["diff"] == [
        f"--- before: {label}",
        f"+++ after: {label}",
        "@@ -1,5 +1,5 @@",
        " {",
        '   "tags": [',
        '-    "a"',
        '+    "b\\u001b"',
        "   ]",
        " }",
        f"--- before: {label}",
        f"+++ after: {label}",
        "@@ -0,0 +1,3 @@",
        "+{",
        '+  "name": "Acme"',
        "+}",
        "and 1 more",
    ]


# What may be asked, and what is said


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
    said = report(
        [item(forged, None, "created", element="other"), item("B", 8, failed=True, msg=f"B: {forged}")],
        [instance(forged, 9, owner=forged), instance("B", 8, valid=False)],
        element_names={"other": forged},
    )

    assert all(line.isprintable() for line in said["lines"])
    texts = [text for section in said["sections"] for row in section["rows"] for text in row.values()]
    texts += [group["element_name"] for step in steps(said, "missing") for group in step["groups"]]
    assert all(text.isprintable() for text in texts)
    assert "Acme\\n  forged\\x1b[2K\\u202e" in said["lines"][3]
    assert said["missing"][0]["name"] == forged


DIFFS = [
    {
        "before_header": f'{CRM} "{name}" (id {number})',
        "after_header": "",
        "before": {"tags": []},
        "after": {"tags": [name]},
    }
    for name, number in (("One", 1), ("Two", 2))
]


def report_about(number: int) -> dict[str, Any]:
    """Return the report about one instance of an account with each kind of drift."""
    items = [
        item("One", 1, "updated", reasons=["tags"]),
        item("Two", 2, "updated", reasons=["tags"]),
        item("Same", 3),
        item("Twice", None, failed=True, msg="several match"),
        item("Broken", None, failed=True, msg="bad option"),
        item("Missing", None, "created", reasons=["not_found"]),
    ]
    there = [
        *(instance("One", 1), instance("Two", 2, valid=False), instance("Same", 3), instance("By hand", 6)),
        *(instance("Twice", 4), instance("Twice", 5), instance("Broken", 7)),
    ]
    duplicates = [{"element": CRM, "name": "Twice", "ids": [4, 5]}]
    checked = {"instances": items, "summary": {"unchanged": 1}, "diff": DIFFS}
    return drift(checked, {"instances": there, "duplicates": duplicates, "base_url": BASE_URL}, None, number)


@pytest.mark.parametrize(
    ("number", "counts", "scope"),
    [
        (1, {"differs": 1}, "instance 1 on api.example.com: 0 of 1 listed instances match."),
        (2, {"differs": 1, "invalid": 1}, "instance 2 on api.example.com: 0 of 1 listed instances match."),
        (3, {}, "instance 3 on api.example.com: 1 of 1 listed instances match."),
        (5, {"duplicated": 1}, "instance 5 on api.example.com: not in the list, or not checked."),
        (6, {"unmanaged": 1}, "instance 6 on api.example.com: not in the list, or not checked."),
        (7, {"failed": 1}, "instance 7 on api.example.com: not in the list, or not checked."),
        (99, {}, "instance 99 on api.example.com: not in the list, or not checked."),
    ],
)
def test_a_report_about_one_instance_leaves_out_the_others(number: int, counts: dict[str, int], scope: str) -> None:
    said = report_about(number)

    assert found(said) == counts
    assert said["drift"] is bool(counts)
    assert said["lines"][1] == scope
    names = {1: "One", 2: "Two"}
    assert [line.strip() for line in said["diff"] if line.endswith(('"One"', '"Two"'))] == [
        f'+    "{names[each]}"' for each in names if each == number
    ]


def test_the_filter_takes_an_id_as_a_string_and_an_empty_one_for_none() -> None:
    checked = {"instances": [item("One", 1), item("Two", 2)], "summary": {"unchanged": 2}}
    listed = {"instances": [instance("One", 1), instance("Two", 2)], "duplicates": [], "base_url": BASE_URL}

    assert [drift_report(checked, listed, instance_id=number)["checked"] for number in ("2", 2, "", None)] == [
        1,
        1,
        2,
        2,
    ]
