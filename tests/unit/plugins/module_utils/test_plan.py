# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision: a complete truth table, and what holds for every plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._elements import Element, Key
from ansible_collections.cloud_elements.platform.plugins.module_utils._errors import BadInput, Conflict
from ansible_collections.cloud_elements.platform.plugins.module_utils._instance import MASK, Actual, Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._plan import (
    NOT_SENT,
    NOTHING_TO_SEND,
    Plan,
    check_element,
    plan,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._secrets import HIDDEN
from ansible_collections.cloud_elements.platform.plugins.module_utils._stamp import Stamps, withdrawn
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    NEW_SALT,
    SECRET,
    STAMPS,
    actual,
    after,
    desired,
    stamp,
)
from hypothesis import given
from hypothesis import strategies as st

KEYS = frozenset({"password", "url", "zone"})

# The account of the truth table: a user name that the vendor checks with the secrets, a setting, a password which reads
# back as a mask, and an API key which can be read.
SECRETS = {"password": SECRET, "api.key": "canary-api-key"}
WANTED = desired(configuration={"username": "api", "color": "red"}, credential_keys={"username"}, secrets=SECRETS)
STAMP, FRESH = stamp(SECRETS), stamp(SECRETS, salt=NEW_SALT)
HELD = {"username": "api", "color": "red", "password": MASK, "api.key": "canary-api-key", "default": "15"}


def held(**changes: Any) -> dict[str, Any]:
    return {**HELD, **{key.replace("_", "."): value for key, value in changes.items()}}


def planned(wanted: Desired, *found: Actual) -> Plan:
    return plan(wanted, found, STAMPS, NEW_SALT)


def sent(made: Plan) -> list[str]:
    """Return the requests as lines: method, path, keys of the body."""
    return [" ".join([r.method, r.path, *sorted(r.body or ())]) for r in made.requests]


SITUATIONS: dict[str, dict[str, Any]] = {
    "the same, secrets readable": {"configuration": held(password=SECRET)},
    "the same, secrets masked": {},
    "configuration differs": {"configuration": held(color="blue")},
    "credential key differs": {"configuration": held(username="somebody")},
    "stamp differs": {"tags": (stamp({**SECRETS, "password": "yesterday's"}),)},
    "not stamped": {"tags": ("Acme",)},
    "stamp of another key": {"tags": (stamp(SECRETS, stamps=Stamps("another")),)},
    "stamp cut": {"tags": (STAMP[:40],)},
    "stamp withdrawn": {"tags": (withdrawn(STAMP),)},
    "readable secret changed by another hand": {"configuration": held(api_key="canary-other")},
    "invalid": {"valid": False},
}
FOUND = {name: actual(**{"tags": (STAMP,), "configuration": HELD, **changes}) for name, changes in SITUATIONS.items()}

NONE: list[str] = []
PATCH = ["PATCH /instances/7 configuration"]
PUT = ["PUT /instances/7?reAuthenticate=true configuration element name tags"]
POST = ["POST /instances configuration element name tags"]


class Row(NamedTuple):
    """What one situation leads to: the reasons decide the action."""

    situation: str
    update_secrets: str
    reasons: str
    requests: list[str]
    verify: bool
    warned: bool = False


# Design, section 4. No reasons: nothing to do. A stamp travels with each PUT, and with nothing else.
TRUTH = [
    Row("the same, secrets readable", "on_change", "", NONE, verify=False),
    Row("the same, secrets readable", "always", "always", PUT, verify=True),
    Row("the same, secrets readable", "on_create", "", NONE, verify=False),
    Row("the same, secrets masked", "on_change", "", NONE, verify=False),
    Row("the same, secrets masked", "always", "always", PUT, verify=True),
    Row("the same, secrets masked", "on_create", "", NONE, verify=False),
    Row("configuration differs", "on_change", "configuration", PATCH, verify=False),
    Row("configuration differs", "always", "always configuration", PUT, verify=True),
    Row("configuration differs", "on_create", "configuration", PATCH, verify=False),
    Row("credential key differs", "on_change", "credentials", PUT, verify=True),
    Row("credential key differs", "always", "always credentials", PUT, verify=True),
    Row("credential key differs", "on_create", "configuration", PATCH, verify=False, warned=True),
    Row("stamp differs", "on_change", "secrets_changed", PUT, verify=True),
    Row("stamp differs", "always", "always secrets_changed", PUT, verify=True),
    Row("stamp differs", "on_create", "", NONE, verify=False, warned=True),
    Row("not stamped", "on_change", "not_stamped", PUT, verify=True),
    Row("not stamped", "always", "always not_stamped", PUT, verify=True),
    Row("not stamped", "on_create", "", NONE, verify=False),
    Row("stamp of another key", "on_change", "stamp_key_changed", PUT, verify=True),
    Row("stamp of another key", "always", "always stamp_key_changed", PUT, verify=True),
    Row("stamp of another key", "on_create", "", NONE, verify=False),
    Row("stamp cut", "on_change", "stamp_unreadable", PUT, verify=True),
    Row("stamp cut", "always", "always stamp_unreadable", PUT, verify=True),
    Row("stamp cut", "on_create", "", NONE, verify=False),
    Row("stamp withdrawn", "on_change", "not_verified", PUT, verify=True),
    Row("stamp withdrawn", "always", "always not_verified", PUT, verify=True),
    Row("stamp withdrawn", "on_create", "", NONE, verify=True, warned=True),
    Row("readable secret changed by another hand", "on_change", "credentials", PUT, verify=True),
    Row("readable secret changed by another hand", "always", "always credentials", PUT, verify=True),
    Row("readable secret changed by another hand", "on_create", "", NONE, verify=False, warned=True),
    Row("invalid", "on_change", "invalid", PUT, verify=True),
    Row("invalid", "always", "always invalid", PUT, verify=True),
    Row("invalid", "on_create", "", NONE, verify=False, warned=True),
]
POLICIES = ("on_change", "always", "on_create")


def test_the_truth_table_leaves_nothing_out() -> None:
    assert sorted((row.situation, row.update_secrets) for row in TRUTH) == sorted(
        (situation, policy) for situation in SITUATIONS for policy in POLICIES
    )


@pytest.mark.parametrize("row", TRUTH, ids=lambda row: f"{row.situation}, {row.update_secrets}")
def test_present_and_one_there(row: Row) -> None:
    made = planned(replace(WANTED, update_secrets=row.update_secrets), FOUND[row.situation])

    assert made.reasons == tuple(row.reasons.split())
    assert made.action == ("updated" if row.reasons else "none")
    assert sent(made) == row.requests
    assert made.verify == row.verify
    assert made.warnings == ((NOT_SENT,) if row.warned else ())
    resent = row.requests is PUT
    assert made.stamp == (FRESH if resent else None)
    assert [FRESH in (request.body or {}).get("tags", ()) for request in made.requests] == [resent] * len(row.requests)


@pytest.mark.parametrize("policy", POLICIES)
def test_present_and_none_there_creates(policy: str) -> None:
    made = planned(replace(WANTED, update_secrets=policy))

    assert (made.action, made.reasons, sent(made)) == ("created", ("not_found",), POST)
    assert (made.stamp, made.verify, made.warnings) == (FRESH, True, ())
    assert made.requests[0].body == {
        "element": {"key": ELEMENT},
        "name": "Acme",
        "tags": [FRESH],
        "configuration": {"username": "api", "color": "red", **SECRETS},
    }


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_absent_and_one_there_deletes_it_however_it_is(situation: str, policy: str) -> None:
    made = planned(replace(WANTED, state="absent", update_secrets=policy), FOUND[situation])

    assert (made.action, made.reasons, sent(made)) == ("deleted", ("found",), ["DELETE /instances/7"])
    assert (made.stamp, made.verify, made.warnings) == (None, False, ())


@pytest.mark.parametrize("policy", POLICIES)
def test_absent_and_none_there_changes_nothing(policy: str) -> None:
    made = planned(replace(WANTED, state="absent", update_secrets=policy))

    assert (made.action, made.reasons, made.requests, made.stamp) == ("none", (), (), None)
    assert (made.verify, made.warnings, dict(made.before), dict(made.after)) == (False, (), {}, {})


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_several_there_is_a_conflict_that_names_ids_and_dates(state: str, situation: str, policy: str) -> None:
    found = FOUND[situation]
    with pytest.raises(Conflict) as caught:
        planned(replace(WANTED, state=state, update_secrets=policy), replace(found, id=9, created_date="D9"), found)

    assert "(id 7, created 2026-01-02T03:04:05Z; id 9, created D9)" in str(caught.value)
    assert "say with id which one is meant" in str(caught.value)


def test_several_reasons_are_all_told_and_sent_in_one_request() -> None:
    worst = actual(
        id=7, name="Old", tags=("mine",), valid=False, enabled=False, configuration=held(username="x", color="blue")
    )
    made = planned(replace(WANTED, id=7, tags=("ours",), owner="acme", enabled=True), worst)

    assert made.reasons == (
        "invalid",
        "not_stamped",
        "credentials",
        "name",
        "configuration",
        "tags",
        "owner",
        "enabled",
    )
    assert sent(made) == [*PUT, "PUT /instances/7/enabled"]


def test_a_readable_secret_that_the_task_changed_is_one_reason() -> None:
    found = actual(tags=(stamp({**SECRETS, "api.key": "canary-old"}),), configuration=held(api_key="canary-old"))

    assert planned(WANTED, found).reasons == ("secrets_changed",)


def test_a_put_carries_the_complete_payload() -> None:
    found = replace(FOUND["stamp differs"], tags=("theirs", *FOUND["stamp differs"].tags))
    wanted = replace(WANTED, external_authentication="initial", provider_data={"code": "canary-code"})

    assert planned(wanted, found).requests[0].body == {
        "element": {"key": ELEMENT},
        "name": "Acme",
        "tags": ["theirs", FRESH],
        "configuration": {"username": "api", "color": "red", **SECRETS},
        "externalAuthentication": "initial",
    }


def test_a_patch_carries_only_what_differs() -> None:
    wanted = replace(WANTED, id=7, name="New", tags=("a",))
    made = planned(wanted, replace(FOUND["configuration differs"], tags=("b", STAMP)))

    assert made.requests[0].body == {"name": "New", "tags": ["a", STAMP], "configuration": {"color": "red"}}
    assert made.reasons == ("name", "configuration", "tags")


def test_provider_data_and_external_authentication_go_into_a_creation() -> None:
    body = planned(desired(provider_data={"code": "canary-code"}, external_authentication="initial")).requests[0].body

    assert body is not None
    assert body["providerData"] == {"code": "canary-code"}
    assert body["externalAuthentication"] == "initial"


def test_an_instance_without_secrets_is_stamped_too() -> None:
    assert planned(desired(secrets={})).stamp == stamp({}, salt=NEW_SALT)


def test_without_secrets_nothing_is_ever_sent_again() -> None:
    made = planned(desired(secrets={}, update_secrets="always"), actual(tags=()))

    assert (made.action, made.requests) == ("none", ())


def test_invalid_and_no_secrets_to_send_warns() -> None:
    made = planned(desired(secrets={}), actual(valid=False))

    assert (made.action, made.warnings) == ("none", (NOTHING_TO_SEND,))


# Verification

VERIFICATION = [
    # verify, what is found, enabled wanted -> is the vendor asked?
    ("on_change", {}, None, False),
    ("on_change", {"tags": ()}, None, True),
    ("on_change", {"tags": ()}, False, False),
    ("on_change", {"enabled": False}, True, True),
    ("on_change", {"enabled": False, "tags": ()}, None, False),
    ("on_change", {"tags": ("t", withdrawn(STAMP))}, None, True),
    ("always", {}, None, True),
    ("always", {"enabled": False}, None, False),
    ("always", {}, False, False),
    ("always", {"enabled": False}, True, True),
    ("never", {"tags": ()}, None, False),
    ("never", {"enabled": False}, True, False),
]


@pytest.mark.parametrize(("policy", "found", "enabled", "asked"), VERIFICATION)
def test_the_vendor_is_asked_when_it_is_worth_it(
    policy: str, found: dict[str, Any], enabled: bool | None, asked: bool
) -> None:
    assert planned(desired(verify=policy, enabled=enabled), actual(**found)).verify == asked


@pytest.mark.parametrize(
    ("policy", "enabled", "asked"),
    [
        ("on_change", None, True),
        ("on_change", True, True),
        ("on_change", False, False),
        ("always", None, True),
        ("always", False, False),
        ("never", None, False),
    ],
)
def test_the_vendor_is_asked_after_a_creation(policy: str, enabled: bool | None, asked: bool) -> None:
    assert planned(desired(verify=policy, enabled=enabled)).verify == asked


# Enabled


@pytest.mark.parametrize(
    ("is_enabled", "wanted", "requests"),
    [
        (True, None, []),
        (True, True, []),
        (True, False, ["DELETE /instances/7/enabled"]),
        (False, None, []),
        (False, False, []),
        (False, True, ["PUT /instances/7/enabled"]),
    ],
)
def test_enabled_is_changed_when_it_is_managed_and_differs(
    is_enabled: bool, wanted: bool | None, requests: list[str]
) -> None:
    made = planned(desired(enabled=wanted), actual(enabled=is_enabled))

    assert (sent(made), made.reasons) == (requests, ("enabled",) if requests else ())


def test_a_disabled_instance_is_created_and_then_disabled() -> None:
    made = planned(desired(enabled=False))

    assert sent(made) == [*POST, "DELETE /instances/{id}/enabled"]
    assert made.after["enabled"] is False


# Tags

S = stamp({"password": SECRET})
TAGS = [
    # wanted, purge, owner, there -> tags in the request (None: not sent), reasons
    (None, True, None, ("b", S), None, ""),
    (None, False, None, ("b", S), None, ""),
    (None, True, "o", ("b", S), {"b", S, "ansible:owner:o"}, "owner"),
    (None, True, "o", ("b", S, "ansible:owner:o"), None, ""),
    ((), True, None, (S,), None, ""),
    ((), True, None, ("Acme", S), None, ""),
    ((), True, None, ("b", S), {S}, "tags"),
    ((), True, None, ("b", "Acme", S), {"Acme", S}, "tags"),
    ((), False, None, ("b", S), None, ""),
    (("a",), True, None, ("a", S), None, ""),
    (("a",), True, None, ("a", "Acme", S), None, ""),
    (("a", "b"), True, None, (S, "b", "a"), None, ""),
    (("a",), True, None, (S,), {"a", S}, "tags"),
    (("a",), True, None, ("b", S), {"a", S}, "tags"),
    (("a",), True, None, ("a", "b", S), {"a", S}, "tags"),
    (("a",), True, None, ("b", "ansible:other", S), {"a", "ansible:other", S}, "tags"),
    (("a",), True, None, ("a", "ansible:other", S), None, ""),
    (("a",), False, None, ("b", S), {"a", "b", S}, "tags"),
    (("a",), False, None, ("a", "b", S), None, ""),
    (("a",), True, "o", ("a", S), {"a", S, "ansible:owner:o"}, "owner"),
    (("a",), True, "o", ("b", S), {"a", S, "ansible:owner:o"}, "tags owner"),
    (("a",), True, None, ("b", S, "ansible:owner:o"), {"a", S, "ansible:owner:o"}, "tags"),
    (("a",), False, "o", ("b", S), {"a", "b", S, "ansible:owner:o"}, "tags owner"),
    (("Acme",), True, None, ("Acme", S), None, ""),
    (("Acme",), True, None, (S,), {"Acme", S}, "tags"),
]


@pytest.mark.parametrize("row", TAGS)
def test_tags(row: tuple[Any, ...]) -> None:
    wanted, purge, owner, there, expected, reasons = row
    made = planned(desired(tags=wanted, purge_tags=purge, owner=owner), actual(tags=there))
    bodies = [dict(request.body or {}) for request in made.requests]

    assert [{key: sorted(value) for key, value in body.items()} for body in bodies] == (
        [] if expected is None else [{"tags": sorted(expected)}]
    )
    assert made.reasons == tuple(reasons.split())


@pytest.mark.parametrize(
    ("wanted", "owner", "expected"),
    [
        (None, None, {FRESH}),
        ((), None, {FRESH}),
        (("a",), None, {"a", FRESH}),
        (("a",), "o", {"a", "ansible:owner:o", FRESH}),
    ],
)
def test_tags_of_a_creation(wanted: tuple[str, ...] | None, owner: str | None, expected: set[str]) -> None:
    body = planned(replace(WANTED, tags=wanted, owner=owner)).requests[0].body

    assert body is not None
    assert set(body["tags"]) == expected


# What is refused


def test_the_owner_of_another_is_refused_and_named() -> None:
    with pytest.raises(Conflict, match=r"id 7 belongs to the owner theirs: it is left alone.*ansible:owner:theirs"):
        planned(desired(owner="ours"), actual(tags=("ansible:owner:theirs",)))


@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_instance_with_two_owners_is_refused(state: str) -> None:
    with pytest.raises(Conflict, match="belongs to the owner theirs"):
        planned(desired(owner="ours", state=state), actual(tags=("ansible:owner:ours", "ansible:owner:theirs")))


def test_without_an_owner_any_owner_s_instance_is_managed() -> None:
    assert planned(desired(), actual(tags=("ansible:owner:theirs", S))).action == "none"


@pytest.mark.parametrize("state", ["present", "absent"])
def test_the_id_of_another_element_is_refused(state: str) -> None:
    with pytest.raises(Conflict, match=r"^The instance with id 7 is of the element other: correct id.$"):
        planned(desired(id=7, state=state), actual(element="other"))


def test_an_id_that_is_not_there_is_refused_for_present() -> None:
    with pytest.raises(Conflict, match=r"^There is no instance with this id"):
        planned(desired(id=7))


def test_an_id_that_is_not_there_is_absent() -> None:
    assert planned(desired(id=7, state="absent")).action == "none"


def test_an_id_is_not_deleted_under_another_name() -> None:
    with pytest.raises(Conflict, match='has the name "Other": it is not deleted'):
        planned(desired(id=7, state="absent"), actual(name="Other"))


def test_an_id_alone_is_deleted() -> None:
    assert planned(Desired(None, id=7, state="absent"), actual()).action == "deleted"


def test_an_id_with_another_name_is_renamed() -> None:
    made = planned(desired(id=7, name="New"), actual(name="Old"))

    assert [dict(request.body or {}) for request in made.requests] == [{"name": "New"}]
    assert (made.reasons, made.before["name"], made.after["name"]) == (("name",), "Old", "New")


def test_the_automatic_tag_of_the_old_name_goes_with_a_rename_when_tags_are_managed() -> None:
    made = planned(desired(id=7, name="New", tags=("a",)), actual(name="Old", tags=("Old", "a", S)))

    assert [dict(request.body or {}) for request in made.requests] == [{"name": "New", "tags": ["a", S]}]


def test_an_id_alone_changes_nothing() -> None:
    assert planned(Desired(None, id=7), actual(tags=("x",), name="Any")).action == "none"


def test_configuration_that_reads_back_as_a_mask_is_refused() -> None:
    with pytest.raises(BadInput, match=r"^The configuration key password is a secret on this element: move it from"):
        planned(desired(configuration={"password": "x"}, secrets={}), actual())


@pytest.mark.parametrize("wanted", [desired(id=7), Desired(None, id=7)], ids=["element", "only id"])
@pytest.mark.parametrize(
    ("element", "key"),
    [
        ("actessentials", "username"),
        ("actessentials", "password"),
        ("autotaskcrm", "crm.autotask.password"),
        ("examplebasic", "event.notification.signature.key"),
        ("examplebasic", "clientSecret"),
        ("twitter", "oauth.api.key"),
    ],
)
def test_a_secret_of_the_element_that_was_found_is_refused_as_configuration(
    wanted: Desired, element: str, key: str
) -> None:
    wanted = replace(wanted, element=wanted.element and element, configuration={key: "canary-new"})
    with pytest.raises(BadInput, match=f"^The configuration key {key} is a secret on this element") as caught:
        planned(wanted, actual(element=element, configuration={key: "canary-stored"}))

    assert "canary" not in str(caught.value)


def test_a_readable_key_may_be_given_as_a_secret_and_is_not_shown_then() -> None:
    wanted = desired(secrets={"username": "canary-new"})
    made = planned(wanted, actual(configuration={"username": "canary-stored"}, tags=(stamp(wanted.secrets),)))

    assert made.reasons == ("credentials",)
    assert "canary" not in str((made.before, made.after))


AUTOTASK_HELD = {"crm.autotask.username": "old", "crm.autotask.password": MASK}


def test_a_login_that_is_known_by_the_instance_s_element_is_sent_with_the_secrets() -> None:
    secrets = {"crm.autotask.password": SECRET}
    wanted = Desired(None, id=7, configuration={"crm.autotask.username": "new"}, secrets=secrets)
    found = actual(element="autotaskcrm", configuration=AUTOTASK_HELD, tags=(stamp(secrets, "autotaskcrm"),))
    made = planned(wanted, found)

    assert (made.reasons, made.verify) == (("credentials",), True)
    assert sent(made) == ["PUT /instances/7?reAuthenticate=true configuration element name tags"]


def test_a_login_without_secrets_is_verified() -> None:
    wanted = Desired(None, id=7, configuration={"crm.autotask.username": "new"})
    made = planned(wanted, actual(element="autotaskcrm", configuration=AUTOTASK_HELD))

    assert (made.reasons, sent(made), made.verify) == (("configuration",), ["PATCH /instances/7 configuration"], True)


THIS = Element(
    ELEMENT,
    table=tuple(
        Key(key, "", type_, required=True, default=None)
        for key, type_ in (("password", "PASSWORD"), ("url", "TEXTFIELD_128"), ("zone", "TEXTFIELD_32"))
    ),
)
FULL = {"url": "u", "zone": "z"}


def test_a_creation_with_a_key_missing_is_refused() -> None:
    with pytest.raises(BadInput, match=r"^The element examplebasic needs url, zone: add what is missing"):
        check_element(desired(), THIS, creating=True)


def test_an_update_need_not_give_all_that_is_required() -> None:
    check_element(desired(), THIS, creating=False)


def test_a_creation_with_a_secret_to_be_shown_is_refused() -> None:
    with pytest.raises(BadInput, match=r"^The configuration key password is a secret"):
        check_element(desired(configuration={"password": "x", **FULL}, secrets={}), THIS, creating=True)


@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize(
    ("key", "hint"), [("pasword", "did you mean password?"), ("other", "correct it, or take it out.")]
)
@pytest.mark.parametrize("option", ["configuration", "secrets"])
def test_a_key_that_the_element_does_not_have_is_refused(option: str, key: str, hint: str, creating: bool) -> None:
    wanted = desired(**{"configuration": FULL, option: {**FULL, key: "x"}})
    with pytest.raises(BadInput) as caught:
        check_element(wanted, THIS, creating=creating)

    assert str(caught.value) == f"The element examplebasic has no configuration key {key}: {hint}"


def test_any_key_suits_an_element_that_tells_none() -> None:
    check_element(desired(), Element(ELEMENT), creating=True)


def test_an_element_that_answers_to_another_key_is_refused() -> None:
    with pytest.raises(BadInput, match=r"^ExampleBasic is not the key of the element examplebasic: write element: "):
        check_element(desired(element="ExampleBasic"), THIS, creating=True)


def test_a_creation_that_suits_the_element_is_accepted() -> None:
    check_element(desired(configuration=FULL), THIS, creating=True)


# Keys that the server rotates


@pytest.mark.parametrize("key", ["oauth.user.token", "oauth.user.refresh_token"])
def test_a_key_that_the_server_rotates_is_not_compared(key: str) -> None:
    wanted = desired(secrets={key: "canary-first"})
    found = actual(configuration={key: "rotated", "password": MASK}, tags=(stamp(wanted.secrets),))

    assert planned(wanted, found).action == "none"


def test_a_key_that_the_server_rotates_is_sent_when_the_stamp_says_so() -> None:
    wanted = desired(secrets={"oauth.user.refresh_token": "canary-new"})
    found = actual(configuration={"oauth.user.refresh_token": "rotated"}, tags=(stamp({"x": "y"}),))
    made = planned(wanted, found)

    assert made.reasons == ("secrets_changed",)
    assert made.requests[0].body is not None
    assert made.requests[0].body["configuration"] == {"oauth.user.refresh_token": "canary-new"}


ROTATED = {"password": SECRET, "oauth.user.refresh_token": "canary-given"}


@pytest.mark.parametrize(
    ("found", "policy", "given"),
    [
        ({"tags": (stamp({}),)}, "on_change", True),
        ({"tags": (withdrawn(stamp(ROTATED)),)}, "on_change", True),
        ({"tags": (stamp(ROTATED),), "valid": False}, "on_change", True),
        ({"tags": (stamp(ROTATED),)}, "always", True),
        ({"tags": ()}, "on_change", False),
        ({"tags": (stamp(ROTATED, stamps=Stamps("another")),)}, "on_change", False),
        ({"tags": (stamp(ROTATED)[:40],)}, "on_change", False),
    ],
)
def test_a_rotated_token_is_replaced_only_when_the_given_one_is_the_newer(
    found: dict[str, Any], policy: str, given: bool
) -> None:
    there = {"password": MASK, "oauth.user.refresh_token": "rotated"}
    made = planned(desired(secrets=ROTATED, update_secrets=policy), actual(configuration=there, **found))

    (request,) = made.requests
    assert (request.body or {})["configuration"] == (ROTATED if given else {"password": SECRET})


def test_a_secret_that_is_gone_is_sent_again() -> None:
    made = planned(desired(), actual(configuration={"password": None}))

    assert (made.reasons, sent(made)) == (("credentials",), PUT)


# What holds for every plan

CANARY = "canary-"
TAG_NAMES = ("a", "b", "Acme", "New", "ansible:other", "ansible:owner:acme", "ansible:v1:cut", S, STAMP, withdrawn(S))
WORDS = ("", "red", "true", "TRUE", "15", '{"a":1}', '{ "a": 1 }')
SECRET_WORDS = [CANARY + word for word in ("one", "two", "p w/%", 'q"uo\\te', "ümlaut")]


def some_of(keys: tuple[str, ...], values: Sequence[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a dictionary of some of these keys, each with one of these values."""
    return st.tuples(*[st.sampled_from([*values, ...]) for _key in keys]).map(
        lambda drawn: {key: value for key, value in zip(keys, drawn) if value is not ...}
    )


def subsets(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    drawn = st.integers(0, 2 ** len(names) - 1)
    return drawn.map(lambda bits: tuple(name for place, name in enumerate(names) if bits >> place & 1))


def desires() -> st.SearchStrategy[Desired]:
    return st.builds(
        desired,
        name=st.sampled_from(["Acme", "New"]),
        id=st.just(7),
        configuration=some_of(("username", "color", "oauth.token.url"), WORDS),
        secrets=some_of(("password", "api.key"), SECRET_WORDS),
        credential_keys=st.sampled_from([frozenset(), frozenset({"username"})]),
        tags=st.none() | subsets(("a", "c", "Acme")),
        purge_tags=st.booleans(),
        enabled=st.sampled_from([None, False, True]),
        owner=st.sampled_from([None, "acme"]),
        update_secrets=st.sampled_from(POLICIES),
        verify=st.sampled_from(["on_change", "always", "never"]),
    )


def existing() -> st.SearchStrategy[Actual]:
    readable = some_of(("username", "color", "oauth.token.url"), [None, *WORDS])
    hidden = some_of(("password",), [None, MASK])
    clear = some_of(("api.key",), SECRET_WORDS)
    return st.builds(
        actual,
        tags=subsets(TAG_NAMES),
        enabled=st.booleans(),
        valid=st.booleans(),
        configuration=st.tuples(readable, hidden, clear).map(lambda parts: {**parts[0], **parts[1], **parts[2]}),
    )


@given(desires(), existing())
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(wanted: Desired, found: Actual) -> None:
    now: Actual | None = found
    for request in planned(wanted, found).requests:
        now = after(request, now)
    assert now is not None

    again = planned(wanted, now)

    always = wanted.update_secrets == "always" and bool(wanted.secrets)
    assert (again.reasons, again.action) == ((("always",), "updated") if always else ((), "none"))
    assert bool(again.requests) == always


@given(desires())
def test_a_creation_that_was_carried_out_leaves_nothing_to_do(wanted: Desired) -> None:
    wanted = replace(wanted, id=None, update_secrets="on_change")
    now: Actual | None = None
    for request in planned(wanted).requests:
        now = after(request, now)
    assert now is not None

    assert (planned(wanted, now).reasons, planned(wanted, now).requests) == ((), ())


@given(desires(), existing())
def test_nothing_is_sent_exactly_when_there_is_no_reason(wanted: Desired, found: Actual) -> None:
    made = planned(wanted, found)

    assert bool(made.requests) == bool(made.reasons) == (made.action == "updated")


@given(desires(), existing())
def test_check_mode_predicts_what_a_platform_makes_of_the_requests(wanted: Desired, found: Actual) -> None:
    made = planned(wanted, found)
    now: Actual | None = found
    for request in made.requests:
        now = after(request, now)
    assert now is not None

    shown = {"name": now.name, "enabled": now.enabled, "valid": now.valid, "owner": made.after["owner"]}
    assert {key: made.after[key] for key in shown} == shown
    assert made.after["tags"] == sorted(tag for tag in now.tags or () if not tag.startswith("ansible:"))


@given(desires(), existing())
def test_foreign_tags_stay_when_tags_are_not_managed_or_not_purged(wanted: Desired, found: Actual) -> None:
    made = planned(wanted, found)
    foreign = {tag for tag in found.tags or () if not tag.startswith("ansible:v1:")}
    for request in made.requests:
        if "tags" in (request.body or {}) and (wanted.tags is None or not wanted.purge_tags):
            assert foreign <= set((request.body or {})["tags"])


@given(desires(), existing())
def test_our_tags_always_stay_but_for_the_stamp_that_is_replaced(wanted: Desired, found: Actual) -> None:
    made = planned(wanted, found)
    for request in made.requests:
        if "tags" in (request.body or {}):
            tags = set((request.body or {})["tags"])
            ours = {tag for tag in found.tags or () if tag.startswith("ansible:")}
            replaced = {tag for tag in ours if tag.startswith("ansible:v1:")} if made.stamp else set()
            assert ours - replaced <= tags
            assert not replaced & tags


@given(desires(), existing())
def test_a_stamp_travels_with_all_secrets_or_not_at_all(wanted: Desired, found: Actual) -> None:
    made = planned(wanted, found)
    for request in made.requests:
        body = request.body or {}
        fresh = made.stamp is not None and made.stamp in body.get("tags", ())
        secrets = {key: body.get("configuration", {}).get(key) for key in wanted.secrets}
        assert secrets == (dict(wanted.secrets) if fresh else dict.fromkeys(wanted.secrets))


@given(desires(), existing())
def test_a_mask_is_never_sent(wanted: Desired, found: Actual) -> None:
    for request in planned(wanted, found).requests:
        assert MASK not in (request.body or {}).get("configuration", {}).values()


@given(desires(), existing())
def test_nothing_secret_is_sent_after_the_creation_with_on_create(wanted: Desired, found: Actual) -> None:
    made = planned(replace(wanted, update_secrets="on_create"), found)

    assert not any(key in wanted.secrets for r in made.requests for key in (r.body or {}).get("configuration", {}))
    assert made.stamp is None


@given(desires(), st.none() | existing(), st.sampled_from(["present", "absent"]))
def test_no_secret_shows_in_a_difference_a_warning_or_a_plan_s_repr(
    wanted: Desired, found: Actual | None, state: str
) -> None:
    # An id with another name is not deleted.
    wanted = replace(wanted, state=state, id=7 if found else None, name="Acme")
    made = planned(wanted, *[found] if found else [])

    assert CANARY not in str((made.before, made.after, made.warnings, made.reasons))
    assert CANARY not in repr(made)


@given(desires(), existing())
def test_a_difference_is_shown_exactly_when_there_is_one(wanted: Desired, found: Actual) -> None:
    made = planned(wanted, found)

    assert (made.before != made.after) == bool(made.reasons)


@pytest.mark.parametrize(("secrets", "shown"), [({"b": "1", "a": "2"}, {"a": HIDDEN, "b": HIDDEN}), ({}, None)])
def test_a_creation_shows_which_secrets_it_sends_and_not_what_they_are(
    secrets: dict[str, str], shown: dict[str, str] | None
) -> None:
    made = planned(desired(secrets=secrets))

    assert made.after.get("secrets") == shown
    assert made.after["events_enabled"] is False


def test_the_nearest_key_is_one() -> None:
    keys = ("color", "colour", "colors")
    element = Element("e", table=tuple(Key(key, "", "TEXTFIELD_32", required=False, default=None) for key in keys))
    with pytest.raises(BadInput, match=r"did you mean colors\?$"):
        check_element(desired(element="e", configuration={"colorss": "red"}, secrets={}), element, creating=True)
