# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All runs with all that they left behind, and all that must not be in it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from tests.collection import ROOT, collections_in
from tests.leak.canaries import Canary, made_up
from tests.leak.echo import echoing
from tests.leak.running import Finished, Inputs, Run, execute
from tests.leak.search import Searcher
from tests.sandbox.process import Running, running

AT_ONCE = 2
VAULT_PASSWORD = "correct horse battery staple 4711"  # searched for like any other secret
OTHER_VAULT_PASSWORD = "no run has this one 1174"
AUTOTASK_USER = "api.user@example.com"
ELSEWHERE = ROOT / "tests/integration/targets/setup_sandbox/connection_plugins"
"""A connection that is not the local one."""
OF_MODULES = (
    *("vendors.yml", "inputs.yml", "misplaced.yml", "generic.yml", "echoes.yml", "looks.yml", "tokens.yml"),
    *("environment.yml", "unexpected.yml"),
)
"""Playbooks with modules that may run in the process of the job."""
YAML_RESULTS = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}


def _runs(secrets: Mapping[str, str], base_url: str, quiet_url: str) -> list[Run]:
    """Return the runs: every playbook of scenarios, in surroundings that differ."""
    injected = {
        "CLOUD_ELEMENTS_BASE_URL": base_url,
        "CLOUD_ELEMENTS_USER_SECRET": secrets["user_secret"],
        "CLOUD_ELEMENTS_ORGANIZATION_SECRET": secrets["organization_secret"],
        "CLOUD_ELEMENTS_STAMP_KEY": secrets["stamp_key"],
        "CLOUD_ELEMENTS_AUTOTASK_USERNAME": AUTOTASK_USER,
        "CLOUD_ELEMENTS_AUTOTASK_PASSWORD": secrets["autotask_password"],
        "CLOUD_ELEMENTS_AUTOTASK_SERVER_URL": "https://ww2.autotask.net",
        "CLOUD_ELEMENTS_ACT365_API_KEY": secrets["act365_api_key"],
        "CLOUD_ELEMENTS_ACT365_DEVELOPER_KEY": secrets["act365_developer_key"],
    }
    # A sandbox of its own: elsewhere names and tags hold secrets on purpose, which no report could know.
    quiet = {
        "CLOUD_ELEMENTS_BASE_URL": quiet_url,
        "CLOUD_ELEMENTS_USER_SECRET": secrets["quiet_user_secret"],
        "CLOUD_ELEMENTS_ORGANIZATION_SECRET": secrets["quiet_organization_secret"],
        "CLOUD_ELEMENTS_STAMP_KEY": secrets["stamp_key"],
    }
    proxy = {"HTTP_PROXY": f"http://someone:{secrets['proxy_password']}@127.0.0.1:9", "NO_PROXY": "localhost"}
    return [
        Run("vendors", "vendors.yml"),
        Run("inputs", "inputs.yml", {"ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1"}),
        Run("misplaced", "misplaced.yml"),
        Run("generic", "generic.yml", YAML_RESULTS),
        Run("echoes", "echoes.yml"),
        Run("fleet", "fleet.yml"),
        Run("fleet, more", "fleet_more.yml", YAML_RESULTS),
        Run("fleet, items", "fleet_items.yml"),
        Run("fleet, options", "fleet_options.yml", {"ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1"}),
        Run("fleet, echoes", "fleet_echoes.yml", {"ANSIBLE_STDOUT_CALLBACK": "minimal"}),
        Run("fleet, crowd", "fleet_crowd.yml", YAML_RESULTS),
        Run("fleet, files", "fleet_files.yml", {"ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1"}),
        Run("looks", "looks.yml"),
        Run("role", "role.yml"),
        Run("playbooks", "playbooks.yml", quiet),
        Run("tokens", "tokens.yml"),
        Run("environment", "environment.yml", injected),
        Run("unexpected", "unexpected.yml", shims=("faults", "shims")),
        Run("unreachable", "unreachable.yml", proxy),
    ]


def as_modules(run: Run) -> Run:
    """Return a run whose modules are not run in the process of the job."""
    return replace(
        run,
        name=f"{run.name}, as modules",
        environment={**run.environment, "ANSIBLE_CONNECTION_PLUGINS": str(ELSEWHERE)},
        arguments=(*run.arguments, "-e", "ansible_connection=elsewhere"),
    )


OF_SANDBOXES = ("user_secret", "organization_secret", "quiet_user_secret", "quiet_organization_secret")
USUAL_RUNS = tuple(_runs(dict.fromkeys([*made_up(), *OF_SANDBOXES], ""), "", ""))
RUNS = (*USUAL_RUNS, *(as_modules(run) for run in USUAL_RUNS if run.playbook in OF_MODULES))
CONTROL = "control"
REMOVAL = Run("removal", "removal.yml", {"ANSIBLE_STDOUT_CALLBACK": "oneline"})
"""Comes last: an instance that is gone does not tell its token any more."""


@dataclass(frozen=True)
class Evidence:
    """What the tests look at."""

    finished: Mapping[str, Finished]
    control: Finished
    searcher: Searcher


@contextlib.contextmanager
def collected(scratch: Path) -> Iterator[Evidence]:
    """Run everything once."""
    canaries = made_up()
    echo_token = canaries["echo_token"].value
    # Those of the list that it says back.
    of_names = {"Canary echo": "autotask_password", "Canary echo too": "act365_developer_key"}
    kept = {name: canaries[secret].value for name, secret in of_names.items()}
    with (
        running(scratch / "sandbox", "--fresh") as sandbox,
        running(scratch / "quiet", "--fresh") as quiet,
        echoing(echo_token, kept) as echo,
        echoing(echo_token, kept) as echo_of_modules,
    ):
        _teach(sandbox, canaries)
        _teach(quiet, canaries)
        secrets = {name: canary.value for name, canary in canaries.items()}
        secrets.update(user_secret=sandbox.user_secret, organization_secret=sandbox.organization_secret)
        secrets.update(quiet_user_secret=quiet.user_secret, quiet_organization_secret=quiet.organization_secret)
        # What Ansible does not know for a secret: a leak that it hides could not be found.
        shown = secrets.pop("shown")
        inputs = _inputs(scratch / "inputs", secrets, {"base_url": sandbox.base_url, "echo_url": echo.url})

        inputs_of_modules = replace(inputs, facts={**inputs.facts, "echo_url": echo_of_modules.url})

        def run(wanted: Run) -> Finished:
            return execute(wanted, scratch / "searched" / wanted.name, inputs)

        def run_modules(wanted: Run) -> Finished:
            return execute(as_modules(wanted), scratch / "searched" / as_modules(wanted).name, inputs_of_modules)

        runs = _runs(secrets, sandbox.base_url, quiet.base_url)
        control = Run(CONTROL, "control.yml", {"CONTROL_CANARY": shown})
        with ThreadPoolExecutor(AT_ONCE) as pool:
            finished = list(pool.map(run_modules, (one for one in runs if one.playbook in OF_MODULES)))
            tokens = {f"of modules: {name}": token for name, token in _tokens(sandbox).items()}
            # The same playbooks, which begin without instances.
            _control(sandbox, "POST", "/reset")
            _teach(sandbox, canaries)
            finished += pool.map(run, [*runs, control])
        tokens.update({f"quiet {name}": token for name, token in _tokens(quiet).items()})
        tokens.update(_tokens(sandbox))
        for name in ("Canary contacts", "Canary crowd contacts"):
            _set_in_use(sandbox, name)
        finished.append(run(REMOVAL))
        tokens.update(_tokens(sandbox))
    secrets.update(tokens, vault_password=VAULT_PASSWORD, shown=shown)
    searcher = Searcher(Canary(name, value) for name, value in secrets.items())
    ended = {one.run.name: one for one in finished}
    yield Evidence(ended, ended.pop(CONTROL), searcher)


def _inputs(directory: Path, secrets: Mapping[str, str], facts: Mapping[str, Any]) -> Inputs:
    """Write what the runs read: the canaries encrypted, as users keep their secrets, and lists that hold some."""
    collections = collections_in(directory)
    password, variables, lists = directory / "vault_password", directory / "vault.yml", directory / "lists"
    password.write_text(VAULT_PASSWORD + "\n", encoding="utf-8")
    # JSON texts are YAML texts. Unsafe, or ansible-core would take a brace in a password for a template.
    lines = [f"{name}: !unsafe {json.dumps(value, ensure_ascii=False)}" for name, value in secrets.items()]
    variables.write_text(_encrypted("---\n" + "\n".join(lines) + "\n", password), encoding="utf-8")
    awx = collections / "ansible_collections/awx/awx/plugins/modules"
    awx.mkdir(parents=True)
    shutil.copy(ROOT / "tests/integration/targets/role_instances/files/credential.py", awx)
    lists.mkdir()
    for name, content in _lists(secrets, password).items():
        (lists / name).write_bytes(content.encode("latin-1" if name == "latin.yml" else "utf-8"))
    everywhere = {**facts, "ansible_python_interpreter": sys.executable, "lists": str(lists), "vault": str(variables)}
    return Inputs(collections, variables, password, everywhere)


def _lists(secrets: Mapping[str, str], password: Path) -> dict[str, str]:
    """Return the lists that the playbooks read as they are, by the names of their files."""
    other_password = password.with_name("other_vault_password")
    other_password.write_text(OTHER_VAULT_PASSWORD + "\n", encoding="utf-8")
    shown = {"element": "examplebasic", "configuration": {"username": "example"}}
    items: list[dict[str, Any]] = [
        {**shown, "name": "Canary file", "secrets": {"password": secrets["example_password"]}},
        {**shown, "name": "Canary file, old", "secrets": {"password": secrets["example_old_password"]}},
        {"name": "Canary file contacts", "act365": {}},
        {"name": "Canary file refused", "act365": {"api_key": secrets["act365_wrong_api_key"]}},
        {**shown, "name": f"Canary file {secrets['misplaced']}", "secrets": {"password": secrets["misplaced"]}},
        {
            **shown,
            "name": "Canary file, both",
            "secrets": {
                "password": secrets["example_password"],
                "event.notification.signature.key": secrets["example_signature_key"],
            },
            "tags": [secrets["example_password"]],
        },
    ]
    autotask = {"hub": secrets["autotask_password"], "password": secrets["autotask_password"]}
    plain = json.dumps(_unsafe(items), ensure_ascii=False)
    # JSON texts are YAML texts.
    text = json.dumps(secrets["example_password"], ensure_ascii=False)
    shown_lines = "  element: examplebasic\n  configuration: {username: example}\n"

    def value(name: str, key: Path) -> str:
        lines = _encrypted(secrets["example_password"], key).splitlines()
        head = f"- name: {name}\n{shown_lines}  secrets:\n    password: !vault |\n"
        return head + "".join(f"      {line}\n" for line in lines)

    return {
        "plain.json": plain,
        "whole.yml": _encrypted(plain, password),
        "values.yml": value("Canary file, value", password),
        "locked.yml": _encrypted(plain, other_password),
        "locked_values.yml": value("Canary file, locked value", other_password),
        "template.json": json.dumps(items),
        "wrong.json": json.dumps([{"name": "Canary", "autotask": autotask}]),
        "broken.yml": f"- name: Canary\n  secrets: {{password: {text}\n- {text}: {{{text}\n",
        "latin.yml": "- name: Canary ä\n  secrets:\n    password: " + json.dumps(secrets["example_password"]) + "\n",
        # A tag takes other files to Ansible's own reader, which would warn of the key.
        "twice.yml": "- name: !!str Canary\n  element: nowhere\n  secrets:\n" + f"    password: {text}\n" * 2,
        "dictionary.json": json.dumps({"instances": items}),
        "texts.json": json.dumps([secrets["example_password"]]),
    }


def _unsafe(value: Any) -> Any:
    """Return the same structure with each text that looks like a template marked as none."""
    if isinstance(value, dict):
        return {key: _unsafe(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_unsafe(inner) for inner in value]
    return {"__ansible_unsafe": value} if isinstance(value, str) and "{{" in value else value


def _encrypted(text: str, password: Path) -> str:
    """Encrypt a text as users do."""
    vault = Path(sys.executable).with_name("ansible-vault")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(password.parent), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, str(vault), "encrypt", "--vault-password-file", str(password), "--output", "-"],
        check=True,
        env=environment,
        input=text.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return done.stdout.decode()


def _teach(sandbox: Running, canaries: Mapping[str, Canary]) -> None:
    """Tell the vendors behind the sandbox which credentials are right."""
    accounts = (
        ("autotask", AUTOTASK_USER, "autotask_password"),
        ("autotask", "item@example.com", "autotask_item_password"),
        ("act365", canaries["act365_api_key"].value, "act365_developer_key"),
        ("act365", canaries["act365_new_api_key"].value, "act365_developer_key"),
        ("examplebasic", "example", "example_password"),
    )
    for vendor, user, password in accounts:
        path = f"/vendors/{vendor}/{quote(user, safe='')}"
        answer = _control(sandbox, "PUT", path, {"password": canaries[password].value})
        if answer["username"] != user:
            raise ValueError(f"the sandbox understood another user name of {vendor}")


def _tokens(sandbox: Running) -> dict[str, str]:
    """Return what the sandbox made up itself: the tokens of its instances, and those of their OAuth."""
    found = {}
    for number in _instances(sandbox):
        found[f"token of instance {number['id']}"] = number["token"]
        for key, value in _control(sandbox, "GET", f"/instances/{number['id']}/stored").items():
            if key in ("oauth.user.token", "oauth.user.refresh_token") and value:
                found[f"{key} of instance {number['id']}"] = value
    return found


def _instances(sandbox: Running) -> Sequence[Mapping[str, Any]]:
    header = {"Authorization": f"User {sandbox.user_secret}, Organization {sandbox.organization_secret}"}
    answer = requests.get(f"{sandbox.base_url}/instances?pageSize=200", headers=header, timeout=30)
    answer.raise_for_status()
    listed: list[dict[str, Any]] = answer.json()
    return listed


def _set_in_use(sandbox: Running, name: str) -> None:
    for instance in _instances(sandbox):
        if instance["name"] == name:
            _control(sandbox, "PUT", f"/instances/{instance['id']}", {"in_use": True})


def _control(sandbox: Running, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = requests.request(method, sandbox.control_url + path, json=body, timeout=30)
    answer.raise_for_status()
    said: dict[str, Any] = answer.json()
    return said
