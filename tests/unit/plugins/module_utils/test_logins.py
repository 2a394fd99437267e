# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of the instances that share a login, one is tried first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils import _logins
from ansible_collections.cloud_elements.platform.plugins.module_utils._apply import Job
from ansible_collections.cloud_elements.platform.plugins.module_utils._client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._instance import Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._logins import TRIALS, login_of
from ansible_collections.cloud_elements.platform.plugins.module_utils._reconcile import Policy, Silent, reconcile
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    SECRET,
    STAMPS,
    Answer,
    Platform,
    actual,
    desired,
    lost,
    page,
    problem,
    run,
    stamp,
)

WRONG = {"password": "canary-wrong"}
REFUSES = problem(401, "Failed", providerMessage="bad login")
MANY = 6


def fleet(**changes: Any) -> list[Desired]:
    return [desired(**{"name": f"Acme {number}", **changes}) for number in range(MANY)]


def logins_made(platform: Platform) -> int:
    return platform.lines.count("GET /ping")


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_refused_password_costs_one_login_and_one_new_instance(
    platform: Platform, client: Client, concurrency: int
) -> None:
    platform.vendor = REFUSES
    reports = reconcile(fleet(secrets=WRONG), client, STAMPS, Policy(concurrency=concurrency))
    results = [report.result(diff=True) for report in reports]

    assert logins_made(platform) == 1
    assert platform.writes == ["POST /instances", "PATCH /instances/101"]
    assert [report.word for report in reports] == ["failed"] * MANY
    assert [result["code"] for result in results] == ["credentials_rejected"] * MANY
    assert [result["changed"] for result in results] == [True, *[False] * (MANY - 1)]
    assert all('"Acme 0" uses the same ones and was tried first' in result["msg"] for result in results[1:])
    assert all("Nothing of this instance was written." in result["msg"] for result in results[1:])
    assert "canary-wrong" not in str(results)


def test_a_mistyped_new_password_leaves_the_others_as_they_were(platform: Platform, client: Client) -> None:
    for number in range(MANY):
        platform.add(name=f"Acme {number}")
    platform.vendor = REFUSES
    first, *others = run(client, *fleet(secrets=WRONG))

    held = [body["configuration"]["password"] for body in platform.instances.values()]
    assert held == [WRONG["password"], *[SECRET] * (MANY - 1)]
    assert logins_made(platform) == 1
    # Nobody has the old password any more to put it back.
    assert first["msg"].endswith(
        " Instance 101 now has these credentials and does not work: run again with the right ones."
    )
    assert not any("now has these credentials" in other["msg"] for other in others)


def test_a_refusal_after_nothing_was_sent_does_not_blame_the_run(platform: Platform, client: Client) -> None:
    platform.add(name="Acme 0", tags=["old"])
    platform.vendor = REFUSES
    (result,) = run(client, desired(name="Acme 0", secrets={}, tags=("new",), verify="always"))

    assert (result["code"], result["changed"]) == ("credentials_rejected", True)
    assert "now has these credentials" not in result["msg"]


def test_a_new_instance_that_fails_is_said_to_stay(platform: Platform, client: Client) -> None:
    platform.vendor = REFUSES
    (result,) = run(client, desired(name="Acme 0", secrets=WRONG))

    assert result["msg"].endswith(
        " The new instance 101 stays: run again to correct it, or delete it with state set to absent."
    )


def test_what_the_platform_itself_still_calls_invalid_counts_as_refused(platform: Platform, client: Client) -> None:
    for number in range(MANY):
        platform.add(name=f"Acme {number}", valid=False)

    def stays_invalid(usual: Callable[[], Answer]) -> Answer:
        usual()
        platform.instances[101]["valid"] = False
        return Answer(200, platform.instances[101])

    platform.respond("PUT .*", stays_invalid)
    results = run(client, *fleet(verify="never"))

    assert [result["code"] for result in results] == ["credentials_rejected"] * MANY
    assert [line for line in platform.writes if line.startswith("PUT")] == ["PUT /instances/101"]


def test_a_creation_that_the_vendor_refuses_is_one_as_well(platform: Platform, client: Client) -> None:
    platform.once("POST /instances", problem(400, "Request failed", providerMessage="bad key"))
    results = run(client, *fleet(verify="never"))

    assert platform.writes == ["POST /instances"]
    assert [result["changed"] for result in results] == [False] * MANY


@pytest.mark.parametrize(
    "refusal",
    [
        problem(400, "Bad Request", providerMessage="AuthenticationFailed"),
        problem(400, "Failed to connect to the API URL. Validate that you are using the correct WSDL path."),
    ],
    ids=["as a bad request", "without the vendor's words"],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_refusal_is_one_however_the_platform_passes_it_on(
    platform: Platform, client: Client, method: str, refusal: Answer
) -> None:
    if method == "PUT":
        for number in range(MANY):
            platform.add(name=f"Acme {number}")
    platform.respond(f"{method} .*", lambda _usual: refusal)
    results = run(client, *fleet(secrets=WRONG, verify="never"))

    assert len(platform.writes) == 1
    assert [result["changed"] for result in results] == [False] * MANY
    assert [result["code"] for result in results] == ["refused"] + ["credentials_rejected"] * (MANY - 1)


def test_a_creation_that_the_platform_refuses_says_nothing_of_the_login(platform: Platform, client: Client) -> None:
    platform.once("POST /instances", problem(400, "A tag is too long"))
    results = run(client, *fleet())

    assert [result["action"] for result in results] == ["none", *["created"] * (MANY - 1)]


def test_a_vendor_that_cannot_be_asked_refuses_nobody(platform: Platform, client: Client) -> None:
    platform.vendor = page(502)
    results = run(client, *fleet())

    assert [result["action"] for result in results] == ["created"] * MANY
    assert {result["code"] for result in results} == {"not_verified"}


def test_an_accepted_login_holds_nobody_up(platform: Platform, client: Client) -> None:
    results = run(client, *fleet())

    assert [result["action"] for result in results] == ["created"] * MANY
    assert logins_made(platform) == MANY


def test_another_login_is_not_refused_with_it(platform: Platform, client: Client) -> None:
    def refuses_once(_usual: Any) -> Answer:
        return REFUSES

    platform.respond("GET /ping", refuses_once)
    first, second, third = run(
        client, desired(name="A", secrets=WRONG), desired(name="B"), desired(name="C", secrets=WRONG)
    )

    assert (first["code"], third["code"]) == ("credentials_rejected",) * 2
    assert (second["action"], third["action"]) == ("created", "none")


def test_one_that_asks_the_vendor_is_tried_before_one_that_does_not(platform: Platform, client: Client) -> None:
    platform.vendor = REFUSES
    silent, asks = run(client, desired(name="A", verify="never"), desired(name="B"))

    assert (silent["changed"], asks["changed"]) == (False, True)


def test_what_only_looks_is_tried_one_by_one_as_well(platform: Platform, client: Client) -> None:
    for number in range(MANY):
        platform.add(name=f"Acme {number}")
    platform.vendor = REFUSES
    results = run(client, *fleet(verify="always"), check_mode=True)

    assert logins_made(platform) == 1
    assert [result["code"] for result in results] == ["credentials_rejected"] * MANY


def test_what_needs_nothing_is_no_part_of_it(platform: Platform, client: Client) -> None:
    platform.add(name="Acme 5", tags=[stamp(WRONG)])
    platform.vendor = REFUSES
    results = run(client, *fleet(secrets=WRONG))

    assert results[5].get("failed") is None


def test_a_first_one_that_has_to_look_again_holds_the_others_until_it_is_known(
    platform: Platform, client: Client
) -> None:
    platform.vendor = REFUSES
    platform.once("POST /instances", problem(429, headers={"Retry-After": "1"}))
    results = run(client, *fleet(secrets=WRONG))

    assert platform.writes == ["POST /instances"] * 2 + ["PATCH /instances/101"]
    assert [result["code"] for result in results] == ["credentials_rejected"] * MANY


def test_first_ones_that_fail_for_reasons_of_their_own_are_not_tried_without_end(
    platform: Platform, client: Client
) -> None:
    platform.once("POST /instances", *[problem(400, "A tag is too long")] * TRIALS)
    results = run(client, *fleet())

    assert [result["action"] for result in results] == ["none"] * TRIALS + ["created"] * (MANY - TRIALS)


def test_a_first_one_whose_creation_is_lost_holds_the_others_until_it_is_found(
    platform: Platform, client: Client
) -> None:
    platform.vendor = REFUSES
    platform.once("POST /instances", lost(), happens=True)
    results = run(client, *fleet(secrets=WRONG))

    assert logins_made(platform) == 1
    assert platform.writes == ["POST /instances", "PATCH /instances/101"]
    assert [result["code"] for result in results] == ["credentials_rejected"] * MANY


def test_a_platform_that_stays_busy_ends_the_run(platform: Platform, client: Client) -> None:
    platform.once("POST /instances", *[problem(429, headers={"Retry-After": "60"})] * 50)
    reports = reconcile(fleet(), client, STAMPS, Policy())

    assert [report.word for report in reports] == ["failed", *["not_attempted"] * (MANY - 1)]
    assert reports[0].result(diff=False)["code"] == "busy"
    assert len(platform.writes) < 10


def test_a_first_one_of_which_the_vendor_could_not_be_asked_is_not_the_last_to_be_tried_alone(
    platform: Platform, client: Client
) -> None:
    platform.vendor = REFUSES
    platform.once("GET /ping", *[page(502)] * 5)
    results = run(client, *fleet(secrets=WRONG))

    assert [result["code"] for result in results] == ["not_verified"] + ["credentials_rejected"] * (MANY - 1)
    assert [result["changed"] for result in results] == [True, True, *[False] * (MANY - 2)]


def test_a_refusal_is_one_also_when_the_stamp_could_not_be_withdrawn(platform: Platform, client: Client) -> None:
    platform.vendor = REFUSES
    platform.once("PATCH .*", problem(500))
    results = run(client, *fleet(secrets=WRONG))

    assert logins_made(platform) == 1
    assert "could not be marked as not verified" in results[0]["msg"]
    assert [result["code"] for result in results] == ["credentials_rejected"] * MANY


def test_what_needs_no_login_says_nothing_of_it(platform: Platform, client: Client) -> None:
    platform.add(name="Acme 0", tags=[stamp(WRONG)])
    platform.vendor = REFUSES
    platform.once("POST /instances", problem(429, headers={"Retry-After": "1"}))
    tagged, *created = fleet(secrets=WRONG)
    results = run(client, replace(tagged, tags=("new",)), *created)

    assert results[0]["action"] == "updated"
    assert logins_made(platform) == 1


def test_what_another_job_makes_need_a_login_waits_for_it(platform: Platform, client: Client) -> None:
    for number in range(MANY):
        platform.add(name=f"Acme {number}")
    platform.vendor = REFUSES

    def rotated_meanwhile(usual: Callable[[], Answer]) -> Answer:
        listed = usual()
        for body in platform.instances.values():
            body["tags"] = [stamp({"password": "canary-other"})]
        return listed

    platform.respond("GET /instances", rotated_meanwhile)
    results = run(client, *fleet(tags=("new",)))

    assert logins_made(platform) == 1
    assert [result["code"] for result in results] == ["credentials_rejected"] * MANY


def test_a_vendor_that_is_busy_refuses_no_login(platform: Platform, client: Client) -> None:
    for number in range(MANY):
        platform.add(name=f"Acme {number}")
    platform.once("PUT .*", *[problem(429, "Failed", providerMessage="slow down")] * 3)
    results = run(client, *fleet(secrets={"password": "canary-new"}))

    assert [result.get("code") for result in results] == ["refused", *[None] * (MANY - 1)]


def test_one_whose_call_checks_the_credentials_is_tried_before_one_with_a_ping(
    platform: Platform, client: Client
) -> None:
    platform.elements.update({"autotaskfinance": [], "autotaskcrm": []})
    platform.masked = {"finance.autotask.password", "crm.autotask.password"}
    platform.respond("GET /hubs/.*", lambda _usual: REFUSES)
    finance, crm = (
        replace(
            AUTOTASK,
            element=f"autotask{hub}",
            configuration={f"{hub}.autotask.username": "u", f"{hub}.autotask.server.url": "https://x"},
            secrets={f"{hub}.autotask.password": "p"},
        )
        for hub in ("finance", "crm")
    )
    results = run(client, finance, crm)

    assert [result["changed"] for result in results] == [False, True]
    assert [result["code"] for result in results] == ["credentials_rejected"] * 2


@pytest.mark.parametrize("concurrency", [1, 4])
def test_progress_counts_those_that_are_not_tried(platform: Platform, client: Client, concurrency: int) -> None:
    platform.vendor = REFUSES
    progress = Progress()
    reconcile(fleet(secrets=WRONG), client, STAMPS, Policy(concurrency=concurrency, progress=progress))

    assert len(progress.jobs) == progress.total == MANY


def test_a_stopped_run_does_not_go_through_those_that_wait_one_by_one(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(_logins, "login_of", lambda *of: asked.append(of) or login_of(*of))
    platform.once("POST /instances", problem(400, "A tag is too long"))
    many = [desired(name=str(number)) for number in range(100)]
    reports = reconcile(many, client, STAMPS, Policy(stop_on_error=True))

    assert [report.word for report in reports] == ["failed", *["not_attempted"] * 99]
    assert len(asked) < 5 * len(many)


class Progress(Silent):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.total = 0
        self.jobs: set[Job] = set()

    def begin(self, total: int) -> None:
        self.total = total

    def ended(self, job: Job) -> None:
        self.jobs.add(job)


# What is one login

AUTOTASK = Desired(
    "autotaskcrm",
    "A",
    configuration={"crm.autotask.username": "u", "crm.autotask.server.url": "https://x"},
    secrets={"crm.autotask.password": "p"},
)
HELP_DESK = Desired(
    "autotaskhelpdesk",
    "B",
    configuration={"helpdesk.autotask.username": "u", "helpdesk.autotask.server.url": "https://x"},
    secrets={"helpdesk.autotask.password": "p"},
)


def test_the_hubs_of_one_vendor_share_a_login() -> None:
    assert login_of(AUTOTASK) == login_of(HELP_DESK) is not None


@pytest.mark.parametrize(
    "other",
    [
        replace(AUTOTASK, secrets={"crm.autotask.password": "q"}),
        replace(AUTOTASK, configuration={**AUTOTASK.configuration, "crm.autotask.username": "v"}),
        replace(AUTOTASK, configuration={**AUTOTASK.configuration, "crm.autotask.server.url": "https://y"}),
        replace(AUTOTASK, element="autotaskcrm2"),
    ],
)
def test_another_user_secret_or_address_is_another_login(other: Desired) -> None:
    assert login_of(AUTOTASK) != login_of(other)


@pytest.mark.parametrize(
    "same",
    [
        replace(AUTOTASK, name="C", tags=("a",), owner="us"),
        replace(AUTOTASK, configuration={**AUTOTASK.configuration, "event.notification.enabled": "true"}),
        replace(AUTOTASK, secrets={**AUTOTASK.secrets, "event.notification.signature.key": "k"}),
    ],
)
def test_what_the_vendor_does_not_see_is_no_part_of_a_login(same: Desired) -> None:
    assert login_of(AUTOTASK) == login_of(same)


def test_other_elements_have_a_login_too() -> None:
    one = desired(configuration={"username": "u", "pagination.max": "5"})

    assert login_of(one) == login_of(desired(name="B", configuration={"username": "u"}))
    assert login_of(one) != login_of(desired(configuration={"username": "v"}))
    assert login_of(one) != login_of(desired(element="other", configuration={"username": "u"}))


def test_an_item_with_an_id_alone_has_the_element_of_its_instance() -> None:
    by_id = Desired(None, id=7, secrets={"password": SECRET})

    assert login_of(by_id, actual()) == login_of(desired())
    assert login_of(by_id, actual()) != login_of(by_id, actual(element="other"))


def test_items_with_ids_alone_share_the_login_of_their_element_only(platform: Platform, client: Client) -> None:
    platform.elements["other"] = []
    for number, element in enumerate((ELEMENT, "other", ELEMENT), 1):
        platform.add(id=number, name=f"Acme {number}", element={"key": element})
    platform.respond("GET /ping", lambda _usual: REFUSES)
    by_id = [Desired(None, id=number, secrets=WRONG) for number in (1, 2)]
    results = run(client, *by_id, desired(name="Acme 3", secrets=WRONG))

    assert [result.get("code") for result in results] == ["credentials_rejected", None, "credentials_rejected"]
    assert logins_made(platform) == 2


def test_without_secrets_there_is_no_login() -> None:
    assert login_of(desired(secrets={})) is None
