# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far the platform is from the list, for people. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._model.errors import BadInput
from ..module_utils._model.redact import one_line

KINDS: Mapping[str, tuple[str, str]] = {
    "missing": ("missing", "In the list, and not there"),
    "differs": ("different", "There, and not as the list says"),
    "invalid": ("invalid", "There, and Cloud Elements does not believe in the credentials"),
    "disabled": ("disabled", "Disabled, and the list does not say so"),
    "duplicated": ("duplicated", "Several of one element and name"),
    "unmanaged": ("unmanaged", "There, and not in the list"),
    "failed": ("failed", "Could not be checked"),
}
"""Each kind of drift: the word that a sentence counts it with, and what it means."""

REASONS: Mapping[str, str] = {
    "found": "the list says that it shall not be there",
    "secrets_changed": "other secrets were sent last time",
    "not_stamped": "made by hand: its secrets are not known",
    "stamp_key_changed": "stamped with another stamp key",
    "stamp_unreadable": "its stamp cannot be read",
    "not_verified": "the vendor refused its credentials last time",
    "credentials": "a user name, server URL or readable key differs",
    "invalid": "Cloud Elements does not believe in its credentials",
    "always": "its secrets are sent on each run",
    "name": "another name",
    "configuration": "another configuration",
    "tags": "other tags",
    "owner": "another owner",
    "enabled": "enabled or disabled otherwise",
}
"""What the reasons of ce_instances mean."""


def drift(checked: Mapping[str, Any], listed: Mapping[str, Any], owner: str | None = None) -> dict[str, Any]:
    """Return the report.

    :param checked: the result of ``ce_instances`` in check mode, with all items
    :param listed: the result of ``ce_instance_info``, of all instances
    :param owner: whose instances count as unmanaged; None counts all
    :raises BadInput: one of the results is something else
    """
    items = _items(checked)
    if not isinstance(listed.get("instances"), (list, tuple)):
        raise BadInput("drift_report needs the result of ce_instance_info: give it as the first argument.")
    there = {each["id"]: each for each in listed["instances"]}
    managed = {item["id"]: item for item in items if item["id"] is not None}
    kept = {number: item for number, item in managed.items() if number in there and item["action"] != "deleted"}
    duplicated = _duplicated(items, listed["duplicates"], owner, there, managed)
    # An item that matches several instances fails because of that.
    several = {(each["element"], each["name"]) for each in duplicated}
    failed = [item for item in items if item.get("failed") and not (item["id"] is None and _name(item) in several)]
    # What could not be checked is in the list all the same.
    named = {_name(item) for item in items}
    found = {
        "missing": [_told(item) for item in items if item["action"] == "created" and not item.get("failed")],
        "differs": [
            {**_told(item), "reasons": item["reasons"], "why": [REASONS.get(each, each) for each in item["reasons"]]}
            for item in items
            if item["action"] in ("updated", "deleted") and not item.get("failed")
        ],
        "invalid": [_told(there[number]) for number in kept if not there[number]["valid"]],
        "disabled": [
            _told(there[number])
            for number, item in kept.items()
            if not there[number]["enabled"] and item["desired_enabled"] is None
        ],
        "duplicated": duplicated,
        "unmanaged": [
            {**_told(each), "owner": each["owner"]}
            for number, each in there.items()
            if number not in managed and _name(each) not in named | several and owner in (None, "", each["owner"])
        ],
        "failed": [{**_told(item), "msg": item["msg"]} for item in failed],
    }
    counts = {kind: len(entries) for kind, entries in found.items()}
    report = {
        "drift": any(counts.values()),
        "sentence": _sentence(counts, len(items)),
        "checked": len(items),
        "as_described": sum(item["action"] == "none" and not item.get("failed") for item in items),
        "counts": counts,
        **found,
    }
    sections = [
        {"kind": kind, "title": meaning, "rows": [_row(each) for each in report[kind]]}
        for kind, (_word, meaning) in KINDS.items()
        if report[kind]
    ]
    return {**report, "sections": sections, "lines": [report["sentence"], *_lines(sections)]}


def _items(checked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the items of the list, without what would be pruned."""
    items, summary = checked.get("instances"), checked.get("summary")
    if not isinstance(items, (list, tuple)) or not isinstance(summary, Mapping):
        raise BadInput("drift_report needs the result of ce_instances: run it in check mode before.")
    if len(items) != sum(summary.values()) or any("desired_enabled" not in item for item in items):
        raise BadInput("drift_report needs each item of ce_instances: run it with return_all true.")
    return [item for item in items if "pruned" not in item["reasons"]]


def _duplicated(
    items: Sequence[Mapping[str, Any]],
    duplicates: Sequence[Mapping[str, Any]],
    owner: str | None,
    there: Mapping[int, Mapping[str, Any]],
    managed: Mapping[int, Any],
) -> list[dict[str, Any]]:
    """Return the instances of one element and name, but for those that the list tells apart by their ids."""
    names = {_name(item) for item in items}

    def concerns(each: Mapping[str, Any]) -> bool:
        mine = any(owner in (None, "", there[number]["owner"]) for number in each["ids"] if number in there)
        return not managed.keys() >= set(each["ids"]) and (mine or _name(each) in names)

    return [
        {"element": each["element"], "name": each["name"], "ids": each["ids"]} for each in filter(concerns, duplicates)
    ]


def _name(each: Mapping[str, Any]) -> tuple[Any, Any]:
    return each["element"], each["name"]


def _told(each: Mapping[str, Any]) -> dict[str, Any]:
    return {"element": each["element"], "name": each["name"], "id": each["id"]}


def _sentence(counts: Mapping[str, int], items: int) -> str:
    parts = [f"{number} {KINDS[kind][0]}" for kind, number in counts.items() if number]
    if not parts:
        return f"The platform is as the list says: {items} instances."
    return f"The platform is not as the list says: {', '.join(parts)}."


def _row(each: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of one entry, each in one line."""
    ids = each.get("ids") or [each["id"]]
    more = [*each.get("why", ()), *([f"owner {each['owner']}"] if each.get("owner") else []), each.get("msg", "")]
    return {
        "element": one_line(each["element"] or ""),
        "name": one_line(each["name"] or ""),
        "id": ", ".join(str(number) for number in ids if number is not None),
        "more": one_line(", ".join(filter(None, more))),
    }


def _lines(sections: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for section in sections:
        lines.append(f"{section['title']} ({len(section['rows'])}):")
        for row in section["rows"]:
            label = f'{row["element"] or "instance"} "{row["name"]}"' + (f" (id {row['id']})" if row["id"] else "")
            # The sentence of a failure names the instance.
            told = row["more"] if section["kind"] == "failed" else ": ".join(filter(None, (label, row["more"])))
            lines.append(f"  {told}")
    return lines
