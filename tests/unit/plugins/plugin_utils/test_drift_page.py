# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the playbook drift. Ansible itself renders it in the integration target."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._drift import drift
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._drift_sections import KINDS, NEXT, TABLE_FROM
from jinja2 import Environment, StrictUndefined

TEMPLATE = Path(__file__).resolve().parents[4] / "playbooks/templates/drift.html.j2"
TEXT = TEMPLATE.read_text(encoding="utf-8")
CONTENTLESS = {"meta"}
HOSTILE = "<script>alert(1)</script> {{ 7 * 191 }} & \"quoted\" 'single'"
READABLE = 4.5
"""The least contrast of texts, WCAG 2 AA."""


class Page(HTMLParser):
    """A page: its elements, and the text of each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in CONTENTLESS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1], data.strip()))

    @property
    def tags(self) -> list[str]:
        return [tag for tag, _attributes in self.attributes]

    def within(self, tag: str) -> list[str]:
        return [text for around, text in self.texts if around == tag]

    def having(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _tag, attributes in self.attributes if attribute in attributes]

    def classes(self) -> set[str]:
        return {name for names in self.having("class") for name in names.split()}


def item(name: str, number: int | None = None, action: str = "created", **more: Any) -> dict[str, Any]:
    item = {"name": name, "element": "autotaskcrm", "id": number, "action": action, "reasons": []}
    return {**item, "desired_enabled": None, **more}


def instance(name: str, number: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "element": "other", "id": number, "owner": None, "enabled": True, "valid": True, **more}


def page(
    items: Sequence[dict[str, Any]] = (),
    there: Sequence[dict[str, Any]] = (),
    duplicates: Sequence[dict[str, Any]] = (),
    owner: str | None = None,
) -> Page:
    listed = {"instances": there, "duplicates": duplicates, "base_url": "https://api.example.com/elements/api-v2"}
    names = {"other": HOSTILE}
    report = drift({"instances": items, "summary": {"": len(items)}}, {**listed, "element_names": names}, owner)
    # As Ansible does.
    environment = Environment(trim_blocks=True, undefined=StrictUndefined, autoescape=False)  # noqa: S701
    made = datetime(2026, 11, 30, 7, 5, tzinfo=timezone.utc)
    return Page(environment.from_string(TEXT).render(drift_result=report, now=lambda **_utc: made))


def of_each_kind(name: str = "Acme") -> Page:
    failed = item(f"{name} wrong", action="none", failed=True, msg=f"{name}: no.")
    return page(
        [item(f"{name} new"), item(f"{name} tags", 7, "updated", reasons=["tags"]), item(name, 8, "none"), failed],
        [
            instance(name, 8, enabled=False, valid=False, element="autotaskcrm"),
            *(instance(name, number) for number in (9, 10)),
            instance(f"{name} old", 11),
        ],
        [{"element": "other", "name": name, "ids": [9, 10]}],
    )


def test_the_title_names_the_owner_and_the_platform() -> None:
    assert page(owner="acme").within("title") == ["No drift: acme on api.example.com"]
    assert page(owner=HOSTILE).within("title") == [f"No drift: {HOSTILE} on api.example.com"]


def test_a_page_without_drift_shows_what_matches_and_no_section() -> None:
    shown = page([item("Acme", 7, "none")], [instance("Acme", 7, element="autotaskcrm")])

    assert "No drift found." in shown.within("p")
    assert "1 match" in shown.within("li")
    assert "section" not in shown.tags


def test_a_page_about_nothing_has_no_bar() -> None:
    assert "bar" not in page().classes()
    assert "The list is empty." in page().html


def test_one_finding_is_one_card_that_says_what_to_do_next() -> None:
    shown = page([item("Acme")])

    assert shown.within("h2") == ["Missing (1)"]
    assert NEXT["missing"] in shown.within("p")
    assert shown.tags.count("article") == 1
    assert shown.within("bdi") == ["AutoTask CRM", "Acme"]
    assert shown.within("code") == ["autotaskcrm"]


def test_each_kind_has_a_part_of_the_bar_and_a_link_to_its_section() -> None:
    shown = of_each_kind()
    targets = [link.removeprefix("#") for link in shown.having("href")]

    assert set(targets) == set(KINDS) == set(shown.having("id"))
    assert [text.split(" ", 1)[0] for text in shown.within("a")] == [
        style.split()[1] for style in shown.having("style")
    ]
    assert len(shown.within("h2")) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_pattern_so_that_nobody_needs_its_colour(kind: str) -> None:
    patterns = {
        each: re.findall(rf"^\.{each} {{ background: ([^;]*gradient.*) var", TEXT, re.MULTILINE) for each in KINDS
    }

    assert len(patterns[kind]) == 1
    assert [each for each, pattern in patterns.items() if pattern == patterns[kind]] == [kind]


def test_instances_that_are_alike_share_a_card() -> None:
    shown = page([item(f"Customer {number}") for number in range(TABLE_FROM - 1)])

    assert shown.tags.count("article") == 1
    assert shown.within("strong")[-1] == "49 instances"
    assert shown.within("bdi")[1:] == [f"Customer {number}" for number in range(TABLE_FROM - 1)]


@pytest.mark.parametrize("count", [TABLE_FROM, 2000])
def test_many_findings_are_a_table_with_a_row_for_each(count: int) -> None:
    shown = page([item(f"Customer {number}") for number in range(count)])

    assert "article" not in shown.tags
    assert shown.tags.count("tr") == count + 1
    # What no row has is no column.
    assert shown.within("th") == ["Name", "Element"]
    assert f"{count:,} instances of AutoTask CRM (autotaskcrm)" in shown.within("bdi")


def test_a_table_has_the_ids_and_what_was_found() -> None:
    changed = [item(f"Customer {number}", number, "updated", reasons=["tags"]) for number in range(1, TABLE_FROM + 1)]
    shown = page(changed)

    assert shown.within("th") == ["Name", "Id", "Element", "What was found"]
    assert shown.within("td")[:2] == ["1", "2"]
    assert shown.within("bdi").count("different tags") == TABLE_FROM


def test_texts_of_the_platform_are_neither_markup_nor_templates() -> None:
    shown = of_each_kind(HOSTILE)

    assert "script" not in shown.tags
    assert "1337" not in shown.html
    assert {HOSTILE, f"{HOSTILE} new", f"{HOSTILE} tags", f"{HOSTILE} wrong", f"{HOSTILE} old"} <= set(
        shown.within("bdi")
    )
    # Nothing else than the page's own attributes.
    known = {"lang", "charset", "http-equiv", "content", "name", "class", "style", "title", "href", "id", "aria-hidden"}
    assert {name for _tag, attributes in shown.attributes for name in attributes} == known


def test_a_page_is_complete_without_scripts_and_without_a_network() -> None:
    shown = of_each_kind()

    assert shown.open == []
    assert {"script", "link", "img", "iframe"}.isdisjoint(shown.tags)
    assert [link for link in shown.having("href") if not link.startswith("#")] == []
    assert "url(" not in TEXT
    assert "default-src 'none'; style-src 'unsafe-inline'" in shown.having("content")


# Both schemes


def colours() -> list[dict[str, str]]:
    """Return the colours of the light scheme, and of the dark one."""
    light, dark = (dict(re.findall(r"--(\w+): #(\w{6});", part)) for part in TEXT.split("@media")[:2])
    return [light, {**light, **dark}]


def luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (0, 2, 4))
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", colours(), ids=["light", "dark"])
@pytest.mark.parametrize("text", ["text", "quiet", "good", "bad"])
@pytest.mark.parametrize("ground", ["page", "card"])
def test_texts_can_be_read_in_both_schemes(scheme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(scheme[text], scheme[ground]) >= READABLE
