# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision: a complete truth table, and what holds for every plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.plan import (
    NOT_SENT,
    NOTHING_TO_SEND,
    Plan,
    check_element,
    make_plan,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.element import Element, Key
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput, Conflict
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Actual, Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.redact import HIDDEN
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.stamp import Stamps, invalidated
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.values import MASK
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    NEW_SALT,
    SECRET,
    STAMPS,
    actual,
    after,
    desired,
    requests_of,
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
    return make_plan(wanted, found, STAMPS, NEW_SALT)


def fresh(secrets: dict[str, str]) -> str:
    return stamp(secrets, salt=NEW_SALT)


def sent(made: Plan) -> list[str]:
    """Return the requests as lines: method, path, keys of the body."""
    return [" ".join([r.method, r.path, *sorted(r.body or ())]) for r in requests_of(made)]


NONE: list[str] = []
PATCH = ["PATCH /instances/7 configuration"]
PUT = ["PUT /instances/7?reAuthenticate=true configuration element name tags"]
POST = ["POST /instances configuration element name tags"]
POLICIES = ("on_change", "always", "on_create")


class Row(NamedTuple):
    """What is found, why something is sent to it with on_change and with on_create, and what on_create does besides."""

    found: dict[str, Any]
    on_change: str = ""
    on_create: str = ""
    warned: bool = False
    verified: bool = False

    @property
    def instance(self) -> Actual:
        return actual(**{"tags": (STAMP,), "configuration": HELD, **self.found})


# Design, section 4. No reasons: nothing to do.
TRUTH = {
    "the same, secrets readable": Row({"configuration": held(password=SECRET)}),
    "the same, secrets masked": Row({}),
    "configuration differs": Row({"configuration": held(color="blue")}, "configuration", "configuration"),
    "credential key differs": Row({"configuration": held(username="x")}, "credentials", "configuration", warned=True),
    "stamp differs": Row({"tags": (stamp({**SECRETS, "password": "old"}),)}, "secrets_changed", warned=True),
    "not stamped": Row({"tags": ("Acme",)}, "not_stamped"),
    "stamp of another key": Row({"tags": (stamp(SECRETS, stamps=Stamps("another")),)}, "stamp_key_changed"),
    "stamp cut": Row({"tags": (STAMP[:40],)}, "stamp_unreadable"),
    "stamp withdrawn": Row({"tags": (invalidated(STAMP),)}, "not_verified", warned=True, verified=True),
    "readable secret changed by somebody else": Row({"configuration": held(api_key="y")}, "credentials", warned=True),
    "invalid": Row({"valid": False}, "invalid", warned=True),
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("situation", TRUTH)
def test_present_and_one_there(situation: str, policy: str) -> None:
    row = TRUTH[situation]
    reasons = {"on_change": row.on_change, "always": f"always {row.on_change}", "on_create": row.on_create}[policy]
    # What has to be verified is sent whole; a mere setting is sent alone.
    requests = PATCH if reasons == "configuration" else PUT if reasons else NONE
    made = planned(replace(WANTED, update_secrets=policy), row.instance)

    assert made.reasons == tuple(reasons.split())
    assert made.action == ("updated" if reasons else "none")
    assert sent(made) == requests
    assert made.verify == (requests is PUT or (policy == "on_create" and row.verified))
    assert made.warnings == ((NOT_SENT,) if policy == "on_create" and row.warned else ())
    # A stamp travels with each PUT, and with nothing else.
    resent = requests is PUT
    assert made.stamp == (FRESH if resent else None)
    assert [FRESH in (request.body or {}).get("tags", ()) for request in requests_of(made)] == [resent] * len(requests)


@pytest.mark.parametrize("policy", POLICIES)
def test_present_and_none_there_creates(policy: str) -> None:
    made = planned(replace(WANTED, update_secrets=policy))

    assert (made.action, made.reasons, sent(made)) == ("created", ("not_found",), POST)
    assert (made.stamp, made.verify, made.warnings) == (FRESH, True, ())
    assert requests_of(made)[0].body == {
        "element": {"key": ELEMENT},
        "name": "Acme",
        "tags": [FRESH],
        "configuration": {"username": "api", "color": "red", **SECRETS},
    }


@pytest.mark.parametrize(("written", "expected"), [("true", True), ("True", True), ("false", False), ("", False)])
def test_a_creation_predicts_whether_events_are_on_as_the_platform_reads_it(written: str, expected: bool) -> None:
    made = planned(replace(WANTED, configuration={"event.notification.enabled": written}))

    assert made.after["events_enabled"] is expected


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("situation", TRUTH)
def test_absent_and_one_there_deletes_it_however_it_is(situation: str, policy: str) -> None:
    made = planned(replace(WANTED, state="absent", update_secrets=policy), TRUTH[situation].instance)

    assert (made.action, made.reasons, sent(made)) == ("deleted", ("found",), ["DELETE /instances/7"])
    assert (made.stamp, made.verify, made.warnings) == (None, False, ())


@pytest.mark.parametrize("policy", POLICIES)
def test_absent_and_none_there_changes_nothing(policy: str) -> None:
    made = planned(replace(WANTED, state="absent", update_secrets=policy))

    assert (made.action, made.reasons, requests_of(made), made.stamp) == ("none", (), (), None)
    assert (made.verify, made.warnings, dict(made.before), dict(made.after)) == (False, (), {}, {})


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("situation", TRUTH)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_several_there_is_a_conflict_that_names_ids_and_dates(state: str, situation: str, policy: str) -> None:
    found = TRUTH[situation].instance
    with pytest.raises(Conflict) as caught:
        planned(replace(WANTED, state=state, update_secrets=policy), replace(found, id=9, created_date="D9"), found)

    assert "(id 7, created 2026-01-02T03:04:05Z; id 9, created D9)" in str(caught.value)
    assert "Choose one with id" in str(caught.value)


def decided(wanted: Desired, *found: Actual, **expected: Any) -> tuple[Desired, Sequence[Actual], dict[str, Any]]:
    """Return a row of a table: what is wanted, what is found, and what is expected of the plan."""
    return wanted, found, expected


def bodies(made: Plan) -> list[dict[str, Any]]:
    return [dict(request.body or {}) for request in requests_of(made)]


SEEN = {"requests": sent, "bodies": bodies}
ALL_OF_IT = {
    "element": {"key": ELEMENT},
    "name": "Acme",
    "configuration": {"username": "api", "color": "red", **SECRETS},
}
WORST = actual(name="Old", tags=("mine",), valid=False, enabled=False, configuration=held(username="x", color="blue"))
OLD_API_KEY = actual(tags=(stamp({**SECRETS, "api.key": "canary-old"}),), configuration=held(api_key="canary-old"))
GIVEN_ONCE: dict[str, Any] = {"provider_data": {"code": "canary-code"}, "external_authentication": "initial"}
S = stamp({"password": SECRET})
AUTOTASK_HELD = {"crm.autotask.username": "old", "crm.autotask.password": MASK}
AUTOTASK = Desired(None, id=7, configuration={"crm.autotask.username": "new"})
AUTOTASK_SECRETS = {"crm.autotask.password": SECRET}
REFRESH = {"oauth.user.refresh_token": "canary-new"}

PLANS = {
    "several reasons are all told and sent in one request": decided(
        replace(WANTED, id=7, tags=("ours",), owner="acme", enabled=True),
        WORST,
        reasons=("invalid", "not_stamped", "credentials", "name", "configuration", "tags", "owner", "enabled"),
        requests=[*PUT, "PUT /instances/7/enabled"],
    ),
    "a readable secret that the task changed is one reason": decided(WANTED, OLD_API_KEY, reasons=("secrets_changed",)),
    "a creation carries the complete payload": decided(
        replace(WANTED, **GIVEN_ONCE),
        bodies=[
            {**ALL_OF_IT, "tags": [FRESH], "externalAuthentication": "initial", "providerData": {"code": "canary-code"}}
        ],
    ),
    "a PUT carries it too, but for what a creation alone needs": decided(
        replace(WANTED, **GIVEN_ONCE),
        actual(configuration=HELD, tags=("theirs", stamp({"password": "yesterday's"}))),
        bodies=[{**ALL_OF_IT, "tags": ["theirs", FRESH], "externalAuthentication": "initial"}],
    ),
    "a PATCH carries only what differs": decided(
        replace(WANTED, id=7, name="New", tags=("a",)),
        actual(configuration=held(color="blue"), tags=("b", STAMP)),
        bodies=[{"name": "New", "tags": ["a", STAMP], "configuration": {"color": "red"}}],
        reasons=("name", "configuration", "tags"),
    ),
    "an instance without secrets is stamped too": decided(desired(secrets={}), stamp=stamp({}, salt=NEW_SALT)),
    "without secrets nothing is ever sent again": decided(
        desired(secrets={}, update_secrets="always"), actual(tags=()), action="none", requests=[]
    ),
    "invalid credentials are warned about when there is nothing to send": decided(
        desired(secrets={}), actual(valid=False), action="none", warnings=(NOTHING_TO_SEND,)
    ),
    "a disabled instance is created and then disabled": decided(
        desired(enabled=False), requests=[*POST, "DELETE /instances/{id}/enabled"]
    ),
    "without an owner, any owner's instance is managed": decided(
        desired(), actual(tags=("ansible:owner:theirs", S)), action="none"
    ),
    "an id that is not there is absent": decided(desired(id=7, state="absent"), action="none"),
    "an id alone is deleted": decided(Desired(None, id=7, state="absent"), actual(), action="deleted"),
    "an id alone changes nothing": decided(Desired(None, id=7), actual(tags=("x",), name="Any"), action="none"),
    "an id with another name is renamed": decided(
        desired(id=7, name="New"), actual(name="Old"), bodies=[{"name": "New"}], reasons=("name",)
    ),
    "the automatic tag of the old name goes with a rename when tags are managed": decided(
        desired(id=7, name="New", tags=("a",)),
        actual(name="Old", tags=("Old", "a", S)),
        bodies=[{"name": "New", "tags": ["a", S]}],
    ),
    "a login that is known by the instance's element is sent with the secrets": decided(
        replace(AUTOTASK, secrets=AUTOTASK_SECRETS),
        actual(element="autotaskcrm", configuration=AUTOTASK_HELD, tags=(stamp(AUTOTASK_SECRETS, "autotaskcrm"),)),
        reasons=("credentials",),
        requests=PUT,
        verify=True,
    ),
    "a login without secrets is verified": decided(
        AUTOTASK,
        actual(element="autotaskcrm", configuration=AUTOTASK_HELD),
        reasons=("configuration",),
        requests=PATCH,
        verify=True,
    ),
    "a secret that is gone is sent again": decided(
        desired(), actual(configuration={"password": None}), reasons=("credentials",), requests=PUT
    ),
    **{
        f"{key} is not compared, because the server rotates it": decided(
            desired(secrets={key: "canary-first"}),
            actual(configuration={key: "rotated", "password": MASK}, tags=(stamp({key: "canary-first"}),)),
            action="none",
        )
        for key in ("oauth.user.token", "oauth.user.refresh_token")
    },
    "a key that the server rotates is sent when the stamp says so": decided(
        desired(secrets=REFRESH),
        actual(configuration={"oauth.user.refresh_token": "rotated"}, tags=(stamp({"x": "y"}),)),
        reasons=("secrets_changed",),
        bodies=[{"element": {"key": ELEMENT}, "name": "Acme", "configuration": REFRESH, "tags": [fresh(REFRESH)]}],
    ),
}


@pytest.mark.parametrize("sentence", PLANS)
def test_a_plan(sentence: str) -> None:
    wanted, found, expected = PLANS[sentence]
    made = planned(wanted, *found)

    assert {name: SEEN[name](made) if name in SEEN else getattr(made, name) for name in expected} == expected


# Verification

VERIFICATION = [
    # verify, what is found (None: nothing), enabled wanted -> is the vendor asked?
    ("on_change", {}, None, False),
    ("on_change", {"tags": ()}, None, True),
    ("on_change", {"tags": ()}, False, False),
    ("on_change", {"enabled": False}, True, True),
    ("on_change", {"enabled": False, "tags": ()}, None, False),
    ("on_change", {"tags": ("t", invalidated(STAMP))}, None, True),
    *(("on_change", None, enabled, enabled is not False) for enabled in (None, True, False)),
    ("always", {}, None, True),
    ("always", {"enabled": False}, None, False),
    ("always", {}, False, False),
    ("always", {"enabled": False}, True, True),
    *(("always", None, enabled, enabled is not False) for enabled in (None, False)),
    ("never", {"tags": ()}, None, False),
    ("never", {"enabled": False}, True, False),
    ("never", None, None, False),
]


@pytest.mark.parametrize(("policy", "found", "enabled", "asked"), VERIFICATION)
def test_the_vendor_is_asked_when_it_is_worth_it(
    policy: str, found: dict[str, Any] | None, enabled: bool | None, asked: bool
) -> None:
    there = [] if found is None else [actual(**found)]
    assert planned(desired(verify=policy, enabled=enabled), *there).verify == asked


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


# Tags

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
    bodies = [dict(request.body or {}) for request in requests_of(made)]

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
    body = requests_of(planned(replace(WANTED, tags=wanted, owner=owner)))[0].body

    assert body is not None
    assert set(body["tags"]) == expected


# What is refused

CONFIGURATION_IS_SECRET = r"^The configuration key password is a secret of this element. Move it from"
REFUSED: dict[str, tuple[Desired, Sequence[Actual], str]] = {
    "another owner's": (
        desired(owner="ours"),
        [actual(tags=("ansible:owner:theirs",))],
        r"^Instance 7 belongs to the owner theirs, so it is left alone.*ansible:owner:theirs",
    ),
    "one with two owners": (
        desired(owner="ours"),
        [actual(tags=("ansible:owner:ours", "ansible:owner:theirs"))],
        "belongs to the owner theirs",
    ),
    "the id of another element": (
        desired(id=7),
        [actual(element="other")],
        r"^Instance 7 belongs to the element other. Correct id.$",
    ),
}


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("what", REFUSED)
def test_in_any_state_is_refused(what: str, state: str) -> None:
    wanted, found, sentence = REFUSED[what]
    with pytest.raises(Conflict, match=sentence):
        planned(replace(wanted, state=state), *found)


def test_an_id_that_is_not_there_is_refused_for_present() -> None:
    with pytest.raises(Conflict, match=r"^There is no instance with this id"):
        planned(desired(id=7))


def test_an_id_is_not_deleted_under_another_name() -> None:
    with pytest.raises(Conflict, match='is named "Other", so it is not deleted'):
        planned(desired(id=7, state="absent"), actual(name="Other"))


def test_configuration_that_reads_back_as_a_mask_is_refused() -> None:
    with pytest.raises(BadInput, match=CONFIGURATION_IS_SECRET):
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
    with pytest.raises(BadInput, match=f"^The configuration key {key} is a secret of this element") as caught:
        planned(wanted, actual(element=element, configuration={key: "canary-stored"}))

    assert "canary" not in str(caught.value)


def test_a_readable_key_may_be_given_as_a_secret_and_is_not_shown_then() -> None:
    wanted = desired(secrets={"username": "canary-new"})
    made = planned(wanted, actual(configuration={"username": "canary-stored"}, tags=(stamp(wanted.secrets),)))

    assert made.reasons == ("credentials",)
    assert "canary" not in str((made.before, made.after))


THIS = Element(
    ELEMENT,
    table=tuple(
        Key(key, "", type_, required=True, default=None)
        for key, type_ in (("password", "PASSWORD"), ("url", "TEXTFIELD_128"), ("zone", "TEXTFIELD_32"))
    ),
)
FULL = {"url": "u", "zone": "z"}
COLORS = Element(
    "e",
    table=tuple(Key(key, "", "TEXTFIELD_32", required=False, default=None) for key in ("color", "colour", "colors")),
)


@pytest.mark.parametrize(
    ("wanted", "element", "creating"),
    [(desired(configuration=FULL), THIS, True), (desired(), THIS, False), (desired(), Element(ELEMENT), True)],
    ids=["all that is required", "an update that does not give all of it", "any key for an element that tells none"],
)
def test_an_element_takes(wanted: Desired, element: Element, creating: bool) -> None:
    check_element(wanted, element, creating=creating)


@pytest.mark.parametrize(
    ("wanted", "element", "sentence"),
    [
        (desired(), THIS, r"^The element examplebasic requires url, zone. Add what is missing"),
        (
            desired(configuration={"password": "x", **FULL}, secrets={}),
            THIS,
            r"^The configuration key password is a secret",
        ),
        (
            desired(element="ExampleBasic"),
            THIS,
            r"^ExampleBasic is not the key of the element examplebasic. Set element to ",
        ),
        (
            desired(element="e", configuration={"colorss": "red"}, secrets={}),
            COLORS,
            r"has no configuration key colorss. Did you mean colors\?$",
        ),
    ],
    ids=["a missing key", "a secret to be shown", "another key of its own", "a key it does not have"],
)
def test_an_element_does_not_take(wanted: Desired, element: Element, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        check_element(wanted, element, creating=True)


@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("pasword", "Did you mean password?"),
        ("other", "Correct or remove it."),
        ("event.notification.signature.key", "Leave out events.signature_key."),
    ],
)
@pytest.mark.parametrize("option", ["configuration", "secrets"])
def test_a_key_that_the_element_does_not_have_is_refused(option: str, key: str, hint: str, creating: bool) -> None:
    wanted = desired(**{"configuration": FULL, option: {**FULL, key: "x"}})
    with pytest.raises(BadInput) as caught:
        check_element(wanted, THIS, creating=creating)

    assert str(caught.value) == f"The element examplebasic has no configuration key {key}. {hint}"


ROTATED = {"password": SECRET, "oauth.user.refresh_token": "canary-given"}


@pytest.mark.parametrize(
    ("found", "policy", "given"),
    [
        ({"tags": (stamp({}),)}, "on_change", True),
        ({"tags": (invalidated(stamp(ROTATED)),)}, "on_change", True),
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

    (request,) = requests_of(made)
    assert (request.body or {})["configuration"] == (ROTATED if given else {"password": SECRET})


# What holds for every plan

CANARY = "canary-"
TAG_NAMES = ("a", "b", "Acme", "New", "ansible:other", "ansible:owner:acme", "ansible:v1:cut", S, STAMP, invalidated(S))
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


def carried_out(made: Plan, found: Actual | None) -> Actual:
    """Return what a platform makes of the requests."""
    for request in requests_of(made):
        found = after(request, found)
    assert found is not None
    return found


@given(desires(), existing())
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(wanted: Desired, found: Actual) -> None:
    again = planned(wanted, carried_out(planned(wanted, found), found))

    always = wanted.update_secrets == "always" and bool(wanted.secrets)
    assert (again.reasons, again.action) == ((("always",), "updated") if always else ((), "none"))
    assert bool(requests_of(again)) == always


@given(desires())
def test_a_creation_that_was_carried_out_leaves_nothing_to_do(wanted: Desired) -> None:
    wanted = replace(wanted, id=None, update_secrets="on_change")
    again = planned(wanted, carried_out(planned(wanted), None))

    assert (again.reasons, requests_of(again)) == ((), ())


@given(desires(), existing())
def test_something_is_sent_and_a_difference_shown_exactly_when_there_is_a_reason(
    wanted: Desired, found: Actual
) -> None:
    made = planned(wanted, found)

    assert bool(requests_of(made)) == bool(made.reasons) == (made.action == "updated") == (made.before != made.after)


@given(desires(), existing())
def test_check_mode_predicts_what_a_platform_makes_of_the_requests(wanted: Desired, found: Actual) -> None:
    made = planned(wanted, found)
    now = carried_out(made, found)

    shown = {"name": now.name, "enabled": now.enabled, "valid": now.valid, "owner": made.after["owner"]}
    assert {key: made.after[key] for key in shown} == shown
    assert made.after["tags"] == sorted(tag for tag in now.tags or () if not tag.startswith("ansible:"))


@given(desires(), existing())
def test_foreign_tags_stay_unless_they_are_purged_and_ours_but_for_a_stamp_that_is_replaced(
    wanted: Desired, found: Actual
) -> None:
    made = planned(wanted, found)
    stamps = {tag for tag in found.tags or () if tag.startswith("ansible:v1:")}
    ours = {tag for tag in found.tags or () if tag.startswith("ansible:")}
    foreign = set(found.tags or ()) - ours if wanted.tags is None or not wanted.purge_tags else set()
    replaced = stamps if made.stamp else set()
    for tags in (set(body["tags"]) for body in bodies(made) if "tags" in body):
        assert foreign | ours - replaced <= tags
        assert not replaced & tags


@given(desires(), existing())
def test_a_stamp_travels_with_all_secrets_or_not_at_all_and_a_mask_never(wanted: Desired, found: Actual) -> None:
    made = planned(wanted, found)
    for body in bodies(made):
        configuration = body.get("configuration", {})
        fresh = made.stamp is not None and made.stamp in body.get("tags", ())
        secrets = {key: configuration.get(key) for key in wanted.secrets}
        assert secrets == (dict(wanted.secrets) if fresh else dict.fromkeys(wanted.secrets))
        assert MASK not in configuration.values()


@given(desires(), existing())
def test_nothing_secret_is_sent_after_the_creation_with_on_create(wanted: Desired, found: Actual) -> None:
    made = planned(replace(wanted, update_secrets="on_create"), found)

    assert not any(key in wanted.secrets for body in bodies(made) for key in body.get("configuration", {}))
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


@pytest.mark.parametrize(("secrets", "shown"), [({"b": "1", "a": "2"}, {"a": HIDDEN, "b": HIDDEN}), ({}, None)])
def test_a_creation_shows_which_secrets_it_sends_and_not_what_they_are(
    secrets: dict[str, str], shown: dict[str, str] | None
) -> None:
    made = planned(desired(secrets=secrets))

    assert made.after.get("secrets") == shown
    assert made.after["events_enabled"] is False
