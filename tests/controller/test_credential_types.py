# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credential types: they inject what the collection reads, byte for byte, and the controller masks their secrets."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.vendors import VENDORS
from ansible_collections.cloud_elements.platform.plugins.module_utils._options import specs
from awx_plugins.interfaces._temporary_private_inject_api import HIDDEN_PASSWORD, HIDDEN_PASSWORD_RE
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.collection import ROOT
from tests.controller import rules
from tests.controller.jobs import Job, run
from tests.controller.setup_data import CREDENTIAL_TYPES, injected
from tests.sandbox.process import Running

TYPES = sorted(CREDENTIAL_TYPES)
FOR_CONSUMERS = "Cloud Elements instance"
"""Its variables are for jobs that call a vendor: no option reads them."""


def fallbacks(options: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the variables that options fall back to, and whether the option is a secret."""
    for option in filter(lambda value: isinstance(value, Mapping), options.values()):
        for name in option.get("fallback", (None, []))[1]:
            yield name, option.get("no_log", False)
        yield from fallbacks(option.get("options", {}))


def secret_of_variables() -> dict[str, bool]:
    """Return all variables that the collection reads, out of every table of options that there is."""
    tables = [table for name, table in vars(specs).items() if name.isupper() and isinstance(table, dict)]
    return dict(found for table in tables for found in fallbacks(table))


def injectors() -> dict[str, tuple[str, str]]:
    """Return for each injected variable the type and the one field that it comes from."""
    return {
        variable: (name, re.match(r"{{ (\w+)", text)[1])  # type: ignore[index]
        for name, body in CREDENTIAL_TYPES.items()
        for variable, text in body["injectors"]["env"].items()
    }


def is_secret(variable: str) -> bool:
    name, wanted = injectors()[variable]
    (field,) = [field for field in CREDENTIAL_TYPES[name]["inputs"]["fields"] if field["id"] == wanted]
    return bool(field.get("secret", False))


def test_each_variable_that_the_collection_reads_is_injected_by_one_type_and_no_other_is() -> None:
    all_injected = [variable for body in CREDENTIAL_TYPES.values() for variable in body["injectors"]["env"]]
    of_options = set(all_injected) - set(CREDENTIAL_TYPES[FOR_CONSUMERS]["injectors"]["env"])

    assert len(set(all_injected)) == len(all_injected)
    assert of_options == set(secret_of_variables())


def test_the_token_of_an_instance_is_read_by_the_playbook_that_calls_a_vendor() -> None:
    assert "'CLOUD_ELEMENTS_INSTANCE_TOKEN'" in (ROOT / "playbooks/tasks/call_vendor_page.yml").read_text()


def test_a_field_is_secret_exactly_when_the_option_is() -> None:
    read = secret_of_variables()
    assert {variable: is_secret(variable) for variable in read} == read


@pytest.mark.parametrize("variable", sorted(injectors()))
def test_a_controller_masks_exactly_the_variables_that_hold_secrets(variable: str) -> None:
    assert bool(HIDDEN_PASSWORD_RE.search(variable)) == is_secret(variable)


@pytest.mark.parametrize("name", TYPES)
def test_a_controller_takes_the_type(name: str) -> None:
    body = CREDENTIAL_TYPES[name]
    assert rules.credential_type(body) == []
    assert set(body) == {"name", "description", "kind", "inputs", "injectors"}
    assert set(body["injectors"]) == {"env"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda body: body["inputs"].update(metadata=[]), "unknown"),
        (lambda body: body["inputs"]["required"].append("zone"), "no fields"),
        (lambda body: body["inputs"]["fields"][0].pop("label"), "lacks"),
        (lambda body: body["inputs"]["fields"][0].update(placeholder="x"), "unknown"),
        (lambda body: body["inputs"]["fields"][0].update(type="str"), "type"),
        (lambda body: body["inputs"]["fields"].append(body["inputs"]["fields"][0]), "unique"),
        (lambda body: body["inputs"]["fields"][0].update(format="uri"), "format"),
        (lambda body: body["inputs"].update(required=["username", "password"]), "refused when it is empty"),
        (lambda body: body["injectors"]["env"].update(ANSIBLE_X="{{ username }}"), "may be set"),
        (lambda body: body["injectors"]["env"].update(X="{{ zone }}"), "undefined"),
        (lambda body: body["injectors"]["env"].update(X="{{ username | b64encode }}"), "b64encode"),
        (lambda body: body.update(kind="vault"), "own types"),
    ],
)
def test_the_rules_find_what_a_controller_refuses(change: Any, complaint: str) -> None:
    body = copy.deepcopy(CREDENTIAL_TYPES["AutoTask"])
    change(body)
    (said,) = rules.credential_type(body)
    assert complaint in said


@pytest.mark.parametrize("name", TYPES)
def test_a_field_that_is_left_out_is_injected_as_nothing_and_counts_as_unset(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in injected(name, {}).items():
        monkeypatch.setenv(variable, value)
        if variable == "CLOUD_ELEMENTS_BASE_URL":
            assert value == specs.DEFAULT_BASE_URL
        else:
            assert value == ""
            with pytest.raises(specs.AnsibleFallbackNotFound):
                specs.from_environment(variable)


def test_a_controller_checks_each_url_of_a_vendor_that_is_required() -> None:
    checked = {
        body["injectors"]["env"][variable]: field.get("format")
        for body in CREDENTIAL_TYPES.values()
        for variable in body["injectors"]["env"]
        for field in body["inputs"]["fields"]
        if body["injectors"]["env"][variable] == f"{{{{ {field['id']} }}}}"
    }
    urls = {f"{{{{ {field.option} }}}}" for vendor in VENDORS.values() for field in vendor.fields if field.url}

    assert {text for text, kind in checked.items() if kind == "url"} == urls


@pytest.mark.parametrize("name", TYPES)
def test_what_a_controller_shows_of_a_credential_holds_no_secret(name: str) -> None:
    fields = CREDENTIAL_TYPES[name]["inputs"]["fields"]
    shown: dict[str, Any] = {}
    injected(name, {field["id"]: f"canary-{field['id']}" for field in fields}, shown)
    hidden = {field["id"] for field in fields if field.get("secret")}

    assert {value for value in shown.values() if value.startswith("canary-")} == {
        f"canary-{field['id']}" for field in fields if field["id"] not in hidden
    }
    assert list(shown.values()).count(HIDDEN_PASSWORD) == len(hidden)


AWKWARD = [
    "{{ 1 + 1 }}",
    "}}{{",
    "{% raw %}",
    "{# note #}",
    "\"double\" 'single' `back`",
    "back\\slash \\n $HOME ${HOME} $(id) %s %(x)s",
    "Größe ключ 鍵",
    "🔑 and 👩‍🔧",
    "two  spaces\tand a tab",
    "first line\nsecond line",
    "!vault | & * ? : - # @ , [ ] { }",
    "null",
    "1e3",
    "yes",
    "=====",
    "~/x;rm -rf<>|&",
]


def test_the_injector_hands_any_value_on_as_it_is() -> None:
    for value in AWKWARD:
        assert injected("AutoTask", {"password": value})["CLOUD_ELEMENTS_AUTOTASK_PASSWORD"] == value
        # A template would have become something else.
        if "{{ 1" in value:
            assert ImmutableSandboxedEnvironment().from_string(value).render() != value


@pytest.mark.parametrize("number", range(0, len(AWKWARD), 4))
def test_any_value_arrives_at_the_platform_as_it_is(sandbox: Running, tmp_path: Path, number: int) -> None:
    username, password, api_key, developer_key = AWKWARD[number : number + 4]
    account = {"password": password, "server_url": "https://ww2.autotask.net"}
    for vendor, user, known in (
        ("autotask", username, account),
        ("act365", api_key, {"password": developer_key}),
    ):
        url = f"{sandbox.control_url}/vendors/{vendor}/{quote(user, safe='')}"
        requests.put(url, json=known, timeout=30).raise_for_status()
    given = sandbox.environment
    account_inputs = {
        "base_url": given["CLOUD_ELEMENTS_BASE_URL"],
        "user_secret": given["CLOUD_ELEMENTS_USER_SECRET"],
        "organization_secret": given["CLOUD_ELEMENTS_ORGANIZATION_SECRET"],
    }
    job = Job(
        "cloud_elements.platform.provision",
        variables={
            "instances_list": [
                {"name": "Acme CRM", "autotask": {"hub": "crm"}},
                {"name": "Acme contacts", "act365": {}},
            ]
        },
        environment={
            **injected("Cloud Elements", account_inputs),
            **injected("AutoTask", {"username": username, **account}),
            **injected("Act! 365", {"api_key": api_key, "developer_key": developer_key}),
            **injected("Cloud Elements stamp key", {"stamp_key": password}),
        },
    )
    ended = run(job, tmp_path / "job")
    assert ended.status == "successful", ended
    sent = requests.get(f"{sandbox.control_url}/requests", timeout=30).json()["requests"]
    held = {each["body"]["name"]: each["body"]["configuration"] for each in sent if each["method"] == "POST"}
    assert held["Acme CRM"]["crm.autotask.username"] == username
    assert held["Acme CRM"]["crm.autotask.password"] == password
    assert (held["Acme contacts"]["username"], held["Acme contacts"]["password"]) == (api_key, developer_key)
    # The stamp key arrived too, whatever it is: with it, nothing is to be sent again.
    (result,) = run(job, tmp_path / "again").results("Apply the list of element instances")
    assert result["changed"] is False


def test_a_job_calls_a_vendor_with_the_token_of_its_credential(sandbox: Running, tmp_path: Path) -> None:
    environment = {
        **sandbox.environment,
        **injected("Act! 365", {"api_key": "act-example-api-key", "developer_key": "act-example-developer-key"}),
    }
    made = Job(
        "cloud_elements.platform.provision",
        variables={"instances_list": [{"name": "Acme contacts", "act365": {}}]},
        environment=environment,
    )
    assert run(made, tmp_path / "made").status == "successful"
    (held,) = requests.get(f"{sandbox.control_url}/instances", timeout=30).json()["instances"]
    requests.delete(f"{sandbox.control_url}/requests", timeout=30).raise_for_status()

    token = {"id": str(held["id"]), "token": held["token"]}
    call = Job(
        "cloud_elements.platform.call_vendor",
        environment={**sandbox.environment, **injected(FOR_CONSUMERS, token)},
    )
    ended = run(call, tmp_path / "call")
    assert ended.status == "successful", ended
    assert "Acme contacts has 3 contacts" in ended.said
    sent = requests.get(f"{sandbox.control_url}/requests", timeout=30).json()["requests"]
    assert [request["path"] for request in sent] == ["/hubs/crm/contacts"]
    assert held["token"] not in ended.said
