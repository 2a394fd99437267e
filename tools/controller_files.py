# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what `controller_setup` creates in other forms. With `--check`, only name the files that are out of date.

It reads the credential types, job templates, workflows and schedules of `extensions/controller`. It writes the
variables of the collection infra.aap_configuration, and a pattern of the Ansible pattern specification.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

sys.path[:0] = [str(Path(__file__).parent)]
from vendor_docs import ROOT, different, write_or_check
from vendor_texts import LICENCE

from plugins.module_utils._model.vendors import VENDORS

CONTROLLER = "extensions/controller"
CONFIGURATION = f"{CONTROLLER}/aap_configuration/cloud_elements.yml"
COMMAND = "controller_files.py"
HEADER = f"---\n{LICENCE}\n"
ABOUT = f"""\
# Written by tools/{COMMAND} from the files in extensions/controller.
# What the playbook controller_setup creates, as variables of the collection infra.aap_configuration. README.md explains
# the variables cloud_elements_* that you set.
"""
NAME = "Cloud Elements"
"""The name of the project and of the inventory."""
ORGANIZATION = "{{ cloud_elements_organization }}"
PATTERN = "authenticate_instance"
PATTERN_FOLDER = f"extensions/patterns/{PATTERN}"
ABOUT_PATTERN = f"# Written by tools/{COMMAND} from the files in extensions/controller.\n"
PROMPTS = ("ask_job_type_on_launch", "ask_limit_on_launch", "ask_verbosity_on_launch")


class Unsafe(str):
    """A template that the controller evaluates, not Ansible."""


class _Loader(yaml.SafeLoader):
    """Reads marked strings, too."""


class _Dumper(yaml.SafeDumper):
    """Writes marked strings, too, and indents lists."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _unsafe(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Unsafe:
    return Unsafe(loader.construct_scalar(node))


_Loader.add_constructor("!unsafe", _unsafe)
_Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"'))


def described(folder: str) -> list[dict[str, Any]]:
    """Return the contents of the files in a folder of `extensions/controller`, in the order of their names."""
    files = sorted((ROOT / CONTROLLER / folder).glob("*.yml"))
    return [yaml.load(file.read_text(encoding="utf-8"), _Loader) for file in files]  # noqa: S506 - it is a safe loader


def configuration() -> dict[str, list[dict[str, Any]]]:
    """Return the variables of infra.aap_configuration."""
    templates = described("job_templates")
    labels = dict.fromkeys(label for template in templates for label in template["labels"])
    return {
        "controller_labels": [{"name": label, "organization": ORGANIZATION} for label in labels],
        "controller_credential_types": described("credential_types"),
        "controller_projects": [
            {
                "name": NAME,
                "description": "Element instances as code",
                "organization": ORGANIZATION,
                "scm_type": "git",
                "scm_url": "{{ cloud_elements_project_url }}",
                "scm_update_on_launch": True,
            }
        ],
        "controller_inventories": [
            {"name": NAME, "description": "Runs the jobs for Cloud Elements on localhost", "organization": ORGANIZATION}
        ],
        "controller_hosts": [
            {"name": "localhost", "inventory": NAME, "variables": {"ansible_connection": "local"}, "enabled": True}
        ],
        "controller_templates": [_job_template(template) for template in templates],
        "controller_workflows": [_workflow(workflow) for workflow in described("workflows")],
        "controller_schedules": [_schedule(schedule) for schedule in described("schedules")],
    }


def _job_template(template: Mapping[str, Any]) -> dict[str, Any]:
    copied = ("name", "description", "playbook", "job_type", "diff_mode", *PROMPTS, "timeout", "labels")
    return {
        **{key: template[key] for key in copied},
        "organization": ORGANIZATION,
        "project": NAME,
        "inventory": NAME,
        "execution_environment": "{{ cloud_elements_execution_environment | default('') }}",
        **({"extra_vars": template["extra_vars"]} if template["extra_vars"] else {}),
        "survey_enabled": "survey_spec" in template,
        **({"survey_spec": template["survey_spec"]} if "survey_spec" in template else {}),
    }


def _workflow(workflow: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": workflow["name"],
        "description": workflow["description"],
        "organization": ORGANIZATION,
        "simplified_workflow_nodes": [dict(_node(node)) for node in workflow["nodes"]],
    }


def _node(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "identifier", node["identifier"]
    if "job_template" in node:
        yield "unified_job_template", node["job_template"]
        yield "lookup_organization", ORGANIZATION
    names = {"approval": "approval_node", "job_type": "job_type", "success": "success_nodes"}
    yield from ((new, node[old]) for old, new in names.items() if old in node)


def _schedule(schedule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": schedule["name"],
        "description": schedule["description"],
        "organization": ORGANIZATION,
        "unified_job_template": schedule["job_template"],
        "rrule": schedule["rrule"],
        "enabled": True,
    }


def forms() -> dict[str, dict[str, Any]]:
    """Return the job templates that authenticate one instance, by the option of their vendor."""
    templates = [each for each in described("job_templates") if each["playbook"] == "authenticate.yml"]
    by_vendor = {template["extra_vars"]["authenticate_vendor"]: template for template in templates}
    return {vendor: by_vendor[vendor] for vendor in VENDORS if vendor in by_vendor}


def pattern() -> dict[str, Any]:
    """Return the definition of the pattern. Its first job template is the primary one."""
    templates = forms()
    return {
        "schema_version": "1.0.0",
        "name": PATTERN,
        "title": "Authenticate a vendor account in Cloud Elements",
        "description": (
            "Create or update one element instance, which connects Cloud Elements or SAP Open Connectors to a vendor "
            "account. Answer the questions of the survey, or leave the login empty to use the job's credential. The "
            "login is verified with the vendor. A second run with the same answers changes nothing."
        ),
        "short_description": "Authenticate a vendor account in Cloud Elements",
        "tags": ["cloud_elements", "integration"],
        "aap_resources": {
            "controller_project": {"name": NAME, "description": "The collection cloud_elements.platform"},
            "controller_execution_environment": {
                "name": NAME,
                "description": "Runs the jobs of the collection cloud_elements.platform",
                "image_name": "cloud_elements/platform_ee",
            },
            "controller_labels": list(dict.fromkeys(label for each in templates.values() for label in each["labels"])),
            "controller_job_templates": [
                {
                    "name": template["name"],
                    "description": template["description"],
                    "execution_environment": NAME,
                    "playbook": f"authenticate_{vendor}.yml",
                    "primary": vendor == next(iter(templates)),
                    "ask_credential_on_launch": True,
                    "ask_inventory_on_launch": True,
                    "ask_verbosity_on_launch": True,
                    "labels": template["labels"],
                    "survey": {
                        **template["survey_spec"],
                        "name": template["name"],
                        "description": template["description"],
                    },
                }
                for vendor, template in templates.items()
            ],
        },
    }


def pattern_playbook(vendor: str, template: Mapping[str, Any]) -> str:
    """Return the playbook of a form."""
    play = {
        "name": template["description"],
        "ansible.builtin.import_playbook": "cloud_elements.platform.authenticate",
        "vars": {"authenticate_vendor": vendor},
    }
    return f"{HEADER}{ABOUT_PATTERN}{_text([play])}"


def pattern_argument_spec(vendor: str, template: Mapping[str, Any]) -> str:
    """Return the specification of a form's answers. A controller hands over strings."""
    questions = template["survey_spec"]["spec"]
    options = {
        question["variable"]: {
            "type": "str",
            "required": question["required"],
            "description": question["question_description"],
            **({"choices": question["choices"]} if "choices" in question else {}),
        }
        for question in questions
    }
    example = f"ansible-playbook authenticate_{vendor}.yml -e authenticate_name=Acme"
    spec = {
        "short_description": template["description"],
        "description": template["description"],
        "argument_specs": {
            f"authenticate_{vendor}": {
                "short_description": template["description"],
                "options": options,
                "examples": example,
            }
        },
    }
    return f"{HEADER}{ABOUT_PATTERN}{_text(spec)}"


def _text(data: Any) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=130)
    return text


def wanted_texts() -> Mapping[str, str]:
    """Return the content that each file should have."""
    playbooks = f"{PATTERN_FOLDER}/playbooks/authenticate_"
    return {
        CONFIGURATION: f"{HEADER}{ABOUT}{_text(configuration())}",
        f"{PATTERN_FOLDER}/meta/pattern.json": f"{json.dumps(pattern(), indent=2)}\n",
        **{f"{playbooks}{vendor}.yml": pattern_playbook(vendor, template) for vendor, template in forms().items()},
        **{
            f"{playbooks}{vendor}.meta.yml": pattern_argument_spec(vendor, template)
            for vendor, template in forms().items()
        },
    }


def main(arguments: list[str]) -> None:
    """Write or check the files, and name those that were out of date."""
    write_or_check(arguments, different(wanted_texts()), COMMAND)


if __name__ == "__main__":
    main(sys.argv[1:])
