# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mistyped password in the form "Rotate AutoTask" costs one login, and the job shows which instance was hit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.controller.jobs import Job
from tests.controller.surroundings import CHECK, MAIN, Surroundings

pytestmark = pytest.mark.in_ci

PROVISION, ROTATE = (f"cloud_elements.platform.{name}" for name in ("provision", "rotate"))
MANY = 40
HUBS = ("crm", "helpdesk", "finance")
WANTED = [{"name": f"Acme {number:03}", "autotask": {"hub": HUBS[number % 3]}} for number in range(MANY)]
AUTHENTICATE = "Rotate the credentials of these instances"


def traffic(surroundings: Surroundings) -> tuple[list[str], list[int]]:
    """Return the writes since the last count, and how the vendor answered each login."""
    sent = surroundings.control("GET", "/requests")["requests"]
    surroundings.control("DELETE", "/requests")
    writes = [f"{one['method']} {one['path']}" for one in sent if one["method"] != "GET"]
    return writes, [one["status"] for one in sent if one["path"].startswith("/hubs/")]


@pytest.mark.parametrize(
    ("playbook", "variables", "task", "failing"),
    [
        (ROTATE, {"rotate_vendor": "autotask"}, AUTHENTICATE, AUTHENTICATE),
        (PROVISION, {"instances_list": WANTED}, MAIN, CHECK),
    ],
    ids=["rotate", "provision"],
)
def test_a_mistyped_password_costs_one_instance_and_each_is_shown_as_it_is(
    surroundings: Surroundings, playbook: str, variables: dict[str, Any], task: str, failing: str
) -> None:
    made = surroundings.run(Job(PROVISION, {"instances_list": WANTED}, surroundings.credentials()), "made")
    assert made.status == "successful", made
    traffic(surroundings)
    wrong = surroundings.credentials(CLOUD_ELEMENTS_AUTOTASK_PASSWORD=surroundings.secrets["autotask_wrong_password"])

    ended = surroundings.run(Job(playbook, variables, wrong), "mistyped")

    assert ended.status == "failed", ended
    (hit,) = [one["id"] for one in surroundings.there() if not one["valid"]]
    # One request sends the password, and one marks it as not accepted.
    assert traffic(surroundings) == ([f"PUT /instances/{hit}", f"PATCH /instances/{hit}"], [401])
    (result,) = ended.results(failing)
    assert result["msg"].startswith(f"{MANY} of {MANY} instances failed. autotask")
    assert f"Instance {hit} now has these credentials and does not work. Correct them, then run again." in result["msg"]
    assert f"{MANY - 1} instances: The vendor rejected these credentials: " in result["msg"]
    assert len(result["msg"]) < 2000

    again = surroundings.run(Job(playbook, variables, surroundings.credentials()), "corrected")

    assert again.status == "successful", again
    assert all(one["valid"] for one in surroundings.there())
    assert traffic(surroundings) == ([f"PUT /instances/{hit}"], [200])
    (result,) = again.results(task)
    assert result["msg"].startswith("1 updated (")
    assert f"(id {hit})" in result["msg"]
