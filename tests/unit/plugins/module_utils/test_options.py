# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's arguments: where they come from, what they become, and each sentence that refuses them."""

from __future__ import annotations

import re
from typing import Any

import certifi
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.redact import Tokens
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS
from ansible_collections.cloud_elements.platform.plugins.module_utils._options import connection
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.connection import connect, stamps
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.lists import desired_from_list
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.secrets import secret_words
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import (
    CONNECTION,
    DEFAULT_BASE_URL,
    FLEET,
    INSTANCE,
    from_environment,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.tasks import desired_from_task
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    CONNECTION as CONNECTION_GIVEN,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    ELEMENT,
    ORGANIZATION_SECRET,
    SOURCES,
    Platform,
    desired,
    options,
)

ACCOUNT = {"username": "u", "password": "canary-shared", "server_url": "https://s"}


def items_of(**given: Any) -> list[Desired]:
    """Return what a list of instances becomes."""
    wanted, _params = desired_from_list({**CONNECTION_GIVEN, **given})
    return wanted


# The environment


def test_the_first_variable_that_is_not_empty_counts(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CLOUD_ELEMENTS_ONE", "")
    with pytest.raises(AnsibleFallbackNotFound):
        from_environment("CLOUD_ELEMENTS_NONE", "CLOUD_ELEMENTS_ONE")
    environment.setenv("CLOUD_ELEMENTS_TWO", "two")
    environment.setenv("CLOUD_ELEMENTS_THREE", "three")

    names = (f"CLOUD_ELEMENTS_{name}" for name in ("NONE", "ONE", "TWO", "THREE"))
    assert from_environment(*names) == "two"


@pytest.mark.parametrize("spec", [INSTANCE, FLEET], ids=["ce_instance", "ce_instances"])
@pytest.mark.parametrize("option", ["base_url", "user_secret", "organization_secret", "stamp_key"])
def test_a_connection_option_comes_from_its_variable(
    environment: pytest.MonkeyPatch, option: str, spec: dict[str, Any]
) -> None:
    environment.setenv(f"CLOUD_ELEMENTS_{option.upper()}", "from the environment")
    taken = ArgumentSpecValidator(spec).validate({"instances": []}).validated_parameters

    assert taken[option] == "from the environment"


def test_an_empty_base_url_in_the_environment_is_the_default(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CLOUD_ELEMENTS_BASE_URL", "")

    assert ArgumentSpecValidator(CONNECTION).validate({}).validated_parameters["base_url"] == DEFAULT_BASE_URL


FIELDS = [(name, field.option, field.environment) for name, vendor in VENDORS.items() for field in vendor.fields]
PINNED = {
    "CLOUD_ELEMENTS_AUTOTASK_USERNAME",
    "CLOUD_ELEMENTS_AUTOTASK_PASSWORD",
    "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL",
    "CLOUD_ELEMENTS_ACT365_API_KEY",
    "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY",
}
"""The variables of the first two vendors, which people use."""


def test_each_credential_of_a_vendor_has_the_variable_that_its_options_make() -> None:
    assert [(name, option, f"CLOUD_ELEMENTS_{name}_{option}".upper()) for name, option, _variable in FIELDS] == FIELDS
    assert {variable for _name, _option, variable in FIELDS} >= PINNED


@pytest.mark.parametrize(("vendor", "option", "variable"), FIELDS)
def test_a_credential_comes_from_its_variable(
    environment: pytest.MonkeyPatch, vendor: str, option: str, variable: str
) -> None:
    environment.setenv(variable, "from the environment")
    hub = next(iter(VENDORS[vendor].elements))
    own = {"hub": hub} if hub else {}

    assert options(INSTANCE, name="Acme", **{vendor: own})[vendor][option] == "from the environment"
    assert options(FLEET, instances=[])[vendor][option] == "from the environment"


def test_shared_credentials_from_the_environment_serve_the_items(environment: pytest.MonkeyPatch) -> None:
    for _vendor, option, variable in FIELDS:
        environment.setenv(variable, f"canary {option}" if option != "server_url" else "https://ww2.autotask.net")
    items = [{"name": "A", "autotask": {"hub": "crm"}}, {"name": "B", "act365": {}}]
    first, second = items_of(instances=items)

    assert first.secrets == {"crm.autotask.password": "canary password"}
    assert second.secrets == {"username": "canary api_key", "password": "canary developer_key"}


def test_every_option_that_sounds_secret_says_whether_it_is() -> None:
    def hidden(spec: dict[str, Any], prefix: str = "") -> set[str]:
        found = {prefix + name for name, option in spec.items() if option.get("no_log")}
        return found.union(*(hidden(o["options"], f"{prefix}{n}.") for n, o in spec.items() if "options" in o))

    shared = {f"{name}.{field.option}" for name, vendor in VENDORS.items() for field in vendor.fields if field.secret}
    connection = {"user_secret", "organization_secret", "stamp_key"}
    assert shared >= {"autotask.password", "act365.api_key", "act365.developer_key"}
    assert hidden(FLEET) == connection | shared
    assert hidden(INSTANCE) == connection | shared | {
        *("secrets", "provider_data", "events.signature_key", "events.basic_password")
    }


# The connection

VENDORS_OWN = "https://api.cloud-elements.com/elements/api-v2"
BASE_URLS = [
    *((url, VENDORS_OWN) for url in ("https://api.cloud-elements.com", "https://api.cloud-elements.com/")),
    *((url, VENDORS_OWN) for url in (VENDORS_OWN, f"{VENDORS_OWN}//")),
    (" https://example.com/own/path ", "https://example.com/own/path"),
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080/elements/api-v2"),
    ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ("", DEFAULT_BASE_URL),
    ("https://gateway.example.com/ce/elements/api-v2", "https://gateway.example.com/ce/elements/api-v2"),
    ("https://example.com/elements/api-v2-next", "https://example.com/elements/api-v2-next"),
    ("https://example.com:443", "https://example.com:443/elements/api-v2"),
]
NO_BASE_URLS = [
    *("api.cloud-elements.com", "ftp://example.com", "https://", "https:///elements/api-v2", "text", "http://[::1"),
    *("https://user:canary@example.com", "https://canary@example.com"),
    *("https://example.com?a=canary", "https://example.com#canary", f"{VENDORS_OWN}#/instances"),
    *("https://example.com:99999", "https://example.com:0", "https://example.com:port", f"{VENDORS_OWN}/#/canary"),
]
HOST = "https://api.cloud-elements.com"
NO_BASES = [
    *(
        (f"{url}/{more}", "continues after /elements/api-v2")
        for url in (VENDORS_OWN, "https://gateway.example.com/ce/elements/api-v2")
        for more in ("instances", "instances/", "instances/canary", "canary")
    ),
    *(
        (f"{HOST}/{path}", f"ends with /{path.rstrip('/')}. End it with /elements/api-v2, or")
        for path in ("elements", "elements/", "elements/api", "elements/api-v1", "elements/api-v20")
    ),
    ("http://api.cloud-elements.com:443", "has http:// with the HTTPS port, 443. Use https://, or another port."),
    *((url, "must look like https://api.cloud-elements.com") for url in NO_BASE_URLS),
]


@pytest.mark.parametrize(("given", "used"), BASE_URLS)
def test_base_url(given: str, used: str) -> None:
    assert connect(options(base_url=given), Tokens())._base_url == used


@pytest.mark.parametrize(("given", "sentence"), NO_BASES)
def test_a_base_url_that_is_none_or_has_a_part_of_another_path_is_refused(
    platform: Platform, given: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=f"^base_url {re.escape(sentence)}") as caught:
        connect(options(base_url=given), Tokens())

    assert "canary" not in str(caught.value)
    assert platform.sent == []


HOLDS_MORE = (
    "contains a space, a line break, a comma or an invisible character. Copy the secret again, without anything "
    "around it."
)
LOOSE_END = (
    "starts or ends with white space, a line break or another invisible character. Remove it wherever the key is used, "
    "for example with the filter trim."
)
REFUSED = [
    ({"user_secret": "\ufeffu"}, f"user_secret {HOLDS_MORE}"),
    ({"stamp_key": "key\n"}, f"stamp_key {LOOSE_END}"),
    (
        {"user_secret": ""},
        "user_secret is missing or empty. Set it, or the environment variable CLOUD_ELEMENTS_USER_SECRET.",
    ),
    (
        {"organization_secret": None},
        "organization_secret is missing or empty. Set it, or the environment variable "
        "CLOUD_ELEMENTS_ORGANIZATION_SECRET.",
    ),
    ({"user_secret": "canary\n"}, f"user_secret {HOLDS_MORE}"),
    ({"organization_secret": "User canary, Organization canary"}, f"organization_secret {HOLDS_MORE}"),
    (
        {"ca_path": "/nowhere/ca.pem"},
        "ca_path /nowhere/ca.pem cannot be used: it does not exist on the machine where the task runs. Correct the "
        "path, or put the file there.",
    ),
    (
        {"ca_path": "ca.pem"},
        "ca_path ca.pem is relative, but the task does not run on the control node. Use an absolute path of the host "
        "where it runs.",
    ),
    ({"timeout": 0}, "timeout is 0, but must be at least 1."),
    ({"retries": -1}, "retries is -1, but must be at least 0."),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_a_connection_is_refused_in_this_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=f"^{re.escape(sentence)}$"):
        connect(options(**given), Tokens())


def test_without_requests_the_library_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setattr(connection, "REQUESTS_IMPORT_ERROR", "Traceback")
    with pytest.raises(BadInput, match=r"\(requests\)"):
        connect(options(), Tokens())


@pytest.mark.parametrize(
    ("given", "verify"),
    [
        ({}, True),
        ({"validate_certs": False}, False),
        ({"ca_path": certifi.where()}, certifi.where()),
        ({"validate_certs": False, "ca_path": certifi.where()}, False),
    ],
)
def test_how_certificates_are_verified(given: dict[str, Any], verify: Any) -> None:
    assert connect(options(**given), Tokens())._wire._settings.verify == verify


def test_the_connection_takes_over_its_numbers() -> None:
    settings = connect(options(timeout=5, retries=1), Tokens())._wire._settings

    assert (settings.timeout, settings.retries) == (5, 1)


def test_the_stamp_key_is_the_organization_secret_when_unset() -> None:
    made = {key: stamps(options(stamp_key=key)).make("e", {}, b"saltsalt") for key in (None, "", "another")}

    assert made[None] == made[""] == stamps(options(stamp_key=ORGANIZATION_SECRET)).make("e", {}, b"saltsalt")
    assert made["another"] != made[None]


# Items


def test_a_single_instance_is_a_list_of_one_and_named_when_it_is_refused() -> None:
    (made,) = desired_from_task(options(name="Acme", element=ELEMENT, secrets={"password": "p"}))

    assert made == desired(secrets={"password": "p"})
    with pytest.raises(BadInput, match=r'^instance "Acme": The configuration key a is set twice'):
        desired_from_task(options(name="Acme", element=ELEMENT, configuration={"a": 1}, secrets={"a": 2}))


ITEM_ERRORS: list[tuple[dict[str, Any], str]] = [
    (
        {"name": "A", "element": "e", "color": "x"},
        r'^instances\[1\] "A": unsupported option: color\. Choose from act365, autotask, configuration',
    ),
    (
        {"name": "A", "autotask": {"hub": "crm", "pasword": "canary"}},
        r'^instances\[1\] "A": unsupported option: autotask\.pasword\. Did you mean autotask\.password\?$',
    ),
    ({"nmae": "A", "element": "e"}, r"^instances\[1\]: unsupported option: nmae\. Did you mean name\?$"),
    ({"name": "A", "autotask": {}}, r'^instances\[1\] "A": autotask\.hub is missing: choose one of crm'),
    ({"name": "A", "element": "e", "state": "gone"}, r'^instances\[1\] "A": state must be one of present, absent\.$'),
    ({"name": "A", "element": "e", "purge_tags": "x"}, r'^instances\[1\] "A": purge_tags must be true or false\.$'),
    ({"element": "e"}, r"^instances\[1\]: name is missing"),
    ({"element": "e", "name": {"a": "canary"}}, r"^instances\[1\]: name must be a string, not a dictionary\.$"),
    ({"name": "A"}, rf'^instances\[1\] "A": one of {SOURCES} is missing'),
    ({"name": "A", "act365": {}}, r'^instances\[1\] "A": act365\.api_key is missing or empty'),
]


@pytest.mark.parametrize(("item", "sentence"), ITEM_ERRORS)
def test_an_item_is_named_by_its_place_and_name(item: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        items_of(instances=[{"name": "Good", "element": "e"}, item])

    assert re.search(sentence, str(caught.value))


def test_an_item_takes_the_shared_owner() -> None:
    items = [{"name": "A", "element": "e"}, {"name": "B", "element": "e", "owner": "own"}]

    assert [made.owner for made in items_of(owner="shared", instances=items)] == ["shared", "own"]


@pytest.mark.parametrize(
    "item",
    [
        {"autotask": {"hub": "canary-own", "password": "canary-own"}},
        {"autotask": {"hub": "canary-own"}, "secrets": {"a": "canary-own"}},
        {"autotask": {"hub": "canary-own"}, "provider_data": {"code": "canary-own"}},
        {"autotask": {"hub": "canary-own"}, "act365": {"api_key": "canary-own"}},
        {"element": "e", "purge_tags": "canary-own", "secrets": {"a": "canary-own"}},
        {"element": "e", "state": "canary-own", "secrets": {"a": "canary-own"}},
        {"autotask": {"hub": "canary-user-secret"}},
        {"autotask": {"hub": "canary-organization-secret"}},
        {"autotask": {"hub": "canary-stamp-key"}},
        {"autotask": {"hub": "canary-shared"}},
        {"autotask": {"hub": "canary-shared", "username": "own"}},
        {"autotask": {"hub": "canary-own"}, "secrets": {"a": {"nested": "canary-own"}}},
        {"element": "e", "tags": ["ansible:canary-own"], "secrets": {"a": "canary-own"}},
    ],
    ids=str,
)
def test_a_secret_typed_into_another_option_is_not_shown(item: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        items_of(autotask=ACCOUNT, stamp_key="canary-stamp-key", instances=[{"name": "A", **item}])

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "item",
    [
        {"configuration": {"clientSecret": "canary-misplaced", "color": "red"}},
        {"element": "actessentials", "configuration": {"username": "canary-misplaced"}},
        {"configuration": {"api_key": {"deep": ["canary-misplaced"]}}},
    ],
)
def test_a_secret_in_configuration_is_known(item: dict[str, Any]) -> None:
    assert "canary-misplaced" in set(secret_words(item))
    assert "canary-misplaced" in set(secret_words({"instances": [item]}))
    assert "red" not in set(secret_words(item))


FREE = ("secrets", "provider_data")
TEXTS = [
    '{"hub": "crm", "password": "canary-password", "username": "canary-user"}',
    "{'hub': 'crm', 'password': 'canary-password', 'username': 'canary-user'}",
    'hub=crm password=canary-password, username="canary-user"',
]
# What is given as one text, which secrets are known of it, and what is not one.
ONE_TEXT: list[tuple[dict[str, Any], set[str], set[str]]] = [
    (
        {"autotask": "hub=crm, username = canary-user password=canary-password"},
        {"canary-user", "canary-password"},
        set(),
    ),
    *(({option: text}, {"canary-user", "canary-password"}, set()) for option in FREE for text in TEXTS),
    *(
        ({"instances": [{"name": "A", option: text}]}, {"canary-user", "canary-password"}, set())
        for option in FREE
        for text in TEXTS
    ),
    *(({"instances": [{"autotask": text}]}, {"canary-password"}, {"canary-user"}) for text in TEXTS),
    (
        {"instances": ['{"name": "A", "events": "{\\"signature_key\\": \\"canary-key\\"}"}']},
        {"canary-key"},
        set(),
    ),
    ({"configuration": '{"client_secret": "canary"}'}, {"canary"}, set()),
    ({"configuration": "broken, password=canary"}, {"canary"}, set()),
]


@pytest.mark.parametrize(("given", "secret", "readable"), ONE_TEXT)
def test_the_secrets_in_what_is_given_as_one_text_are_known(
    given: dict[str, Any], secret: set[str], readable: set[str]
) -> None:
    words = set(secret_words(given))

    assert secret <= words
    assert not readable & words


def test_a_secret_that_is_a_text_is_known_as_it_is() -> None:
    assert set(secret_words({"user_secret": "a=b=="})) == {"a=b=="}


@pytest.mark.parametrize("given", [5, ["a"], None])
def test_a_configuration_that_is_none_holds_no_secret(given: object) -> None:
    assert "canary" not in " ".join(secret_words({"configuration": given}))
