# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An exported login is left to the environment where one credential serves, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.element import Element
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Actual
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.values import MASK
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.export import export_instances
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.export_logins import environment_users
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import actual

ZONE = "https://ww2.autotask.net"
MINE = {
    "CLOUD_ELEMENTS_AUTOTASK_USERNAME": "api.user@example.com",
    "CLOUD_ELEMENTS_AUTOTASK_PASSWORD": "canary",
    "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL": f"{ZONE}/",
}
ACT_KEYS = {"CLOUD_ELEMENTS_ACT365_API_KEY": "canary-key", "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY": "canary-developer"}
ELEMENTS = {key: Element(key) for key in ("autotaskcrm", "autotaskhelpdesk", "actessentials", "examplebasic")}


def autotask(number: int, hub: str = "crm", username: str = "api.user@example.com", **more: Any) -> Actual:
    held = {f"{hub}.autotask.username": username, f"{hub}.autotask.password": MASK, f"{hub}.autotask.server.url": ZONE}
    return actual(id=number, name=f"A {number}", element=f"autotask{hub}", tags=(), configuration={**held, **more})


def act(number: int, key: str = "canary-key") -> Actual:
    held = {"username": key, "password": MASK}
    return actual(id=number, name=f"B {number}", element="actessentials", tags=(), configuration=held)


TWO = autotask(1), autotask(2, "helpdesk")
OTHER = autotask(3, username="another")


@pytest.mark.parametrize(
    ("found", "environment", "served"),
    [
        (TWO, {}, {1, 2}),
        ((*TWO, OTHER), {}, set()),
        ((*TWO, OTHER), MINE, {1, 2}),
        ((OTHER,), MINE, set()),
        ((OTHER,), {**MINE, "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL": ""}, set()),
        ((act(1), act(2)), {}, {1, 2}),
        ((act(1), act(2, "canary-other")), {}, set()),
        ((act(1), act(2, "canary-other")), ACT_KEYS, {1}),
        ((act(1, MASK),), {}, {1}),
        ((act(1, MASK), act(2, MASK)), {}, set()),
        ((act(1, MASK), act(2)), ACT_KEYS, {2}),
        ((*TWO, act(4), actual(id=5, element="examplebasic")), {}, {1, 2, 4}),
    ],
)
def test_one_credential_serves_only_instances_with_its_login(
    found: tuple[Actual, ...], environment: dict[str, str], served: set[int]
) -> None:
    assert environment_users(found, environment) == served


def test_what_is_served_has_no_login_and_everything_else_keeps_its_own() -> None:
    signature = {"event.notification.signature.key": "canary-signature"}
    told = export_instances([autotask(1), autotask(2, **signature), OTHER, act(4)], (), ELEMENTS, {1, 2, 4})

    assert [{name: value for name, value in each.items() if name != "secrets"} for each in told["instances"]] == [
        {"name": "A 1", "autotask": {"hub": "crm"}},
        {"name": "A 2", "autotask": {"hub": "crm"}},
        {
            "name": "A 3",
            "autotask": {
                "hub": "crm",
                "username": "another",
                "server_url": ZONE,
                "password": "{{ vault_autotask_another_password }}",
            },
        },
        {"name": "B 4", "act365": {}},
    ]
    assert [each["id"] for each in told["secrets"]] == [2, 3]
    assert told["logins"] == [
        {"option": "autotask", "login": {"username": "api.user@example.com", "server_url": ZONE}},
        {"option": "act365", "login": {}},
    ]
    assert "canary" not in str(told)


def test_an_instance_without_a_vendor_option_keeps_its_secrets() -> None:
    held = {"crm.autotask.username": "u", "crm.autotask.password": MASK}
    told = export_instances([actual(id=1, element="autotaskcrm", tags=(), configuration=held)], (), ELEMENTS, {1})

    assert told["instances"][0]["secrets"] == {"crm.autotask.password": "{{ vault_acme_crm_autotask_password }}"}
    assert told["logins"] == []
