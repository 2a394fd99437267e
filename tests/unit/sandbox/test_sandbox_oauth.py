# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements that are authenticated by an OAuth code, or by tokens from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.unit.sandbox.calling import OAUTH, Caller

NO_CODE = "You must provide an OAuth code in order to create an instance of this element"
ELSEWHERE = {**OAUTH, "oauth.user.refresh_token": "refresh-me"}


def _post(caller: Caller, **body: Any) -> requests.Response:
    wanted = {"name": "one", "element": {"key": "actessentialsoauth"}, "configuration": OAUTH, **body}
    return caller.api("POST", "/instances", wanted)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"providerData": {}},
        {"providerData": {"code": ""}},
        {"providerData": "code"},
        {"externalAuthentication": "initial"},
        {"externalAuthentication": "none", "configuration": ELSEWHERE},
        {"configuration": ELSEWHERE},
    ],
)
def test_without_a_code_the_answer_is_400_in_the_platforms_words(caller: Caller, body: dict[str, Any]) -> None:
    answer = _post(caller, **body)
    assert (answer.status_code, answer.json()["message"]) == (400, NO_CODE)
    assert caller.names() == []


def test_a_code_is_turned_into_tokens(caller: Caller) -> None:
    made = _post(caller, providerData={"code": "one-time"}).json()
    assert made["authenticationType"] == "oauth2"
    assert made["externalAuthentication"] == "none"
    assert made["element"]["typeOauth"] is False
    stored = caller.stored(made)
    assert stored["oauth.user.token"]
    assert stored["oauth.user.refresh_token"]
    assert "one-time" not in caller.api("GET", f"/instances/{made['id']}").text
    assert caller.hub("/hubs/crm/contacts", made).status_code == 200


def test_a_code_is_good_for_one_instance(caller: Caller) -> None:
    assert _post(caller, providerData={"code": "one-time"}).status_code == 200
    answer = _post(caller, providerData={"code": "one-time"})
    assert (answer.status_code, answer.json()["message"]) == (400, "Request failed")
    assert "invalid_grant" in answer.json()["providerMessage"]


def test_an_authentication_from_elsewhere_needs_no_code(caller: Caller) -> None:
    made = _post(caller, externalAuthentication="initial", configuration=ELSEWHERE).json()
    assert made["externalAuthentication"] == "initial"
    assert made["configuration"]["oauth.user.refresh_token"] == "refresh-me"
    assert caller.hub("/hubs/crm/contacts", made).status_code == 200


def test_the_platform_renews_the_tokens_by_itself(caller: Caller) -> None:
    made = _post(caller, externalAuthentication="initial", configuration=ELSEWHERE).json()
    caller.hub("/hubs/crm/contacts", made)
    stored = caller.stored(made)
    assert stored["oauth.user.refresh_token"] not in (None, "refresh-me")
    assert stored["oauth.user.token"]


def test_without_a_refresh_token_the_vendor_refuses(caller: Caller) -> None:
    made = _post(caller, providerData={"code": "one-time"}).json()
    caller.patch(made, configuration={"oauth.user.refresh_token": None})
    assert caller.hub("/hubs/crm/contacts", made).status_code == 401
    assert caller.get(made)["valid"] is False


def test_the_platform_disables_an_instance_after_five_failed_refreshes_in_a_row(caller: Caller) -> None:
    made = _post(caller, providerData={"code": "one-time"}).json()

    def fail(times: int) -> list[int]:
        caller.patch(made, configuration={"oauth.user.refresh_token": None})
        return [caller.hub("/contacts", made).status_code for _time in range(times)]

    assert fail(4) == [401] * 4
    caller.patch(made, configuration={"oauth.user.refresh_token": "good"})
    assert caller.hub("/contacts", made).status_code == 200
    assert fail(4) == [401] * 4
    assert caller.get(made)["disabled"] is False
    assert fail(2) == [401, 403]
    assert caller.get(made)["disabled"] is True
    # Only an update and PUT of /enabled bring it back, and it counts from the start.
    caller.api("PUT", f"/instances/{made['id']}/enabled")
    assert fail(6) == [401] * 5 + [403]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_new_code_provisions_an_instance_again(caller: Caller, method: str) -> None:
    made = _post(caller, providerData={"code": "first"}).json()
    before = caller.stored(made)["oauth.user.refresh_token"]
    body = {"providerData": {"code": "second"}}
    assert caller.api(method, f"/instances/{made['id']}", body).status_code == 200
    assert caller.stored(made)["oauth.user.refresh_token"] != before
    assert caller.api(method, f"/instances/{made['id']}", body).status_code == 400


def test_missing_client_keys_are_named_first(caller: Caller) -> None:
    answer = _post(caller, configuration={}, providerData={"code": "kept"})
    assert answer.status_code == 400
    assert "oauth.api.key, oauth.api.secret" in answer.json()["message"]
    assert _post(caller, providerData={"code": "kept"}).status_code == 200
