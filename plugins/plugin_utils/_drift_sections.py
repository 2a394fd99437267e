# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describe the findings of drift: the meaning of each, the next step, and equal ones together. Pure. Private."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..module_utils._model.redact import one_line
from ..module_utils._model.vendors import element_title

TABLE_FROM = 50
"""Minimum number of findings with the same next step that the page shows as a table. Fewer are cards."""

LARGEST_SHOWN = 8
"""Maximum number of groups that are named above a table."""


@dataclass(frozen=True)
class Kind:
    """A kind of drift."""

    label: str
    """Its name in a sentence, after a number."""
    title: str
    meaning: str
    noun: str = "instances"
    """The noun for a group of equal findings."""


KINDS: Mapping[str, Kind] = {
    "missing": Kind("missing", "Missing", "Listed, but not on the platform."),
    "differs": Kind("different", "Different", "On the platform, but not as listed."),
    "invalid": Kind("invalid", "Invalid", "Cloud Elements reports the credentials as invalid."),
    "disabled": Kind("disabled", "Disabled", "Disabled on the platform, although the list does not ask for it."),
    "duplicated": Kind("duplicated", "Duplicates", "Several instances have the same element and name.", "names"),
    "unmanaged": Kind("not in the list", "Not in the list", "On the platform, but not in the list."),
    "failed": Kind("not checked", "Not checked", "These items of the list could not be compared.", "items"),
}
"""Each kind of drift, in the order of the report."""

REASONS: Mapping[str, str] = {
    "found": "listed as absent",
    "secrets_changed": "the secrets in the list are not the ones last sent",
    "not_stamped": "created by hand: its secrets cannot be compared",
    "stamp_key_changed": "stamped with another stamp key",
    "stamp_unreadable": "its stamp cannot be read",
    "not_verified": "its credentials could not be verified last time",
    "credentials": "different user name, server URL or readable key",
    "invalid": "Cloud Elements reports its credentials as invalid",
    "always": "its secrets are sent on every run",
    "name": "different name",
    "configuration": "different configuration",
    "tags": "different tags",
    "owner": "different owner",
    "enabled": "enabled or disabled, unlike the list",
}
"""The reasons of ce_instances in words."""

NEXT: Mapping[str, str] = {
    "missing": "Run the playbook provision to create it, or remove it from the list.",
    "differs": "Run the playbook provision to apply the list, or change the list to match the platform.",
    "invalid": "Check the credentials with the vendor, correct them in the list, and run the playbook provision.",
    "disabled": "Add enabled: true to the item and run the playbook provision, or enabled: false to keep it disabled.",
    "duplicated": (
        "Keep one: give its id in the list. Delete the others, each by its id with state: absent, or in Cloud Elements."
    ),
    "unmanaged": (
        "Add it to the list; the playbook export writes the entry. Or delete it by its id with state: absent. "
        "To report only your own instances, set instances_owner."
    ),
    "unmanaged_by_owner": (
        "Add it to the list; the playbook export writes the entry. Or run the playbook provision with "
        "instances_prune: true, which deletes instances of the owner that are not in the list."
    ),
    "failed": "Correct what the message names, and run the playbook drift again.",
}
"""The next step for each kind, with another text if the report is about one owner."""

NEXT_BY_REASON: Mapping[str, str] = {
    "found": "Run the playbook provision to delete it, or remove state: absent from the item.",
    "invalid": NEXT["invalid"],
    "not_verified": NEXT["invalid"],
    "stamp_key_changed": (
        "Use the stamp key of the last run. If you replaced it, run the playbook provision, which sends the secrets "
        "again."
    ),
    "always": "Nothing to do: with update_secrets: always, the playbook provision sends the secrets on every run.",
}
"""Next steps for certain reasons. The first one that applies is used, and ``always`` only if it is the only reason."""


def build_sections(
    findings: Mapping[str, Sequence[Mapping[str, Any]]], element_names: Mapping[str, str], owner: str | None
) -> list[dict[str, Any]]:
    """Return a section for each kind that has findings.

    :param findings: the findings of each kind
    :param element_names: the platform's names of the elements
    :param owner: the owner of the report's instances; None or '' for all owners
    """
    return [
        _section(kind, [_row(kind, finding, element_names, owner) for finding in findings[kind]])
        for kind in KINDS
        if findings[kind]
    ]


def report_lines(sections: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the sections as lines for a terminal."""
    for section in sections:
        yield f"{section['heading']}:"
        for step in section["steps"]:
            for group in step["groups"]:
                yield from (f"  {_line(group, instance)}" for instance in group["instances"])
            yield f"  Next: {step['next']}"


def count_by_kind(counts: Mapping[str, int]) -> str:
    """Return the kinds with findings as part of a sentence; '' for none."""
    return ", ".join(f"{number:,} {KINDS[kind].label}" for kind, number in counts.items() if number)


def totals_of(matching: int, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the number of matching items and of findings of each kind, without zeros."""
    labels = {"matching": "match", **{kind: each.label for kind, each in KINDS.items()}}
    numbers = {"matching": matching, **counts}
    return [
        {"kind": kind, "count": numbers[kind], "text": f"{numbers[kind]:,} {label}"}
        for kind, label in labels.items()
        if numbers[kind]
    ]


def _section(kind: str, rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    groups = _groups(rows, KINDS[kind].noun)
    return {
        "kind": kind,
        "title": KINDS[kind].title,
        "heading": f"{KINDS[kind].title} ({len(rows):,})",
        "meaning": KINDS[kind].meaning,
        # A row does not repeat the texts of its step and group, because a report may have thousands of rows.
        "rows": [{name: row[name] for name in ("element", "name", "id", "more")} for row in rows],
        "steps": [
            _step(text, [group for group in groups if group["next"] == text])
            for text in dict.fromkeys(group["next"] for group in groups)
        ],
    }


def _step(text: str, groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a next step, and the groups that need it."""
    count = sum(group["count"] for group in groups)
    as_table = count >= TABLE_FROM
    alike = [group for group in groups if group["count"] > 1] if as_table else []
    return {
        "next": text,
        "count": count,
        "as_table": as_table,
        "has_ids": any(instance["id"] for group in groups for instance in group["instances"]),
        "has_more": any(group["more"] for group in groups),
        "largest": [_overview(group) for group in alike[:LARGEST_SHOWN]],
        "groups": groups,
    }


def _groups(rows: Sequence[Mapping[str, str]], noun: str) -> list[dict[str, Any]]:
    """Return groups of rows that differ only in the instance, the largest group first."""
    alike: dict[tuple[str, ...], list[dict[str, str]]] = {}
    common = ("element", "element_name", "more", "next")
    for row in rows:
        instances = alike.setdefault(tuple(row[name] for name in common), [])
        instances.append({"name": row["name"], "id": row["id"], "numbers": _numbers(row["id"])})
    groups = [
        {
            **dict(zip(common, key)),
            "count": len(each),
            "size": f"{len(each):,} {noun}" if len(each) > 1 else "",
            "instances": each,
        }
        for key, each in alike.items()
    ]
    return sorted(groups, key=lambda group: -len(group["instances"]))


def _row(kind: str, each: Mapping[str, Any], element_names: Mapping[str, str], owner: str | None) -> dict[str, str]:
    """Return the texts of one finding, each in one line."""
    element = each["element"] or ""
    ids = each.get("ids") or [each["id"]]
    other_owner = each.get("owner") if not owner else None
    more = [*each.get("why", ()), f"owner {other_owner}" if other_owner else "", each.get("cause", "")]
    return {
        "element": one_line(element),
        "element_name": one_line(element_title(element) or element_names.get(element, "")),
        "name": one_line(each["name"] or ""),
        "id": ", ".join(str(number) for number in ids if number is not None),
        "more": one_line(", ".join(filter(None, more))),
        "next": _next(kind, each, owner),
    }


def _numbers(ids: str) -> str:
    """Return ids for people: ``id 7``, ``ids 7, 8``."""
    return f"{'ids' if ',' in ids else 'id'} {ids}" if ids else ""


def _next(kind: str, each: Mapping[str, Any], owner: str | None) -> str:
    """Return the next step for a finding."""
    if kind == "unmanaged" and owner:
        return NEXT["unmanaged_by_owner"]
    reasons = set(each.get("reasons", ()))
    decisive = reasons - {"always"} or reasons
    return next((text for reason, text in NEXT_BY_REASON.items() if reason in decisive), NEXT[kind])


def _overview(group: Mapping[str, Any]) -> str:
    element = f"{group['element_name']} ({group['element']})" if group["element_name"] else group["element"]
    return ": ".join(filter(None, (" of ".join(filter(None, (group["size"], element))), group["more"])))


def _line(group: Mapping[str, Any], instance: Mapping[str, str]) -> str:
    element_label = group["element_name"] or group["element"] or "instance"
    key = group["element"] if group["element_name"] else ""
    name_label = f' "{instance["name"]}"' if instance["name"] else ""
    details = ", ".join(filter(None, (key, instance["numbers"])))
    label = f"{element_label}{name_label}" + (f" ({details})" if details else "")
    return ": ".join(filter(None, (label, group["more"])))
