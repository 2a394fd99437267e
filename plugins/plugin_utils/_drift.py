# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift report: how the instances on the platform differ from a list. Pure. Private to this collection."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from ..module_utils._model.errors import BadInput
from ..module_utils._model.redact import one_line
from ._drift_sections import REASONS, build_sections, count_by_kind, report_lines, totals_of


def drift(
    check_result: Mapping[str, Any],
    info_result: Mapping[str, Any],
    owner: str | None = None,
    instance_id: int | None = None,
) -> dict[str, Any]:
    """Return the report.

    :param check_result: the result of ``ce_instances`` in check mode, with all items
    :param info_result: the result of ``ce_instance_info``, of all instances
    :param owner: whose instances count as unmanaged; None counts all
    :param instance_id: the id of the only instance to report about; None reports about all
    :raises BadInput: one of the results is not as expected
    """
    items = _items(check_result)
    if not isinstance(info_result.get("instances"), (list, tuple)):
        raise BadInput("drift_report needs the result of ce_instance_info as its first argument.")
    comparison = _Comparison(items, info_result["instances"], info_result["duplicates"], owner)
    findings, matching_items, diffs = comparison.findings, comparison.matching(), check_result.get("diff") or ()
    whose, nothing = one_line(owner or "") or "all owners", "the list is empty"
    if instance_id is not None:
        findings = comparison.findings_about(instance_id)
        items, matching_items = (
            [each for each in some if each["id"] == instance_id] for some in (items, matching_items)
        )
        diffs = [diff for diff in diffs if f"(id {instance_id})" in str(diff.get("before_header"))]
        whose, nothing = f"instance {instance_id}", "not in the list, or not checked"
    matching = len(matching_items)
    counts = {kind: len(entries) for kind, entries in findings.items()}
    match_sentence = f"{matching:,} of {len(items):,} listed instances match" if items else nothing
    platform = one_line(urlsplit(info_result.get("base_url") or "").netloc)
    scope = " on ".join(filter(None, (whose, platform)))
    sections = build_sections(findings, info_result.get("element_names") or {}, owner)
    sentence = f"Drift found: {count_by_kind(counts)}." if sections else "No drift found."
    return {
        "drift": bool(sections),
        "title": f"{'Drift' if sections else 'No drift'}: {scope}",
        "platform": platform or None,
        "owner": owner or None,
        "sentence": sentence,
        "match": f"{match_sentence[0].upper()}{match_sentence[1:]}.",
        "checked": len(items),
        "as_described": matching,
        "counts": counts,
        "totals": totals_of(matching, counts),
        **findings,
        "sections": sections,
        "lines": [sentence, f"{scope}: {match_sentence}.", *report_lines(sections)],
        "diff": list(_diff_lines(diffs)),
    }


@dataclass(frozen=True)
class _Comparison:
    """The predicted actions for the items of a list, and the existing instances.

    :param items: the results of `ce_instances` in check mode, one for each item
    :param instances: the instances from `ce_instance_info`
    :param duplicates: the instances that share element and name with another
    :param owner: whose instances count as unmanaged; None counts all
    """

    items: Sequence[Mapping[str, Any]]
    instances: Sequence[Mapping[str, Any]]
    duplicates: Sequence[Mapping[str, Any]]
    owner: str | None

    @cached_property
    def by_id(self) -> Mapping[int, Mapping[str, Any]]:
        """The existing instances by id."""
        return {instance["id"]: instance for instance in self.instances}

    @cached_property
    def managed(self) -> Mapping[int, Mapping[str, Any]]:
        """The items with an existing instance, by its id."""
        return {item["id"]: item for item in self.items if item["id"] is not None}

    @cached_property
    def desired_enabled(self) -> Mapping[tuple[Any, Any], bool | None]:
        """The option `enabled` of each item, by element and name; None if it is unset."""
        return {_name(item): item["desired_enabled"] for item in self.items}

    @cached_property
    def names(self) -> frozenset[tuple[Any, Any]]:
        """The elements and names in the list, including items that could not be checked."""
        return frozenset(map(_name, self.items))

    @cached_property
    def duplicated(self) -> list[dict[str, Any]]:
        """The duplicates, except for those that the list distinguishes by their ids."""
        return [
            {"element": duplicate["element"], "name": duplicate["name"], "ids": duplicate["ids"]}
            for duplicate in self.duplicates
            if self._concerns(duplicate)
        ]

    @cached_property
    def duplicated_names(self) -> frozenset[tuple[Any, Any]]:
        """The elements and names that several instances share."""
        return frozenset(map(_name, self.duplicated))

    def _concerns(self, duplicate: Mapping[str, Any]) -> bool:
        ids = duplicate["ids"]
        is_owned = any(self._is_owned(self.by_id[number]) for number in ids if number in self.by_id)
        return not self.managed.keys() >= set(ids) and (is_owned or _name(duplicate) in self.names)

    def _is_owned(self, instance: Mapping[str, Any]) -> bool:
        return self.owner in (None, "", instance["owner"])

    @cached_property
    def findings(self) -> dict[str, list[dict[str, Any]]]:
        """The entries of each kind. An instance may be in several."""
        return {
            "missing": [self._entry(item) for item in self._items_with_action("created")],
            "differs": [
                {
                    **self._entry(item),
                    "reasons": item["reasons"],
                    "why": [REASONS.get(each, each) for each in item["reasons"]],
                }
                for item in self._items_with_action("updated", "deleted")
            ],
            "invalid": [
                self._entry(instance) for instance, _enabled in self._remaining_instances() if not instance["valid"]
            ],
            "disabled": [
                self._entry(instance)
                for instance, enabled in self._remaining_instances()
                if not instance["enabled"] and enabled is None
            ],
            "duplicated": self.duplicated,
            "unmanaged": [
                {**self._entry(each), "owner": each["owner"]} for each in self.instances if self._is_unmanaged(each)
            ],
            "failed": [
                {**self._entry(item), "msg": item["msg"], "cause": _cause(item)} for item in self._unchecked_items()
            ],
        }

    def findings_about(self, number: int) -> dict[str, list[dict[str, Any]]]:
        """Return the findings about one instance. An item that matches several instances has no id, but their name."""
        name = _name(self.by_id.get(number, {"element": None, "name": None}))
        return {
            kind: [
                entry
                for entry in entries
                if number in (entry.get("id"), *entry.get("ids", ()))
                or (kind == "failed" and entry["id"] is None and _name(entry) == name)
            ]
            for kind, entries in self.findings.items()
        }

    def matching(self) -> list[Mapping[str, Any]]:
        """Return the items that would not be changed, and whose instances have no other finding."""
        findings = self.findings
        reported_ids = {entry["id"] for kind in ("invalid", "disabled") for entry in findings[kind]}
        reported_ids.update(number for entry in self.duplicated for number in entry["ids"])
        return [
            item for item in self._items_with_action("none") if item["id"] is None or item["id"] not in reported_ids
        ]

    def _entry(self, each: Mapping[str, Any]) -> dict[str, Any]:
        """Return the identity of an item or instance. An item with an id may take its name from the instance."""
        actual = self.by_id.get(each["id"], {})
        fields = {key: actual.get(key) if each[key] is None else each[key] for key in ("element", "name")}
        return {**fields, "id": each["id"]}

    def _items_with_action(self, *actions: str) -> Iterator[Mapping[str, Any]]:
        """Yield the items with one of these predicted actions."""
        return (item for item in self.items if item["action"] in actions and not item.get("failed"))

    def _remaining_instances(self) -> Iterator[tuple[Mapping[str, Any], bool | None]]:
        """Yield each instance that is not deleted, duplicates included, with the item's option `enabled`."""
        for number, item in self.managed.items():
            if number in self.by_id and item["action"] != "deleted":
                yield self.by_id[number], item["desired_enabled"]
        for number in (number for each in self.duplicated for number in each["ids"]):
            if number in self.by_id and number not in self.managed:
                instance = self.by_id[number]
                yield instance, self.desired_enabled.get(_name(instance))

    def _is_unmanaged(self, instance: Mapping[str, Any]) -> bool:
        is_named = _name(instance) in self.names or _name(instance) in self.duplicated_names
        return instance["id"] not in self.managed and not is_named and self._is_owned(instance)

    def _unchecked_items(self) -> Iterator[Mapping[str, Any]]:
        """Yield the items that could not be checked, except for those that match several instances."""
        for item in self.items:
            if item.get("failed") and not (item["id"] is None and _name(item) in self.duplicated_names):
                yield item


def _items(check_result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the items of the list, without the instances that would be pruned."""
    items, summary = check_result.get("instances"), check_result.get("summary")
    if not isinstance(items, (list, tuple)) or not isinstance(summary, Mapping):
        raise BadInput("drift_report needs the result of ce_instances in check mode. Register it first.")
    # Without return_all, unchanged items are left out, and each item is shorter.
    if (any(summary.values()) and not items) or any("desired_enabled" not in item for item in items):
        raise BadInput("drift_report needs every item of ce_instances. Run it with return_all true.")
    return [item for item in items if "pruned" not in item["reasons"]]


def _name(each: Mapping[str, Any]) -> tuple[Any, Any]:
    return each["element"], each["name"]


def _cause(item: Mapping[str, Any]) -> str:
    """Return the cause why an item could not be checked: its message without the label at the start."""
    message, name = str(item["msg"]), "" if item["name"] is None else f' "{item["name"]}"'
    label = one_line(f"{item['element'] or 'instance'}{name}")
    for start in (f"{label} (id {item['id']}): ", f"{label}: "):
        if message.startswith(start):
            return message[len(start) :]
    return message


def _diff_lines(diffs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the diffs of a task as printable lines, because Ansible itself shows diffs of changes only."""
    for diff in diffs:
        if "prepared" in diff:
            yield from map(one_line, str(diff["prepared"]).splitlines())
            continue
        before, after = (
            json.dumps(diff[part], indent=2, sort_keys=True).splitlines() if diff[part] else []
            for part in ("before", "after")
        )
        before_label, after_label = f"before: {diff['before_header']}", f"after: {diff['after_header']}"
        yield from map(one_line, unified_diff(before, after, before_label, after_label, lineterm=""))
