# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of the instances that share a login, one is tried first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine import logins as _logins
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.item import WorkItem
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.logins import TRIALS, login_of
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.reconcile import (
    RunOptions,
    reconcile,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Desired
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    SECRET,
    STAMPS,
    Platform,
    actual,
    desired,
    lost,
    page,
    problem,
    run,
    shown,
    stamp,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.scenarios import (
    BAD_LOGIN,
    LISTING,
    POST,
    Given,
    afterwards,
    answers,
    answers_with,
    becomes,
    prepare,
    setting,
    there,
)

WRONG = {"password": "canary-wrong"}
MANY = 6
BY_ID = {1: ELEMENT, 2: "other", 3: ELEMENT}


def fleet(**changes: Any) -> list[Desired]:
    return [desired(**{"name": f"Acme {number}", **changes}) for number in range(MANY)]


def autotask(hub: str) -> Desired:
    return Desired(
        f"autotask{hub}",
        "A",
        configuration={f"{hub}.autotask.username": "u", f"{hub}.autotask.server.url": "https://x"},
        secrets={f"{hub}.autotask.password": "p"},
    )


AUTOTASK, FINANCE = autotask("crm"), autotask("finance")


def logins_made(platform: Platform) -> int:
    return platform.lines.count("GET /ping")


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_refused_password_costs_one_login_and_one_new_instance(
    platform: Platform, client: Client, concurrency: int
) -> None:
    platform.vendor = BAD_LOGIN
    reports = reconcile(fleet(secrets=WRONG), client, STAMPS, RunOptions(concurrency=concurrency))
    results = [shown(report, diff=True) for report in reports]

    assert logins_made(platform) == 1
    assert platform.writes == [POST, "PATCH /instances/101"]
    assert [report.status for report in reports] == ["failed"] * MANY
    assert [result["code"] for result in results] == ["credentials_rejected"] * MANY
    assert [result["changed"] for result in results] == [True, *[False] * (MANY - 1)]
    assert all('"Acme 0" uses the same ones and was tried first' in result["msg"] for result in results[1:])
    assert all("Nothing was written for this instance." in result["msg"] for result in results[1:])
    assert "canary-wrong" not in str(results)


def test_a_mistyped_new_password_leaves_the_others_as_they_were(platform: Platform, client: Client) -> None:
    prepare(platform, *[there(name=f"Acme {number}") for number in range(MANY)], setting(vendor=BAD_LOGIN))
    first, *others = run(client, *fleet(secrets=WRONG))

    held = [body["configuration"]["password"] for body in platform.instances.values()]
    assert held == [WRONG["password"], *[SECRET] * (MANY - 1)]
    assert logins_made(platform) == 1
    # Nobody has the old password any more to put it back.
    assert first["msg"].endswith(
        " Instance 101 now has these credentials and does not work. Correct them, then run again."
    )
    assert not any("now has these credentials" in other["msg"] for other in others)


def test_a_refusal_after_nothing_was_sent_does_not_blame_the_run(platform: Platform, client: Client) -> None:
    platform.add(name="Acme 0", tags=["old"])
    platform.vendor = BAD_LOGIN
    (result,) = run(client, desired(name="Acme 0", secrets={}, tags=("new",), verify="always"))

    assert (result["code"], result["changed"]) == ("credentials_rejected", True)
    assert "now has these credentials" not in result["msg"]


def test_a_new_instance_that_fails_is_said_to_stay(platform: Platform, client: Client) -> None:
    platform.vendor = BAD_LOGIN
    (result,) = run(client, desired(name="Acme 0", secrets=WRONG))

    assert result["msg"].endswith(
        " The new instance 101 exists. Correct the item and run again, or delete it with state set to absent."
    )


ALL = [there(name=f"Acme {number}") for number in range(MANY)]
VENDOR_REFUSES = setting(vendor=BAD_LOGIN)
BUSY = answers(POST, problem(429, headers={"Retry-After": "1"}))
TAG_TOO_LONG = problem(400, "A tag is too long")
REJECTED = ["credentials_rejected"] * MANY
OTHERWISE_ROTATED = [becomes(101 + number, tags=[stamp({"password": "canary-other"})]) for number in range(MANY)]
WRONG_ONES, WRONG_SILENT = fleet(secrets=WRONG), fleet(secrets=WRONG, verify="never")


def of(*given: Given, wanted: list[Desired], **expected: Any) -> tuple[Sequence[Given], list[Desired], dict[str, Any]]:
    """Return a row of a table: what the platform does, what is wanted, and what is seen of it."""
    return given, wanted, expected


FIRST_BAD = ["refused", *REJECTED[1:]]
BAD_REQUESTS = {
    "as a bad request": problem(400, "Bad Request", providerMessage="AuthenticationFailed"),
    "without the vendor's words": problem(
        400, "Failed to connect to the API URL. Validate that you are using the correct WSDL path."
    ),
}
FLEETS = {
    "what the platform itself still calls invalid counts as refused": of(
        *(there(name=f"Acme {number}", valid=False) for number in range(MANY)),
        answers_with("PUT .*", becomes(101, valid=False), valid=False),
        wanted=fleet(verify="never"),
        codes=REJECTED,
        writes=["PUT /instances/101", "PATCH /instances/101"],
    ),
    "a creation that the vendor refuses is one as well": of(
        answers(POST, problem(400, "Request failed", providerMessage="bad key")),
        wanted=fleet(verify="never"),
        writes=[POST],
        changed=[False] * MANY,
    ),
    **{
        f"a refusal of a creation is one when the platform passes it on {how}": of(
            answers(POST, refusal), wanted=WRONG_SILENT, writes=[POST], changed=[False] * MANY, codes=FIRST_BAD
        )
        for how, refusal in BAD_REQUESTS.items()
    },
    **{
        f"a refusal of an update is one when the platform passes it on {how}": of(
            *ALL, answers("PUT .*", refusal), wanted=WRONG_SILENT, writes=["PUT /instances/101"], codes=FIRST_BAD
        )
        for how, refusal in BAD_REQUESTS.items()
    },
    "a creation that the platform refuses says nothing of the login": of(
        answers(POST, TAG_TOO_LONG), wanted=fleet(), actions=["none", *["created"] * (MANY - 1)]
    ),
    "a vendor that cannot be asked refuses nobody": of(
        setting(vendor=page(502)), wanted=fleet(), actions=["created"] * MANY, codes=["not_verified"] * MANY
    ),
    "a vendor that is busy refuses no login": of(
        *ALL,
        answers("PUT .*", *[problem(429, "Failed", providerMessage="slow down")] * 3),
        wanted=fleet(secrets={"password": "canary-new"}),
        codes=["refused", *[None] * (MANY - 1)],
    ),
    "an accepted login holds nobody up": of(wanted=fleet(), actions=["created"] * MANY, logins=MANY),
    "another login is not refused with it": of(
        answers("GET /ping", BAD_LOGIN),
        wanted=[desired(name="A", secrets=WRONG), desired(name="B"), desired(name="C", secrets=WRONG)],
        codes=["credentials_rejected", None, "credentials_rejected"],
        actions=["created", "created", "none"],
    ),
    "one that asks the vendor is tried before one that does not": of(
        VENDOR_REFUSES, wanted=[desired(name="A", verify="never"), desired(name="B")], changed=[False, True]
    ),
    "one whose call checks the credentials is tried before one with a ping": of(
        setting(elements={"autotaskfinance": [], "autotaskcrm": []}, masked={*FINANCE.secrets, *AUTOTASK.secrets}),
        answers("GET /hubs/.*", BAD_LOGIN),
        wanted=[FINANCE, AUTOTASK],
        changed=[False, True],
        codes=["credentials_rejected"] * 2,
    ),
    "what needs nothing is no part of it": of(
        there(name="Acme 5", tags=[stamp(WRONG)]), VENDOR_REFUSES, wanted=WRONG_ONES, codes=[*REJECTED[:5], None]
    ),
    "what needs no login says nothing of it": of(
        there(name="Acme 0", tags=[stamp(WRONG)]),
        VENDOR_REFUSES,
        BUSY,
        wanted=[replace(WRONG_ONES[0], tags=("new",)), *WRONG_ONES[1:]],
        actions=["updated", "created", *["none"] * (MANY - 2)],
        logins=1,
    ),
    "what another job makes need a login waits for it": of(
        *ALL,
        VENDOR_REFUSES,
        afterwards(LISTING, *OTHERWISE_ROTATED),
        wanted=fleet(tags=("new",)),
        logins=1,
        codes=REJECTED,
    ),
    "a first one that has to look again holds the others until it is known": of(
        VENDOR_REFUSES, BUSY, wanted=WRONG_ONES, writes=[POST, POST, "PATCH /instances/101"], codes=REJECTED
    ),
    "first ones that fail for reasons of their own are not tried without end": of(
        answers(POST, *[TAG_TOO_LONG] * TRIALS),
        wanted=fleet(),
        actions=["none"] * TRIALS + ["created"] * (MANY - TRIALS),
    ),
    "a first one whose creation is lost holds the others until it is found": of(
        VENDOR_REFUSES,
        answers(POST, lost(), happens=True),
        wanted=WRONG_ONES,
        logins=1,
        writes=[POST, "PATCH /instances/101"],
        codes=REJECTED,
    ),
    "a first one of which the vendor could not be asked is not the last to be tried alone": of(
        VENDOR_REFUSES,
        answers("GET /ping", *[page(502)] * 5),
        wanted=WRONG_ONES,
        codes=["not_verified", *REJECTED[1:]],
        changed=[True, True, *[False] * (MANY - 2)],
    ),
    "a refusal is one also when the stamp could not be withdrawn": of(
        VENDOR_REFUSES,
        answers("PATCH .*", problem(500)),
        wanted=WRONG_ONES,
        logins=1,
        codes=REJECTED,
        changed=[True, *[False] * (MANY - 1)],
    ),
    "items with ids alone share the login of their element only": of(
        setting(elements={ELEMENT: [], "other": []}),
        *(there(id=number, name=f"Acme {number}", element={"key": key}) for number, key in BY_ID.items()),
        answers("GET /ping", BAD_LOGIN),
        wanted=[*(Desired(None, id=number, secrets=WRONG) for number in (1, 2)), desired(name="Acme 3", secrets=WRONG)],
        codes=["credentials_rejected", None, "credentials_rejected"],
        logins=2,
    ),
}


@pytest.mark.parametrize("sentence", FLEETS)
def test_of_a_fleet(platform: Platform, client: Client, sentence: str) -> None:
    given, wanted, expected = FLEETS[sentence]
    prepare(platform, *given)
    results = run(client, *wanted)
    seen = {
        "codes": [result.get("code") for result in results],
        "actions": [result["action"] for result in results],
        "changed": [result["changed"] for result in results],
        "writes": platform.writes,
        "logins": logins_made(platform),
    }

    assert {name: seen[name] for name in expected} == expected


def test_what_only_looks_is_tried_one_by_one_as_well(platform: Platform, client: Client) -> None:
    prepare(platform, *ALL, VENDOR_REFUSES)
    results = run(client, *fleet(verify="always"), check_mode=True)

    assert logins_made(platform) == 1
    assert [result["code"] for result in results] == REJECTED


def test_a_platform_that_stays_busy_ends_the_run(platform: Platform, client: Client) -> None:
    platform.once(POST, *[problem(429, headers={"Retry-After": "60"})] * 50)
    reports = reconcile(fleet(), client, STAMPS, RunOptions())

    assert [report.status for report in reports] == ["failed", *["not_attempted"] * (MANY - 1)]
    assert shown(reports[0], diff=False)["code"] == "busy"
    assert len(platform.writes) < 10


@pytest.mark.parametrize("concurrency", [1, 4])
def test_progress_counts_those_that_are_not_tried(platform: Platform, client: Client, concurrency: int) -> None:
    platform.vendor = BAD_LOGIN
    progress = Progress()
    reconcile(fleet(secrets=WRONG), client, STAMPS, RunOptions(concurrency=concurrency, progress=progress))

    assert len(progress.items) == progress.total == MANY


def test_a_stopped_run_does_not_go_through_those_that_wait_one_by_one(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(_logins, "login_of", lambda *of: asked.append(of) or login_of(*of))
    platform.once(POST, problem(400, "A tag is too long"))
    many = [desired(name=str(number)) for number in range(100)]
    reports = reconcile(many, client, STAMPS, RunOptions(stop_on_error=True))

    assert [report.status for report in reports] == ["failed", *["not_attempted"] * 99]
    assert len(asked) < 5 * len(many)


class Progress:
    """Records its calls."""

    def __init__(self) -> None:
        self.total = 0
        self.items: set[WorkItem] = set()

    def begin(self, total: int) -> None:
        self.total = total

    def item_done(self, item: WorkItem) -> None:
        self.items.add(item)

    def idle(self) -> None:
        pass


# What is one login


def test_the_hubs_of_one_vendor_share_a_login() -> None:
    assert login_of(AUTOTASK) == login_of(autotask("helpdesk")) is not None


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


def test_without_secrets_there_is_no_login() -> None:
    assert login_of(desired(secrets={})) is None
