# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup from Ansible's side: names in, tokens out, and in a failure no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.cloud_elements.platform.plugins.lookup import ce_instance_token
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    BASE_URL,
    CONNECTION,
    ELEMENT,
    TOKEN,
    Platform,
    problem,
)


def look(*names: str, loader: DataLoader | None = None, **given: Any) -> list[str]:
    """Run the lookup as Ansible does."""
    # None is an unset option.
    options = {name: value for name, value in {**CONNECTION, "element": ELEMENT, **given}.items() if value is not None}
    return ce_instance_token.LookupModule(loader).run(list(names), variables={"a": 1}, **options)


def failure(*names: str, **given: Any) -> str:
    with pytest.raises(AnsibleLookupError) as raised:
        look(*names, **given)
    assert "canary" not in str(raised.value)
    assert raised.value.__cause__ is None
    return str(raised.value)


def test_one_instance_is_searched_for(platform: Platform) -> None:
    platform.add()
    platform.add(name="Acme too", token="canary-other")

    assert look("Acme") == [TOKEN]
    assert [sent.query.get("searchText") for sent in platform.sent] == ["Acme"]


def test_certificates_are_searched_for_at_the_playbook(platform: Platform, tmp_path: Path) -> None:
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))

    assert f"ca_path {tmp_path}/ca.pem cannot be used: it does not exist" in failure(
        "Acme", ca_path="ca.pem", loader=loader
    )
    assert platform.sent == []


def test_several_instances_are_listed_once_and_come_in_their_order(platform: Platform) -> None:
    for name in "ABC":
        platform.add(name=name, token=f"canary-{name}")

    assert look("C", "A", "C") == ["canary-C", "canary-A", "canary-C"]
    assert [sent.query.get("searchText") for sent in platform.sent] == [None]


def test_an_instance_may_be_asked_for_by_its_id(platform: Platform) -> None:
    number = platform.add()["id"]

    assert look(id=number, element=None) == look(id=str(number)) == [TOKEN]
    assert platform.lines == [f"GET /instances/{number}"] * 2


@pytest.mark.parametrize("changes", [{"disabled": True}, {"valid": False}])
def test_an_instance_that_answers_no_calls_has_a_token(platform: Platform, changes: dict[str, Any]) -> None:
    platform.add(**changes)

    assert look("Acme") == [TOKEN]


def test_a_token_that_the_listing_leaves_out_is_read(platform: Platform) -> None:
    number = platform.add()["id"]
    platform.unlisted = ("token",)

    assert look("Acme") == [TOKEN]
    assert platform.lines[-1] == f"GET /instances/{number}"


def test_a_token_that_is_not_returned_is_a_failure(platform: Platform) -> None:
    platform.add(token=None)

    assert failure("Acme").startswith("Cloud Elements returned no token for instance 101")


@pytest.mark.parametrize("names", [["Acm"], ["Acme", "Acm"]])
def test_an_instance_that_is_not_there_is_named(platform: Platform, names: list[str]) -> None:
    platform.add()

    assert failure(*names).startswith(f'{ELEMENT} "Acm": There is no such instance')


def test_an_element_that_is_not_there_is_reported(platform: Platform) -> None:
    platform.add()

    assert "has no element with the key examplebasi " in failure("Acme", element="examplebasi")


def test_an_id_that_is_not_there_is_named(platform: Platform) -> None:  # noqa: ARG001
    assert failure(id=5, element=None).startswith("instance (id 5): There is no such instance")


def test_an_id_of_another_element_is_refused(platform: Platform) -> None:
    number = platform.add()["id"]

    assert f"autotaskcrm (id {number}): The instance with this id belongs to the element {ELEMENT}" in failure(
        id=number, element="autotaskcrm"
    )


@pytest.mark.parametrize("names", [["Acme"], ["Acme", "B"]])
def test_several_instances_of_one_name_are_reported_with_their_ids(platform: Platform, names: list[str]) -> None:
    for _time in range(2):
        platform.add()
    platform.add(name="B")

    said = failure(*names)
    assert f'{ELEMENT} "Acme": 2 instances have this element and name (id 101, created' in said
    assert "Choose one with id" in said


@pytest.mark.parametrize(
    ("names", "given", "sentence"),
    [
        ([], {}, "The name is missing"),
        (["Acme"], {"element": None}, "element is missing"),
        (["Acme"], {"element": ""}, "element is missing"),
        (["Acme"], {"id": 5}, "A name and id are mutually exclusive"),
        ([], {"id": "canary"}, "id"),
        (["Acme"], {"elment": "canary"}, "elment"),
        (["Acme"], {"timeout": CONNECTION["user_secret"]}, "timeout"),
        (["Acme"], {"user_secret": ""}, "user_secret is missing or empty"),
        (["Acme"], {"organization_secret": None}, "CLOUD_ELEMENTS_ORGANIZATION_SECRET"),
        (["Acme"], {"base_url": f"http://{CONNECTION['user_secret']}@localhost"}, "base_url must look like"),
    ],
)
def test_wrong_options_are_reported_and_nothing_is_sent(
    platform: Platform, names: list[str], given: dict[str, Any], sentence: str
) -> None:
    assert sentence in failure(*names, **given)
    assert platform.sent == []


def test_the_platform_s_message_is_shown_without_secrets(platform: Platform) -> None:
    platform.once("GET /instances", problem(401, f"Unknown {CONNECTION['user_secret']}"))

    assert "Check user_secret" in failure("Acme")


def test_an_unexpected_exception_is_reported_without_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_params: Any, _tokens: Any) -> Any:
        raise KeyError("canary")

    monkeypatch.setattr(ce_instance_token, "connect", broken)

    assert failure("Acme") == "internal error, please report it: KeyError"


def test_the_connection_comes_from_the_environment_where_a_variable_is_not_empty(
    platform: Platform, environment: pytest.MonkeyPatch
) -> None:
    platform.add()
    for name, value in CONNECTION.items():
        environment.setenv(f"CLOUD_ELEMENTS_{name.upper()}", value)
    unset = dict.fromkeys(CONNECTION)

    assert look("Acme", **unset) == [TOKEN]
    environment.setenv("CLOUD_ELEMENTS_USER_SECRET", "")
    assert "user_secret is missing or empty" in failure("Acme", **unset)
    environment.setenv("CLOUD_ELEMENTS_BASE_URL", "")
    assert look("Acme", base_url=BASE_URL, user_secret="canary-another", organization_secret=None) == [TOKEN]


def test_a_token_is_registered_with_an_ansible_that_hides_secrets(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(ce_instance_token, "register", told.extend)
    platform.add()
    look("Acme", "Acme")

    assert TOKEN in told
    assert CONNECTION["user_secret"] in told
