# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role keeps tokens in credentials of a controller, and sends one only when it is another one."""

from __future__ import annotations

from typing import Any

from tests.controller.controller_api import TOKEN, Controller
from tests.controller.jobs import Ended, Job
from tests.controller.setup_data import CREDENTIAL_TYPES
from tests.controller.surroundings import Surroundings

PROVISION = "cloud_elements.platform.provision"
TYPE = "Cloud Elements instance"
NAME = "actessentials Acme contacts"
LIST: dict[str, Any] = {
    "instances_list": [{"name": "Acme contacts", "act365": {}}],
    "instances_token_credential_type": TYPE,
}


def provisioned(surroundings: Surroundings, controller: Controller, name: str, **more: Any) -> Ended:
    """Run the list with the controller's own credential."""
    environment = surroundings.credentials(CONTROLLER_HOST=controller.host, CONTROLLER_OAUTH_TOKEN=TOKEN)
    controller.writes.clear()
    ended = surroundings.run(Job(PROVISION, {**LIST, **more}, environment, awx=True), name)
    assert ended.status == "successful", ended
    return ended


def kept(controller: Controller) -> dict[str, Any]:
    """Return what the one credential holds."""
    (credential,) = controller.objects["credentials"].values()
    assert credential["name"] == NAME
    return credential


def test_a_token_is_sent_with_its_id_once_and_again_when_it_is_another_one(
    surroundings: Surroundings, controller: Controller
) -> None:
    controller.add("credential_types", CREDENTIAL_TYPES[TYPE])
    provisioned(surroundings, controller, "first")
    (there,) = surroundings.there()
    assert kept(controller)["inputs"] == {"id": str(there["id"]), "token": there["token"]}
    assert there["token"] not in kept(controller)["description"]
    assert len(controller.writes) == 1

    again = provisioned(surroundings, controller, "again")
    assert controller.writes == []
    assert "changed=0" in again.said

    gone = [{**LIST["instances_list"][0], "state": "absent"}]
    provisioned(surroundings, controller, "gone", instances_list=gone)
    provisioned(surroundings, controller, "anew")
    (anew,) = surroundings.there()
    assert kept(controller)["inputs"] == {"id": str(anew["id"]), "token": anew["token"]}


def test_a_credential_from_before_gets_the_id_and_the_fingerprint(
    surroundings: Surroundings, controller: Controller
) -> None:
    type_id = controller.add("credential_types", CREDENTIAL_TYPES[TYPE])["id"]
    controller.add("credentials", {"name": NAME, "credential_type": type_id, "inputs": {"token": "canary-old"}})

    provisioned(surroundings, controller, "first")

    (there,) = surroundings.there()
    assert kept(controller)["inputs"] == {"id": str(there["id"]), "token": there["token"]}


def test_a_token_may_be_sent_by_each_run(surroundings: Surroundings, controller: Controller) -> None:
    controller.add("credential_types", CREDENTIAL_TYPES[TYPE])
    provisioned(surroundings, controller, "first", instances_token_credential_update="yes")
    provisioned(surroundings, controller, "again", instances_token_credential_update="yes")

    assert len(controller.writes) == 1
