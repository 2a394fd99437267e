# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of tokens: encrypted, complete, written only when it has to be, and never in place of something else."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.template import Templar
from ansible_collections.cloud_elements.platform.plugins.action import ce_token_file
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import WAITED_MESSAGE
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    CONNECTION,
    ELEMENT,
    SECRET,
    SOURCES,
    TOKEN,
    Platform,
    problem,
)

SECRETS = [("dev", VaultSecret(b"canary dev password")), ("prod", VaultSecret(b"canary prod password"))]
ACME = {"name": "Acme", "element": ELEMENT}
HEAD = "$ANSIBLE_VAULT;1.2;AES256;prod"


@pytest.fixture(autouse=True)
def _own_environment(environment: pytest.MonkeyPatch) -> None:
    """The plugin sets variables of its process: it has one to itself."""
    environment.setattr(os, "environ", os.environ.copy())


class Marks(yaml.SafeLoader):
    """Reads a file of tokens, in which each one is marked."""


Marks.add_constructor("!unsafe", lambda _loader, node: node.value)


class Task:
    """Runs the action plugin as Ansible does, for one file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tokens.yml"
        self.loader = DataLoader()
        self.loader.set_basedir(str(folder))
        self.loader.set_vault_secrets(SECRETS)
        self.said = ""

    def __call__(self, *instances: Any, check: bool = False, diff: bool = False, **given: Any) -> dict[str, Any]:
        options = {"path": "tokens.yml", "vault_id": "prod", "instances": list(instances), **CONNECTION, **given}
        task = MagicMock(
            # None is an unset option.
            args={name: value for name, value in options.items() if value is not None},
            check_mode=check,
            diff=diff,
            async_val=0,
            environment=[],
        )
        templar = MagicMock(template=lambda value, **_options: value)
        action = ce_token_file.ActionModule(task, MagicMock(), MagicMock(), self.loader, templar, MagicMock())
        result = action.run(None, {})
        self.said += str(result)
        return result

    @property
    def tokens(self) -> Any:
        """The content for a reader with the vault password."""
        plain = VaultLib(SECRETS[1:]).decrypt(self.path.read_bytes())
        return yaml.load(plain, Marks)["cloud_elements_tokens"]  # noqa: S506  # it is a safe one

    @property
    def variables(self) -> Any:
        """The variables that Ansible reads."""
        return self.loader.load_from_file(str(self.path))["cloud_elements_tokens"]

    def put(self, text: str, *, password: int | None = 1) -> None:
        """Let there be such a file, encrypted with one of the passwords."""
        content = text.encode()
        if password is not None:
            name, secret = SECRETS[password]
            content = VaultLib([]).encrypt(text, secret=secret, vault_id=name)
        self.path.write_bytes(content)
        self.path.chmod(0o600)


@pytest.fixture
def task(tmp_path: Path) -> Any:
    task = Task(tmp_path)
    yield task
    assert "canary" not in task.said
    assert {path.name for path in tmp_path.iterdir()} <= {"tokens.yml", "list.json", "link.yml"}


def test_the_tokens_of_a_list_are_written_encrypted_with_one_listing(
    platform: Platform, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(ce_token_file, "register", told.extend)
    for name in ("Acme", "Umbrella", "nobody's"):
        platform.add(name=name, token=f"canary-{name}")
    result = task(ACME, {"name": "Umbrella", "element": ELEMENT, "secrets": {"password": SECRET}})

    assert (result["changed"], result["path"], result["missing"]) == (True, str(task.path), [])
    assert result["instances"] == [
        {"name": "Acme", "element": ELEMENT, "id": 101},
        {"name": "Umbrella", "element": ELEMENT, "id": 102},
    ]
    assert platform.lines == ["GET /instances"]
    assert task.path.read_text(encoding="utf-8").splitlines()[0] == HEAD
    assert task.path.stat().st_mode & 0o777 == 0o600
    assert task.tokens == {ELEMENT: {"Acme": "canary-Acme", "Umbrella": "canary-Umbrella"}}
    # A release of Ansible that hides secrets gets them.
    assert {"canary-Acme", "canary-Umbrella"} <= set(told)


def test_an_unchanged_file_is_not_written_again_and_another_set_of_tokens_is(platform: Platform, task: Task) -> None:
    for name in ("Acme", "Umbrella"):
        platform.add(name=name)
    umbrella = {**ACME, "name": "Umbrella"}
    changed = [task(ACME)["changed"], task(ACME, umbrella)["changed"]]
    before = task.path.read_bytes()
    changed.append(task(umbrella, ACME)["changed"])
    assert task.path.read_bytes() == before
    platform.instances[101]["token"] = "canary-new"

    assert [*changed, task(ACME, umbrella)["changed"], task(umbrella)["changed"]] == [True, True, False, True, True]
    assert task.tokens == {ELEMENT: {"Umbrella": TOKEN}}


@pytest.mark.parametrize("name", ["Ähm: {{ acme }}", "123", "yes", "- '\"#\\", "a" * 300, "\U0001f511"])
def test_any_name_is_read_as_it_was_written(platform: Platform, task: Task, name: str) -> None:
    platform.add(name=name)

    assert [task({**ACME, "name": name})["changed"], task({**ACME, "name": name})["changed"]] == [True, False]
    assert task.tokens == {ELEMENT: {name: TOKEN}}


def test_instances_may_be_known_by_id_or_vendor_and_need_no_credentials(platform: Platform, task: Task) -> None:
    platform.add()
    platform.add(name="Desk", element={"key": "autotaskhelpdesk"})
    task({"id": 101}, {"name": "Desk", "autotask": {"hub": "helpdesk"}})

    assert task.tokens == {ELEMENT: {"Acme": TOKEN}, "autotaskhelpdesk": {"Desk": TOKEN}}
    assert platform.lines == ["GET /instances"]


def test_an_item_with_state_absent_is_left_out(platform: Platform, task: Task) -> None:
    platform.add()
    platform.add(name="Gone")
    task(ACME, {**ACME, "name": "Gone", "state": "absent"}, {"id": 5, "state": "absent"})

    assert task.tokens == {ELEMENT: {"Acme": TOKEN}}


def test_an_empty_list_makes_an_empty_file(platform: Platform, task: Task) -> None:  # noqa: ARG001
    assert [task()["changed"], task()["changed"]] == [True, False]
    assert task.tokens == {}


def test_the_list_may_stand_in_a_file(platform: Platform, task: Task) -> None:
    platform.add()
    (task.path.parent / "list.json").write_text(json.dumps([ACME]), encoding="utf-8")

    assert task(instances=None, instances_file="list.json")["changed"]
    assert task.tokens == {ELEMENT: {"Acme": TOKEN}}


def test_what_is_not_there_fails_and_is_named_and_the_file_stays(platform: Platform, task: Task) -> None:
    platform.add()
    task(ACME)
    before = task.path.read_bytes()
    result = task(ACME, {**ACME, "name": "A"}, {**ACME, "name": "B"})

    assert result["failed"]
    assert result["msg"].startswith(f'2 of 3 instances do not exist: {ELEMENT} "A", {ELEMENT} "B". Create them first')
    assert task.path.read_bytes() == before


def test_in_check_mode_what_is_not_there_is_reported_and_nothing_is_written(platform: Platform, task: Task) -> None:
    platform.add()
    result = task(ACME, {**ACME, "name": "A"}, check=True)

    assert (result["changed"], result["missing"]) == (True, [f'{ELEMENT} "A"'])
    assert result["msg"] == f'1 of 2 instances do not exist yet: {ELEMENT} "A".'
    assert not result.get("failed")
    assert not task.path.exists()
    assert [task(ACME)["changed"], task(ACME, check=True)["changed"]] == [True, False]


def test_the_first_fifty_that_are_not_there_are_named(platform: Platform, task: Task) -> None:  # noqa: ARG001
    said = task(*[{**ACME, "name": f"A{number}"} for number in range(52)])["msg"]

    assert '"A49" and 2 more.' in said
    assert '"A50"' not in said


def test_long_names_that_are_missing_fit_on_a_screen(platform: Platform, task: Task) -> None:  # noqa: ARG001
    missing = [{**ACME, "name": f"{number:02} {'n' * 250}"} for number in range(60)]

    for check in (True, False):
        assert len(task(*missing, check=check)["msg"]) < 2000


def test_a_diff_shows_names_and_never_tokens(platform: Platform, task: Task) -> None:
    for name in ("Acme", "Old", "Umbrella"):
        platform.add(name=name)
    kept, old, other = ACME, {**ACME, "name": "Old"}, {**ACME, "name": "Umbrella"}
    task(kept, old, other)
    platform.instances[103]["token"] = "canary-new"
    diff = task(kept, other, {**ACME, "name": "New"}, check=True, diff=True)["diff"]

    assert diff["before_header"] == diff["after_header"] == str(task.path)
    assert diff["before"].splitlines() == [f'{ELEMENT} "Acme"', f'{ELEMENT} "Old"', f'{ELEMENT} "Umbrella"']
    assert diff["after"].splitlines() == [
        f'{ELEMENT} "Acme"',
        f'{ELEMENT} "Umbrella": new token',
        f'{ELEMENT} "New": does not exist yet',
    ]
    assert "diff" not in task(kept, old, check=True)


def test_the_mode_and_the_vault_password_are_put_right(platform: Platform, task: Task) -> None:
    platform.add()
    task(ACME, vault_id="dev")
    other_password = task(ACME)["changed"]
    head = task.path.read_text(encoding="utf-8").splitlines()[0]
    task.path.chmod(0o644)

    assert (other_password, head) == (True, HEAD)
    assert [task(ACME)["changed"], task(ACME)["changed"]] == [True, False]
    assert task.path.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_one(platform: Platform, task: Task) -> None:
    platform.add()
    link = task.path.parent / "link.yml"
    link.symlink_to(task.path)
    task(ACME, path="link.yml")

    assert link.is_symlink()
    assert task.tokens == {ELEMENT: {"Acme": TOKEN}}


OTHER = "cloud_elements_tokens: {examplebasic: {Acme: canary}}\n"
NO_TOKENS = {
    "tokens that are not encrypted": (OTHER, None),
    "an empty file": ("", None),
    "another variable": ("vault_password: canary\n", 1),
    "another variable beside them": (f"{OTHER}vault_password: canary\n", 1),
    "a text in their place": ("cloud_elements_tokens: canary\n", 1),
    "no YAML": ("[canary\n", 1),
    "a broken vault": ("$ANSIBLE_VAULT;1.1;AES256\ncanary\n", None),
}


@pytest.mark.parametrize("what", NO_TOKENS)
def test_what_is_something_else_is_never_overwritten(platform: Platform, task: Task, what: str) -> None:
    text, password = NO_TOKENS[what]
    task.put(text, password=password)
    before = task.path.read_bytes()
    said = f"path {task.path} exists, but is not a token file encrypted with a vault password of this"

    assert task(ACME)["msg"].startswith(said)
    assert task.path.read_bytes() == before
    assert platform.sent == []


def test_a_file_that_another_password_encrypts_is_never_overwritten(platform: Platform, task: Task) -> None:
    task.put(OTHER, password=1)
    task.loader.set_vault_secrets(SECRETS[:1])

    assert "so it was not changed" in task(ACME, vault_id="dev")["msg"]
    assert platform.sent == []


@pytest.mark.parametrize(
    ("secrets", "vault_id", "sentence"),
    [
        ([], None, "The run has no vault password"),
        ([], "prod", "The run has no vault password"),
        (SECRETS, None, "The run has several vault passwords (dev, prod). Choose one with vault_id"),
        (SECRETS, "", "The run has several vault passwords (dev, prod). Choose one with vault_id"),
        (SECRETS, "test", "vault_id is test, but the vault passwords of the run are dev, prod"),
    ],
)
def test_a_vault_password_that_is_not_known_is_reported_before_anything_is_sent(
    platform: Platform, task: Task, secrets: Any, vault_id: str | None, sentence: str
) -> None:
    task.loader.set_vault_secrets(secrets)

    assert sentence in task(ACME, vault_id=vault_id)["msg"]
    assert platform.sent == []


def test_the_only_vault_password_needs_no_name(platform: Platform, task: Task) -> None:
    platform.add()
    task.loader.set_vault_secrets(SECRETS[1:])

    assert task(ACME, vault_id=None)["changed"]
    assert task.tokens == {ELEMENT: {"Acme": TOKEN}}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"path": None}, "path"),
        ({"instances": None}, "instances is missing"),
        ({"instances": [{"name": "A"}]}, f'instances[0] "A": one of {SOURCES} is missing'),
        ({"instances": [{"name": "A", "element": ELEMENT, "state": "canary"}]}, 'instances[0] "A": '),
        ({"instances": [ACME, ACME]}, "instances[0] and instances[1] are the same instance"),
        ({"instances_file": "list.json"}, "are mutually exclusive"),
        ({"owner": "acme"}, "owner"),
        ({"user_secret": ""}, "user_secret is missing or empty"),
    ],
)
def test_wrong_options_are_reported_and_nothing_is_sent(
    platform: Platform, task: Task, given: dict[str, Any], sentence: str
) -> None:
    result = task(**{"instances": [ACME], **given})

    assert result["failed"]
    assert sentence in result["msg"]
    assert platform.sent == []


UNCLEAR = [
    (ACME, f'{ELEMENT} "Acme": 2 instances have this element and name (id 101'),
    ({"id": 5}, "instance (id 5): There is no such instance"),
    ({"id": 101, "element": "autotaskcrm"}, "autotaskcrm (id 101): The instance with this id belongs to the element"),
]


@pytest.mark.parametrize(("item", "sentence"), UNCLEAR)
@pytest.mark.parametrize("check", [False, True])
def test_an_instance_that_is_not_clear_fails_and_is_named(
    platform: Platform, task: Task, item: dict[str, Any], sentence: str, check: bool
) -> None:
    for _time in range(2):
        platform.add()

    assert task(item, check=check)["msg"].startswith(sentence)
    assert not task.path.exists()


def test_two_of_one_name_cannot_stand_in_one_file(platform: Platform, task: Task) -> None:
    for _time in range(2):
        platform.add()

    assert "Rename one of them" in task({"id": 101}, {"id": 102})["msg"]


TOKENS = [
    *("canary {{ 1 }}", "{% if 1 %}canary{% endif %}", "a\x85b\u2028c\ufeffd\x00e\re"),
    "#jinja2: variable_start_string:'[%', variable_end_string:'%]'\n[% 'canary' %]",
    *("0123", "yes", "null", "<<", "=", "2026-11-27", "1e3", "!vault canary", "&a", "canary: #"),
    "$ANSIBLE_VAULT;1.1;A",
]


@pytest.mark.parametrize("token", TOKENS)
def test_any_token_is_read_as_it_is_and_never_a_template(platform: Platform, task: Task, token: str) -> None:
    platform.add(token=token)
    changed = [task(ACME)["changed"], task(ACME)["changed"]]
    read = task.variables[ELEMENT]["Acme"]

    assert (changed, read) == ([True, False], token)
    assert Templar(task.loader, variables={"canary": "evaluated"}).template(read) == token
    task.said = ""


def test_a_token_that_no_file_can_hold_is_refused(platform: Platform, task: Task) -> None:
    platform.add(token="canary\ud800")

    assert "contains half of a surrogate pair" in task(ACME)["msg"]
    assert not task.path.exists()


@pytest.mark.parametrize("text", ["Acme: '{{ 1 }}'", "Acme: plain", 'Acme: !unsafe "plain" # a note', "Acme: 5"])
def test_a_file_without_marks_is_written_again_once(platform: Platform, task: Task, text: str) -> None:
    platform.add(token=str(yaml.load(text, Marks)["Acme"]))  # noqa: S506  # it is a safe one
    task.put(f"---\ncloud_elements_tokens:\n  {ELEMENT}:\n    {text}\n")

    assert [task(ACME)["changed"], task(ACME)["changed"]] == [True, False]
    assert "!unsafe" in VaultLib(SECRETS[1:]).decrypt(task.path.read_bytes()).decode() or text.endswith("5")


def test_a_file_that_cannot_be_written_to_the_end_leaves_the_one_before_and_nothing_else(
    platform: Platform, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    platform.add()
    task(ACME)
    before = task.path.read_bytes()
    platform.instances[101]["token"] = "canary-new"
    monkeypatch.setattr(os, "fsync", full)

    assert f"path {task.path} cannot be written (No space left on device)" in task(ACME)["msg"]
    assert [path.read_bytes() for path in task.path.parent.iterdir()] == [before]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("no/tokens.yml", "cannot be written (No such file or directory)"),
        (".", "cannot be read (Is a directory)"),
        ("list.json/tokens.yml", "cannot be read (Not a directory). Correct the path"),
        ("tokens.yml", "cannot be read (not a regular file). Use the path of a file."),
    ],
    ids=["a directory that is not there", "a directory", "a file in place of the directory", "a pipe"],
)
def test_a_path_where_no_file_can_be_is_reported(platform: Platform, task: Task, path: str, sentence: str) -> None:
    platform.add()
    os.mkfifo(task.path)
    (task.path.parent / "list.json").touch()
    where = (task.path.parent / path).resolve()

    assert task(ACME, path=path)["msg"].startswith(f"path {where} {sentence}")
    assert bool(platform.sent) is (path == "no/tokens.yml")


def test_each_name_in_the_diff_is_one_printable_line_and_shows_no_secret(platform: Platform, task: Task) -> None:
    platform.add(name="A\n  forged\x1b[2K")
    platform.add(name=f"Acme {SECRET}")
    item = {**ACME, "secrets": {"password": SECRET}}
    result = task(
        {"id": 101}, {**item, "name": f"Acme {SECRET}"}, {**item, "name": f"A {SECRET}"}, check=True, diff=True
    )

    assert result["diff"]["after"].split("\n")[:3] == [
        f'{ELEMENT} "A\\n  forged\\x1b[2K"',
        f'{ELEMENT} "Acme <secret>"',
        f'{ELEMENT} "A <secret>": does not exist yet',
    ]
    assert result["instances"][1]["name"] == "Acme <secret>"
    assert result["missing"] == [f'{ELEMENT} "A <secret>"']


def test_warnings_are_reported(platform: Platform, task: Task) -> None:
    platform.add()
    platform.once("GET /instances", problem(503, headers={"Retry-After": "0"}))

    assert task(ACME)["warnings"] == [WAITED_MESSAGE]


def test_an_unexpected_exception_is_reported_without_its_data(monkeypatch: pytest.MonkeyPatch, task: Task) -> None:
    def broken(_params: Any, _tokens: Any) -> Any:
        raise KeyError(SECRET)

    monkeypatch.setattr(ce_token_file, "connect", broken)

    assert task(ACME)["msg"] == "internal error, please report it: KeyError"
