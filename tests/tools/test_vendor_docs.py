# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files generated from the vendor profiles have the words of the profiles in the right places."""

from __future__ import annotations

import ast
from typing import Any

import pytest
import yaml

from tools import vendor_docs
from tools.vendor_docs import VENDORS, Part, playbook_texts, vendor_texts

FILE = "first:\n  # Vendors: written by tools/vendor_docs.py\n  old: 1\n  # Vendors: end\nlast: 2\n"
AWKWARD = "The key: #1 of 'it', \"quoted\", with a \\ and a %"


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> vendor_texts.Vendor:
    """A vendor with one credential, several hubs, and words that mean something else in YAML."""
    key = vendor_texts.Field(
        "key", "{hub}.key", "CLOUD_ELEMENTS_OTHER_KEY", True, label="API: key", description=AWKWARD, help=AWKWARD
    )
    elements = {"crm": "othercrm", "erp": "othererp"}
    vendor = vendor_texts.Vendor("Other: one", "an Other account", "A key: of Other", elements, (key,), {})
    for module in (vendor_texts, playbook_texts):
        monkeypatch.setattr(module, "VENDORS", {"other": vendor})
    return vendor


def fragments(text: str) -> dict[str, Any]:
    """Return the documentation fragments in the text of a file, by the names of their constants."""
    (fragment,) = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    constants = [node for node in fragment.body if isinstance(node, ast.Assign)]
    return {node.targets[0].id: yaml.safe_load(node.value.value)["options"] for node in constants}  # type: ignore[attr-defined]


def test_nothing_is_out_of_date() -> None:
    assert vendor_docs.out_of_date() == {}


def test_lines_take_the_place_of_others_and_their_margin() -> None:
    written = Part("file.yml", ["new: 1\nnewer: 2\n"]).in_place(FILE)

    assert written == FILE.replace("  old: 1\n", "  new: 1\n  newer: 2\n")
    assert Part("file.yml", ["new: 1\nnewer: 2\n"]).in_place(written) == written


def test_several_blocks_take_their_places_in_their_order() -> None:
    written = Part("file.yml", ["new: 1\n", "new: 2\nnewer: 3\n"]).in_place(FILE + FILE)

    assert written == FILE.replace("  old: 1", "  new: 1") + FILE.replace("  old: 1", "  new: 2\n  newer: 3")


@pytest.mark.parametrize("text", ["first: 1\n", FILE + FILE])
def test_a_file_without_one_place_is_named(text: str) -> None:
    with pytest.raises(SystemExit, match="instead of 1 lines that read: # Vendors: written by"):
        Part("file.yml", ["new: 1\n"]).in_place(text)


def test_an_option_that_nobody_knows_changes_no_file() -> None:
    with pytest.raises(SystemExit, match="usage"):
        vendor_docs.main(["--chekc"])


@pytest.mark.usefixtures("other")
def test_the_documentation_has_the_words_of_the_profile() -> None:
    found = fragments(vendor_texts.doc_fragment())
    used = f"{AWKWARD}. If unset, the environment variable E(CLOUD_ELEMENTS_OTHER_KEY) is used."

    assert found["DOCUMENTATION"]["other"]["suboptions"]["hub"]["choices"] == ["crm", "erp"]
    assert "hub" not in found["SHARED"]["other"]["suboptions"]
    for options in found.values():
        assert options["other"]["suboptions"]["key"] == {"description": [used], "type": "str"}


@pytest.mark.usefixtures("other")
def test_the_role_has_the_words_of_the_profile() -> None:
    spec = yaml.safe_load(vendor_texts.argument_specs())["instances_other"]

    assert spec["options"] == {"key": {"description": f"{AWKWARD}.", "type": "str"}}
    assert "from the environment variable E(CLOUD_ELEMENTS_OTHER_KEY)." in spec["description"][0]


def test_a_controller_has_the_words_of_the_profile(other: vendor_texts.Vendor) -> None:
    text = vendor_texts.credential_type(other).replace("!unsafe ", "")
    hub, key = yaml.safe_load(vendor_texts.questions_to_authenticate(other))
    (new_key,) = yaml.safe_load(vendor_texts.questions_to_rotate(other))

    assert yaml.safe_load(text) == {
        "name": "Other: one",
        "description": "A key: of Other, for the element instances that use it",
        "kind": "cloud",
        "inputs": {
            "fields": [
                {"id": "key", "label": "API: key", "type": "string", "secret": True, "help_text": f"{AWKWARD}."}
            ],
            "required": ["key"],
        },
        "injectors": {"env": {"CLOUD_ELEMENTS_OTHER_KEY": "{{ key }}"}},
    }
    assert (hub["choices"], hub["default"], hub["required"]) == (["crm", "erp"], "crm", True)
    assert (key["variable"], key["question_name"], key["type"]) == ("authenticate_key", "API: key", "password")
    assert (new_key["variable"], new_key["question_name"]) == ("rotate_key", "New API: key")


@pytest.mark.usefixtures("other")
def test_a_playbook_takes_each_answer_about_a_vendor() -> None:
    _comment, variables, options = map(yaml.safe_load, playbook_texts.to_authenticate())

    assert variables["authenticate__vendors"] == ["other"]
    assert variables["authenticate__answers"] == "{{ authenticate__hub ~ authenticate__key }}"
    assert variables["authenticate__of_other"] == {
        "hub": "{{ authenticate__hub or 'crm' }}",
        "key": "{{ authenticate__key }}",
    }
    assert options == {"other": "{{ authenticate__of_other if authenticate__vendor == 'other' else '' }}"}


@pytest.mark.usefixtures("other")
def test_a_vendor_whose_instances_show_no_user_name_needs_the_ids_of_its_instances() -> None:
    comment, *others = playbook_texts.to_rotate()
    variables, readable, options = map(yaml.safe_load, others)

    assert "#   rotate_owner, rotate_name, rotate_tags, rotate_instance\n" in comment
    assert variables["rotate__logins"] == {}
    assert readable is None
    assert options == {"other": {"key": "{{ rotate__key }}"}}


def test_the_files_are_those_of_all_vendors() -> None:
    files = set(vendor_docs.wanted_texts())

    assert {f"extensions/controller/credential_types/{name}.yml" for name in VENDORS} < files
    assert {file.partition("/")[0] for file in files} == {
        *("docs", "extensions", "playbooks", "plugins", "roles", "tests")
    }
