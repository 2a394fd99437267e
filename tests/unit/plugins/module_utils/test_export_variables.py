# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances share a variable where the platform shows that they use one login, and nowhere else."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.element import Element
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Actual
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.values import MASK
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS, Field, Vendor
from ansible_collections.cloud_elements.platform.plugins.module_utils._query import export_logins
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.export import export_instances
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.export_logins import Login
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.export_variables import WORD_LENGTH
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import actual
from hypothesis import given
from hypothesis import strategies as st

USER, ZONE = "api.user@example.com", "https://ww2.autotask.net"
KEYS = {*(key for vendor in VENDORS.values() for key in vendor.elements.values()), "examplebasic", "exampletext"}
ELEMENTS = {key: Element(key) for key in KEYS}


def autotask(
    number: int, *, hub: str = "crm", username: str = USER, password: str = MASK, server: str = ZONE, **more: Any
) -> Actual:
    login = {f"{hub}.autotask.username": username, f"{hub}.autotask.password": password}
    held = {**login, f"{hub}.autotask.server.url": server, **more}
    return actual(id=number, name=f"A {number}", element=f"autotask{hub}", tags=(), configuration=held)


def act(number: int, api_key: str = "canary-key", developer_key: str = MASK, name: str = "B") -> Actual:
    held = {"username": api_key, "password": developer_key}
    return actual(id=number, name=f"{name} {number}", element="actessentials", tags=(), configuration=held)


def generic(number: int, name: str = "C", element: str = "examplebasic", **held: Any) -> Actual:
    configuration = {"username": "example", "password": MASK, **held}
    return actual(id=number, name=name, element=element, tags=(), configuration=configuration)


def variables(*found: Actual) -> dict[tuple[int, str], str]:
    """Return the variable of each secret, by the instance's id and the configuration key."""
    told = export_instances(found, (), ELEMENTS)
    assert "canary" not in str(told)
    return {(each["id"], each["key"]): each["variable"] for each in told["secrets"]}


# Which instances share one

PASSWORDS = "crm.autotask.password", "helpdesk.autotask.password"
ONE_LOGIN = [
    ("the same user name and server URL", autotask(1), autotask(2), 1),
    ("the same login in another hub", autotask(1), autotask(2, hub="helpdesk"), 1),
    ("a slash at the end of the URL", autotask(1), autotask(2, server=f"{ZONE}/"), 1),
    ("the same password in clear", autotask(1, password="canary-1"), autotask(2, password="canary-1"), 1),
    ("the same API key in clear", act(1), act(2), 2),
    ("the same keys in clear", act(1, developer_key="canary-2"), act(2, developer_key="canary-2"), 2),
]
SEVERAL_LOGINS = [
    ("another user name", autotask(1), autotask(2, username="another"), 2),
    ("a user name in other letters", autotask(1), autotask(2, username=USER.upper()), 2),
    ("another server", autotask(1), autotask(2, server="https://ww3.autotask.net"), 2),
    ("other passwords in clear", autotask(1, password="canary-1"), autotask(2, password="canary-2"), 2),
    ("passwords that differ by a slash", autotask(1, password="canary-1"), autotask(2, password="canary-1/"), 2),
    ("a password in clear, and one that is masked", autotask(1, password="canary-1"), autotask(2), 2),
    ("keys that nobody sees", act(1, MASK), act(2, MASK), 4),
    ("a key that nobody sees", act(1), act(2, MASK), 4),
    ("other API keys in clear", act(1), act(2, "canary-other"), 4),
    ("other developer keys in clear", act(1, developer_key="canary-2"), act(2, developer_key="canary-3"), 4),
    ("an element without a vendor profile", generic(1), generic(2), 2),
    ("such an element with its secret in clear", generic(1, password="canary-1"), generic(2, password="canary-1"), 2),
    ("a login without its server URL", autotask(1, server=""), autotask(2, server=""), 2),
]


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [each[1:] for each in ONE_LOGIN + SEVERAL_LOGINS],
    ids=[each[0] for each in ONE_LOGIN + SEVERAL_LOGINS],
)
def test_instances_share_a_variable_when_they_are_shown_to_use_one_login(
    first: Actual, second: Actual, number: int
) -> None:
    assert len({*variables(first, second).values()}) == number


def test_what_an_instance_has_besides_its_login_is_its_own() -> None:
    signature = {"event.notification.signature.key": "canary-signature"}
    found = variables(autotask(1, **signature), autotask(2, **signature))

    assert Counter(found.values()) == {
        "vault_autotask_api_user_example_com_password": 2,
        "vault_a_1_event_notification_signature_key": 1,
        "vault_a_2_event_notification_signature_key": 1,
    }


def test_a_server_url_alone_is_no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"label": "", "description": ""}
    fields = (
        Field("server_url", "url", "URL", secret=False, url=True, **words),
        Field("api_key", "key", "KEY", secret=True, **words),
    )
    vendor = Vendor("V", "a V account", "A login of V", {"": "v"}, fields, {})
    monkeypatch.setattr(export_logins, "VENDORS", {"v": vendor})

    assert not Login("v", (ZONE, None)).is_identified
    assert Login("v", (ZONE, "canary-key")).is_identified


def test_an_account_asks_for_each_secret_once() -> None:
    crm, desk = range(1, 59), range(59, 116)
    found = [*(autotask(one) for one in crm), *(autotask(one, hub="helpdesk") for one in desk)]
    told = export_instances([*found, *(act(one) for one in range(116, 172))], (), ELEMENTS)

    assert len(told["instances"]) == 171
    assert len(told["secrets"]) == 227
    assert Counter(each["variable"] for each in told["secrets"]) == {
        "vault_autotask_api_user_example_com_password": 115,
        "vault_act365_b_116_api_key": 56,
        "vault_act365_b_116_developer_key": 56,
    }


# What it is called

NAMES: list[tuple[tuple[Actual, ...], dict[int, str]]] = [
    ((autotask(1),), {1: "vault_autotask_api_user_example_com_password"}),
    ((autotask(1, username="Björn"),), {1: "vault_autotask_bjorn_password"}),
    ((autotask(1, username="漢字"),), {1: "vault_autotask_a_1_password"}),
    (
        (autotask(1, username="漢"), autotask(2, username="字"), autotask(3, username="漢", hub="helpdesk")),
        {1: "vault_autotask_a_1_password", 2: "vault_autotask_a_2_password", 3: "vault_autotask_a_1_password"},
    ),
    (
        (autotask(1, username="a"), autotask(2, username="a", server="https://ww3.autotask.net/")),
        {1: "vault_autotask_a_ww2_autotask_net_password", 2: "vault_autotask_a_ww3_autotask_net_password"},
    ),
    (
        (autotask(1, username="a.b"), autotask(2, username="a_b"), autotask(3, username="c")),
        {1: "vault_autotask_a_b_password_1", 2: "vault_autotask_a_b_password_2", 3: "vault_autotask_c_password"},
    ),
    (
        (autotask(3, username="a"), generic(1, "autotask a"), generic(2, "autotask a ww2 autotask net")),
        {
            3: "vault_autotask_a_password",
            1: "vault_autotask_a_password_1",
            2: "vault_autotask_a_ww2_autotask_net_password_2",
        },
    ),
    ((generic(1, "a"), generic(2, "A")), {1: "vault_a_password_1", 2: "vault_a_password_2"}),
    (
        (generic(1, "a"), generic(2, "A"), generic(3, "a", password_1=MASK, password="")),
        {1: "vault_a_password_1", 2: "vault_a_password_2", 3: "vault_a_password_1_3"},
    ),
    ((generic(1, "x" * 200),), {1: f"vault_{'x' * WORD_LENGTH}_password"}),
]


@pytest.mark.parametrize(("found", "names"), NAMES)
def test_a_variable_has_a_name_that_depends_on_no_order(found: tuple[Actual, ...], names: dict[int, str]) -> None:
    for order in itertools.permutations(found):
        assert {number: name for (number, _key), name in variables(*order).items()} == names


def test_keys_without_a_readable_login_are_called_like_the_instance_with_the_lowest_id() -> None:
    found = variables(act(9, name="Later"), act(4, name="First"), act(5, MASK, name="Hidden"))

    assert found == {
        (9, "username"): "vault_act365_first_4_api_key",
        (9, "password"): "vault_act365_first_4_developer_key",
        (4, "username"): "vault_act365_first_4_api_key",
        (4, "password"): "vault_act365_first_4_developer_key",
        (5, "username"): "vault_act365_hidden_5_api_key",
        (5, "password"): "vault_act365_hidden_5_developer_key",
    }


TEXTS = st.sampled_from(["a", "A", "a.b", "a_b", "漢", MASK, ""])
SERVERS = st.sampled_from([ZONE, f"{ZONE}/", "https://ww3.autotask.net"])
PLACED = st.one_of(
    st.builds(
        autotask,
        st.integers(1, 99),
        hub=st.sampled_from([*VENDORS["autotask"].elements]),
        username=TEXTS,
        password=TEXTS,
        server=SERVERS,
    ),
    st.builds(act, st.integers(1, 99), TEXTS, TEXTS, st.sampled_from(["a", "autotask a", ""])),
    st.builds(generic, st.integers(1, 99), st.sampled_from(["a", "A", "autotask a", "act365 a"]), password=TEXTS),
)


@given(st.lists(PLACED, max_size=8, unique_by=lambda each: each.id), st.randoms())
def test_who_shares_a_variable_has_the_same_readable_login_and_no_other_secret(
    found: list[Actual], chance: Any
) -> None:
    told = export_instances(found, (), ELEMENTS)
    held = {each.id: each.configuration or {} for each in found}
    items = {each.id: item for each, item in zip(found, told["instances"])}
    shuffled = chance.sample(found, len(found))

    assert variables(*shuffled) == variables(*found)
    for one, other in itertools.combinations(told["secrets"], 2):
        assert re.fullmatch("vault_[a-z0-9_]+", one["variable"])
        if one["variable"] == other["variable"]:
            logins = [items[each["id"]].get("autotask", items[each["id"]].get("act365")) for each in (one, other)]
            assert logins[0].get("username") == logins[1].get("username")
            assert held[one["id"]][one["key"]] == held[other["id"]][other["key"]]
            assert one["element"].startswith("autotask") == other["element"].startswith("autotask")
