# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which instances use given credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.cloud_elements.platform.plugins.filter.credential_users import credential_users
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._credential_users import users

ROTATE = Path(__file__).parents[4] / "playbooks/rotate.yml"


def instance(element: str, number: int, owner: str | None = None, **configuration: str) -> dict[str, Any]:
    keys = {name.replace("__", "."): value for name, value in configuration.items()}
    return {"id": number, "name": f"N{number}", "element": element, "owner": owner, "configuration": keys}


LISTED = {
    "instances": [
        instance("autotaskcrm", 1, "acme", crm__autotask__username="a", crm__autotask__server__url="u"),
        instance("autotaskhelpdesk", 2, helpdesk__autotask__username="a"),
        instance("autotaskcrm", 3, crm__autotask__username="b"),
        instance("actessentials", 4),
        instance("examplebasic", 5),
    ]
}


def test_autotask_is_known_by_its_login_in_whichever_hub_and_keeps_owner_and_zone() -> None:
    assert users(LISTED, "autotask", "a") == [
        {"id": 1, "name": "N1", "owner": "acme", "autotask": {"hub": "crm", "username": "a", "server_url": "u"}},
        {"id": 2, "name": "N2", "autotask": {"hub": "helpdesk", "username": "a"}},
    ]


def test_act_365_does_not_tell_its_keys_so_all_of_its_instances_are_taken() -> None:
    assert users(LISTED, "act365", "a") == [{"id": 4, "name": "N4", "act365": {}}]


def test_a_login_that_nobody_uses_has_no_users() -> None:
    assert users(LISTED, "autotask", "c") == []


def test_an_instance_that_does_not_tell_its_login_is_left_alone() -> None:
    assert users({"instances": [instance("autotaskcrm", 1)]}, "autotask", "a") == []


@pytest.mark.parametrize(("listed", "vendor"), [(LISTED, "salesforce"), ({}, "autotask")])
def test_what_is_not_understood_is_refused(listed: dict[str, Any], vendor: str) -> None:
    with pytest.raises(BadInput, match="credential_users"):
        users(listed, vendor, "a")
    with pytest.raises(AnsibleFilterError, match="credential_users"):
        credential_users(listed, vendor, "a")


def test_the_filter_returns_the_same_and_no_name_is_a_template() -> None:
    (told,) = credential_users({"instances": [{**LISTED["instances"][3], "name": "{{ 7 * 191 }}"}]}, "act365")

    assert told == {"id": 4, "name": "{{ 7 * 191 }}", "act365": {}}
    assert Templar(DataLoader()).template(told["name"]) == "{{ 7 * 191 }}"


def test_the_playbook_asks_for_every_readable_key_of_the_vendors() -> None:
    (play,) = yaml.safe_load(ROTATE.read_text(encoding="utf-8"))
    (asked,) = [
        task["cloud_elements.platform.ce_instance_info"]["configuration"]
        for task in play["tasks"]
        if "cloud_elements.platform.ce_instance_info" in task
    ]
    assert "finance.autotask.server.url" in asked
    assert set(asked) == {
        field.key.format(hub=hub)
        for vendor in VENDORS.values()
        for hub in vendor.elements
        for field in vendor.fields
        if not field.secret
    }
