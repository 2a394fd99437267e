# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far the platform is from the list, for people. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
    compared = _Comparison(items, listed["instances"], listed["duplicates"], owner)
    found = compared.findings()
    counts = {kind: len(entries) for kind, entries in found.items()}
    sentence = _sentence(counts, len(items))
    sections = [
        {"kind": kind, "title": meaning, "rows": [_row(each) for each in found[kind]]}
        for kind, (_word, meaning) in KINDS.items()
        if found[kind]
    ]
    return {
        "drift": any(counts.values()),
        "sentence": sentence,
        "checked": len(items),
        "as_described": len(compared.as_described()),
        "counts": counts,
        **found,
        "sections": sections,
        "lines": [sentence, *_lines(sections)],
    }


@dataclass(frozen=True)
class _Comparison:
    """What a run would do for each item of a list, and the instances that exist.

    :param items: the results of `ce_instances` in check mode, one for each item
    :param instances: what `ce_instance_info` found
    :param duplicates: those of them that share element and name with another
    :param owner: whose instances count as unmanaged; None counts all
    """

    items: Sequence[Mapping[str, Any]]
    instances: Sequence[Mapping[str, Any]]
    duplicates: Sequence[Mapping[str, Any]]
    owner: str | None

    @cached_property
    def by_id(self) -> Mapping[int, Mapping[str, Any]]:
        """The instances that are there."""
        return {instance["id"]: instance for instance in self.instances}

    @cached_property
    def managed(self) -> Mapping[int, Mapping[str, Any]]:
        """The items that are about one instance, by its id."""
        return {item["id"]: item for item in self.items if item["id"] is not None}

    @cached_property
    def names(self) -> frozenset[tuple[Any, Any]]:
        """What the list names; an item that could not be checked is in the list all the same."""
        return frozenset(map(_name, self.items))

    @cached_property
    def duplicated(self) -> list[dict[str, Any]]:
        """Instances of one element and name, but for those that the list tells apart by their ids."""
        return [
            {"element": each["element"], "name": each["name"], "ids": each["ids"]}
            for each in self.duplicates
            if self._concerns(each)
        ]

    @cached_property
    def duplicated_names(self) -> frozenset[tuple[Any, Any]]:
        """The elements and names that several instances share."""
        return frozenset(map(_name, self.duplicated))

    def _concerns(self, duplicate: Mapping[str, Any]) -> bool:
        ids = duplicate["ids"]
        mine = any(self._is_owned(self.by_id[number]) for number in ids if number in self.by_id)
        return not self.managed.keys() >= set(ids) and (mine or _name(duplicate) in self.names)

    def _is_owned(self, instance: Mapping[str, Any]) -> bool:
        return self.owner in (None, "", instance["owner"])

    def findings(self) -> dict[str, list[dict[str, Any]]]:
        """Return the entries of each kind."""
        return {
            "missing": [_told(item) for item in self._would("created")],
            "differs": [
                {
                    **_told(item),
                    "reasons": item["reasons"],
                    "why": [REASONS.get(each, each) for each in item["reasons"]],
                }
                for item in self._would("updated", "deleted")
            ],
            "invalid": [_told(instance) for instance, _item in self._kept() if not instance["valid"]],
            "disabled": [_told(instance) for instance, item in self._kept() if _is_disabled(instance, item)],
            "duplicated": self.duplicated,
            "unmanaged": [
                {**_told(each), "owner": each["owner"]} for each in self.instances if self._is_unmanaged(each)
            ],
            "failed": [{**_told(item), "msg": item["msg"]} for item in self._failed()],
        }

    def as_described(self) -> list[Mapping[str, Any]]:
        """Return the items for which nothing would be done."""
        return list(self._would("none"))

    def _would(self, *actions: str) -> Iterator[Mapping[str, Any]]:
        """Yield the items for which a run would do one of these."""
        return (item for item in self.items if item["action"] in actions and not item.get("failed"))

    def _kept(self) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Yield each instance that stays, with its item."""
        for number, item in self.managed.items():
            if number in self.by_id and item["action"] != "deleted":
                yield self.by_id[number], item

    def _is_unmanaged(self, instance: Mapping[str, Any]) -> bool:
        known = _name(instance) in self.names or _name(instance) in self.duplicated_names
        return instance["id"] not in self.managed and not known and self._is_owned(instance)

    def _failed(self) -> Iterator[Mapping[str, Any]]:
        """Yield the items that could not be checked, but for those that fail because they match several instances."""
        for item in self.items:
            if item.get("failed") and not (item["id"] is None and _name(item) in self.duplicated_names):
                yield item


def _is_disabled(instance: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Return whether an instance is disabled, though nobody asked for that."""
    return not instance["enabled"] and item["desired_enabled"] is None


def _items(checked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the items of the list, without what would be pruned."""
    items, summary = checked.get("instances"), checked.get("summary")
    if not isinstance(items, (list, tuple)) or not isinstance(summary, Mapping):
        raise BadInput("drift_report needs the result of ce_instances: run it in check mode before.")
    if len(items) != sum(summary.values()) or any("desired_enabled" not in item for item in items):
        raise BadInput("drift_report needs each item of ce_instances: run it with return_all true.")
    return [item for item in items if "pruned" not in item["reasons"]]


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
