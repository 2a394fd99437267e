# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form "Authenticate AutoTask" with wrong answers: what it leaves, and what it says of that."""

from __future__ import annotations

import pytest

from tests.controller.jobs import Ended, Job
from tests.controller.surroundings import Surroundings

pytestmark = pytest.mark.in_ci

AUTHENTICATE = "cloud_elements.platform.authenticate"
TASK = "Authenticate the instance"
ANSWERS = {
    "authenticate_vendor": "autotask",
    "authenticate_name": "Acme CRM",
    "authenticate_hub": "",
    "authenticate_tags": "",
}


def asked(surroundings: Surroundings, name: str, *arguments: str, **more: str) -> Ended:
    """Run the form, with other credentials."""
    job = Job(AUTHENTICATE, ANSWERS, surroundings.credentials(**more), arguments=arguments)
    return surroundings.run(job, name)


def test_a_wrong_answer_names_the_instance_that_stays_and_the_right_one_mends_it(surroundings: Surroundings) -> None:
    wrong = surroundings.secrets["autotask_wrong_password"]
    ended = asked(surroundings, "wrong", CLOUD_ELEMENTS_AUTOTASK_PASSWORD=wrong)

    assert ended.status == "failed", ended
    (stays,) = surroundings.there()
    (result,) = ended.results(TASK)
    assert result["msg"].endswith(
        f"The new instance {stays['id']} exists. Correct the item and run again, or delete it with state set to absent."
    )

    again = asked(surroundings, "right")

    assert again.status == "successful", again
    assert [(one["id"], one["valid"]) for one in surroundings.there()] == [(stays["id"], True)]


def test_a_server_url_without_a_scheme_is_refused_before_anything_is_sent(surroundings: Surroundings) -> None:
    ended = asked(surroundings, "no scheme", CLOUD_ELEMENTS_AUTOTASK_SERVER_URL="ww2.autotask.net")

    assert ended.status == "failed", ended
    (result,) = ended.results(TASK)
    assert (
        "autotask.server_url, or the environment variable CLOUD_ELEMENTS_AUTOTASK_SERVER_URL, must start with"
        in result["msg"]
    )
    assert surroundings.writes() == 0


def test_a_check_names_no_id_that_nobody_knows_yet(surroundings: Surroundings) -> None:
    ended = asked(surroundings, "check", "--check")

    assert ended.status == "successful", ended
    (result,) = ended.results("Show the result")
    assert result["msg"] == 'created: autotaskcrm "Acme CRM" (not_found)'
