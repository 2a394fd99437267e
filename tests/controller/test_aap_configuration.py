# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables for infra.aap_configuration create what controller_setup creates. The examples fit the types.

The tasks here pass each item to the module of awx.awx that the role of infra.aap_configuration calls with it.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.collection import ROOT
from tests.controller.controller_api import KINDS, TOKEN, Controller, controller_api
from tests.controller.jobs import Job, run
from tests.controller.setting_up import Setup
from tests.controller.setup_data import CREDENTIAL_TYPES, SETUP, loaded

pytestmark = pytest.mark.in_ci

FILES = {file.name: file.read_text(encoding="utf-8") for file in (SETUP / "aap_configuration").glob("*.yml")}
GENERATED = "cloud_elements.yml"
MODULES = {
    "controller_labels": "label",
    "controller_credential_types": "credential_type",
    "controller_credentials": "credential",
    "controller_credential_input_sources": "credential_input_source",
    "controller_notifications": "notification_template",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_hosts": "host",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
    "controller_schedules": "schedule",
}
"""The variables of infra.aap_configuration to the modules that its roles call, in the order of its role dispatch."""
NODES = "simplified_workflow_nodes"
URL = "https://git.example.com/acme/cloud-elements.git"
GIVEN = {
    "cloud_elements_organization": "Acme",
    "cloud_elements_project_url": URL,
    "vault_cloud_elements_webhook_url": "https://chat.example.com/hooks/canary-hook",
}


def items_of(name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the variables of a file."""
    return dict(loaded(SETUP / "aap_configuration" / name))


def options_of(module: str) -> set[str]:
    """Return the options of a module of awx.awx."""
    file = Path(os.environ["AWX_COLLECTIONS"], "ansible_collections/awx/awx/plugins/modules", f"{module}.py")
    assigned = [node for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign)]
    (text,) = [node.value.value for node in assigned if node.targets[0].id == "DOCUMENTATION"]  # type: ignore[attr-defined]
    options: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)["options"]
    return {name for option, body in options.items() for name in (option, *body.get("aliases", ()))}


def play(name: str) -> str:
    """Return a playbook that passes each item of a file to its module."""
    variables = items_of(name)
    tasks: list[dict[str, Any]] = []
    for variable in filter(variables.__contains__, MODULES):
        # The roles leave out what is empty.
        filled = "dict2items | rejectattr('value', 'in', ['', none])"
        item = f"{{{{ item | {filled} | rejectattr('key', 'eq', '{NODES}') | items2dict }}}}"
        loop = f"{{{{ {variable} }}}}"
        tasks.append({"name": variable, f"awx.awx.{MODULES[variable]}": {}, "args": item, "loop": loop})
        if variable == "controller_workflows":
            # The role creates all nodes, then links them.
            keys = (
                "| rejectattr('key', 'eq', 'success_nodes')",
                "| selectattr('key', 'in', ['identifier', 'success_nodes'])",
            )
            tasks += [
                {
                    "name": f"Nodes {each}",
                    "awx.awx.workflow_job_template_node": {},
                    "args": (
                        f"{{{{ item.1 | dict2items {each} | items2dict"
                        " | combine({'workflow_job_template': item.0.name, 'organization': item.0.organization}) }}"
                    ),
                    "loop": f"{{{{ {variable} | subelements('{NODES}') }}}}",
                    **({"when": "item.1.success_nodes is defined"} if "selectattr" in each else {}),
                }
                for each in keys
            ]
    return json.dumps([{"hosts": "localhost", "gather_facts": False, "vars_files": [name], "tasks": tasks}]) + "\n"


def configured(controller: Controller, name: str, directory: Path) -> None:
    """Apply the variables of a file."""
    environment = {"CONTROLLER_HOST": controller.host, "CONTROLLER_OAUTH_TOKEN": TOKEN}
    ended = run(Job(play(name), GIVEN, environment, files=FILES, awx=True), directory)
    assert ended.status == "successful", ended


def contents(controller: Controller) -> dict[str, Any]:
    """Return what a controller has, with names in place of ids."""
    by_id = {number: each for kind in KINDS for number, each in controller.objects[kind].items()}
    names = {number: each.get("name") or each.get("identifier") for number, each in by_id.items()}
    generated = {"id", "url", "related", "summary_fields"}
    return {
        **{
            f"{kind} {names[each['id']]}": {
                key: names.get(value, value) if type(value) is int and key != "timeout" else value
                for key, value in each.items()
                if key not in generated and value not in ("", "{}", None)
            }
            for kind in KINDS
            for each in controller.objects[kind].values()
        },
        "surveys": {names[number]: survey for number, survey in controller.surveys.items()},
        "attached": {
            (names[of], kind): [names[number] for number in ids]
            for (of, kind), ids in controller.attached.items()
            if ids
        },
    }


def test_the_variables_create_what_the_setup_creates(controller: Controller, setup: Setup, tmp_path: Path) -> None:
    controller.add("organizations", {"name": "Acme"})
    given = {"controller_setup_project_url": URL, "controller_setup_organization": "Acme"}
    assert setup.job(given).status == "successful"
    with controller_api() as other:
        other.add("organizations", {"name": "Acme"})
        configured(other, GENERATED, tmp_path / "configured")
        assert contents(other) == contents(controller)


@pytest.mark.parametrize("name", FILES)
def test_the_items_have_only_options_of_the_modules(name: str) -> None:
    variables = items_of(name)
    assert variables.keys() <= MODULES.keys()
    for variable, items in variables.items():
        for item in items:
            assert item.keys() - {NODES} <= options_of(MODULES[variable]), item["name"]
            for node in item.get(NODES, []):
                assert node.keys() <= options_of("workflow_job_template_node")


def test_the_example_has_a_source_for_each_secret_of_each_credential_type() -> None:
    variables = items_of("credential_input_sources.yml")
    types = {each["name"]: each["credential_type"] for each in variables["controller_credentials"]}
    assert sorted(types.values()) == sorted(CREDENTIAL_TYPES)
    secrets = {
        (kind, field["id"])
        for kind, body in CREDENTIAL_TYPES.items()
        for field in body["inputs"]["fields"]
        if field.get("secret")
    }
    sources = variables["controller_credential_input_sources"]
    assert sorted((types[each["target_credential"]], each["input_field_name"]) for each in sources) == sorted(secrets)
    # What HashiCorp Vault needs to know.
    assert all({"secret_path", "secret_key"} <= each["metadata"].keys() for each in sources)
    for each in variables["controller_credentials"]:
        fields = {field["id"] for field in CREDENTIAL_TYPES[each["credential_type"]]["inputs"]["fields"]}
        given = each.get("inputs", {})
        assert given.keys() <= fields
        assert not {(each["credential_type"], key) for key in given} & secrets


def test_the_examples_are_accepted(controller: Controller, tmp_path: Path) -> None:
    controller.add("organizations", {"name": "Acme"})
    for body in CREDENTIAL_TYPES.values():
        controller.add("credential_types", body)
    vault = controller.add(
        "credential_types", {**CREDENTIAL_TYPES["AutoTask"], "name": "HashiCorp Vault Secret Lookup"}
    )
    source = controller.add("credentials", {"name": "Acme vault", "credential_type": vault["id"]})["id"]
    for name in set(FILES) - {GENERATED}:
        configured(controller, name, tmp_path / name)
    sources = controller.objects["credential_input_sources"].values()
    assert {each["source_credential"] for each in sources} == {source}
    assert len(sources) == len(items_of("credential_input_sources.yml")["controller_credential_input_sources"])
    (notification,) = controller.objects["notification_templates"].values()
    assert notification["notification_configuration"]["url"] == GIVEN["vault_cloud_elements_webhook_url"]


def test_the_readme_names_each_file_and_each_variable() -> None:
    text = (SETUP / "aap_configuration/README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"`{name}`" not in text] == []
    assert (ROOT / "tools/controller_files.py").exists()
    variables = set(re.findall(r"{{ (cloud_elements_\w+)", FILES[GENERATED]))
    assert len(variables) == 3
    assert [name for name in variables if f"`{name}`" not in text] == []
