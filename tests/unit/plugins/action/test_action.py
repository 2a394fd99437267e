# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugins from Ansible's side."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable
from unittest.mock import MagicMock, patch

import pytest
import yaml
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action.normal import ActionModule as Normal
from ansible_collections.cloud_elements.platform.plugins.action import (
    ce_element_info,
    ce_instance,
    ce_instance_export,
    ce_instance_info,
    ce_instances,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.transport import WAITED_MESSAGE
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.stamp import Stamps
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    CONNECTION,
    ELEMENT,
    ORGANIZATION_SECRET,
    SECRET,
    SOURCES,
    TOKEN,
    Platform,
    problem,
    stamp,
)

OURS = stamp({"password": SECRET}, stamps=Stamps(ORGANIZATION_SECRET))
ACME = {"name": "Acme", "element": ELEMENT, "secrets": {"password": SECRET}}
OWNER = "ansible:owner:acme"
ITEM = {"element": ELEMENT, "changed": True}
"""The common part of each changed item of a result."""


def named(name: str, **changes: Any) -> dict[str, Any]:
    return {**ACME, "name": name, **changes}


def fleet(
    *instances: dict[str, Any],
    check: bool = False,
    diff: bool = False,
    environment: Any = (),
    loader: DataLoader | None = None,
    task: Any = None,
    **given: Any,
) -> dict[str, Any]:
    """Run the action plugin as Ansible does."""
    args = {**CONNECTION, "instances": list(instances), **given}
    task = task or MagicMock(until=[], retries=None)
    # None is an unset option.
    task.args = {name: value for name, value in args.items() if value is not None}
    task.check_mode, task.diff, task.async_val, task.environment = check, diff, 0, list(environment)
    templar = MagicMock(template=lambda value, **_options: value)
    action = ce_instances.ActionModule(task, MagicMock(), MagicMock(), loader or DataLoader(), templar, MagicMock())
    return action.run(None, {})


@pytest.fixture(autouse=True)
def _own_environment(environment: pytest.MonkeyPatch) -> None:
    """The plugin sets variables of its process: it has one to itself."""
    environment.setattr(os, "environ", os.environ.copy())


def refused(platform: Platform, *instances: dict[str, Any], **given: Any) -> str:
    """Return the message of a task that fails before anything is sent, and shows no secret."""
    result = fleet(*instances, **given)
    assert result["failed"] is True
    assert platform.sent == []
    assert "canary" not in str(result)
    return str(result["msg"])


def counts(**counted: int) -> dict[str, int]:
    """Return a summary in which all else is 0."""
    words = ("created", "updated", "deleted", "unchanged", "failed", "not_attempted")
    return {**dict.fromkeys(words, 0), **counted}


def test_a_fleet_is_made_what_the_list_says(platform: Platform) -> None:
    platform.add(name="same", tags=[OURS])
    platform.add(name="tagged", tags=[OURS])
    platform.add(name="gone", tags=[OURS])
    items = [named("new"), named("same"), named("tagged", tags=["a"]), named("gone", state="absent")]
    result = fleet(*items)

    assert result["changed"] is True
    assert result["summary"] == counts(created=1, updated=1, deleted=1, unchanged=1)
    assert [(item["name"], item["element"], item["action"]) for item in result["instances"]] == [
        ("new", ELEMENT, "created"),
        ("tagged", ELEMENT, "updated"),
        ("gone", ELEMENT, "deleted"),
    ]
    assert not result.get("failed")
    assert "canary" not in str(result)
    assert fleet(*items)["changed"] is False


def test_a_check_predicts_and_writes_nothing_and_items_carry_no_difference_of_their_own(platform: Platform) -> None:
    result = fleet(named("A"), named("B"), check=True, diff=True)

    assert (result["changed"], result["summary"]["created"]) == (True, 2)
    assert [diff["after"]["name"] for diff in result["diff"]] == ["A", "B"]
    assert not any("diff" in item for item in result["instances"])
    assert platform.writes == []


def test_an_item_that_fails_fails_the_task_and_keeps_what_was_done(platform: Platform) -> None:
    platform.once("POST /instances", problem(400, f"No {SECRET}"))
    result = fleet(named("A"), named("B"), concurrency=1)

    assert (result["failed"], result["changed"]) == (True, True)
    assert result["summary"] == counts(created=1, failed=1)
    assert result["msg"].startswith('1 of 2 instances failed. examplebasic "A": ')
    assert [item.get("failed", False) for item in result["instances"]] == [True, False]
    assert "canary" not in str(result)


def test_only_what_changed_or_failed_is_returned_and_without_the_instance(platform: Platform) -> None:
    same = platform.add(name="same", tags=[OURS])["id"]
    platform.once("POST /instances", problem(400, "No"))
    items = [named("same"), named("failed"), named("new")]
    result = fleet(*items, concurrency=1)
    (failed, new) = result["instances"]

    assert (failed["name"], failed["id"], failed["changed"], failed["failed"]) == ("failed", None, False, True)
    assert new == {**ITEM, "name": "new", "id": new["id"], "action": "created", "reasons": ["not_found"]}
    assert new["id"] in platform.instances
    assert fleet(*items, return_all=True)["instances"][0]["id"] == same


def test_with_return_all_each_item_comes_with_its_instance(platform: Platform) -> None:
    platform.add(name="same", tags=[OURS])
    result = fleet(named("same"), named("gone", state="absent"), named("new"), return_all=True)

    assert [item["action"] for item in result["instances"]] == ["none", "none", "created"]
    assert [(item["instance"] or {}).get("name") for item in result["instances"]] == ["same", None, "new"]
    assert [item["id"] for item in result["instances"]] == [
        (item["instance"] or {}).get("id") for item in result["instances"]
    ]
    assert "canary" not in str(result)


@pytest.mark.parametrize(("number", "more"), [(50, []), (51, [1]), (60, [10])])
def test_the_first_fifty_differences_are_shown(platform: Platform, number: int, more: list[int]) -> None:
    result = fleet(*[named(f"A{place}") for place in range(number)], check=True, diff=True)

    assert result["summary"] == counts(created=number)
    assert len(result["instances"]) == number
    assert [diff["after"]["name"] for diff in result["diff"][:50]] == [f"A{place}" for place in range(50)]
    assert result["diff"][50:] == [{"prepared": f"and {left} more instances\n"} for left in more]
    assert platform.writes == []


def test_equal_failures_are_one_sentence_and_the_items_are_all_there(platform: Platform) -> None:
    platform.once("POST /instances", *[problem(400, "No")] * 60)
    result = fleet(*[named(f"A{place}") for place in range(60)])

    assert result["msg"].startswith("60 of 60 instances failed. 60 instances: ")
    assert result["msg"].count("HTTP 400") == 1
    assert len(result["msg"]) < 2000
    assert sum(item["failed"] for item in result["instances"]) == 60
    assert all("HTTP 400" in item["msg"] for item in result["instances"])


def test_a_failed_result_that_nobody_keeps_holds_no_items(platform: Platform) -> None:
    platform.once("POST /instances", problem(400, "No"))
    task = MagicMock(until=[], retries=None, register=None)
    display = MagicMock(verbosity=0)
    with patch.object(ce_instances.ActionModule, "_display", display, create=True):
        result = fleet(ACME, task=task)

    assert result["failed"] is True
    assert "instances" not in result


@pytest.mark.parametrize(("first", "created"), [([None], ["A"]), ([], [])], ids=["the second", "the first"])
def test_after_a_failure_nothing_new_is_begun_with_on_error_stop(
    platform: Platform, first: list[None], created: list[str]
) -> None:
    platform.once("POST /instances", *first, problem(400, "No"))
    items = [named(name) for name in "ABCDE"]
    result = fleet(*items, concurrency=1, on_error="stop")
    failed, left = "ABCDE"[len(created)], 4 - len(created)

    assert result["summary"] == counts(created=len(created), failed=1, not_attempted=left)
    assert result["msg"].startswith(f'1 of 5 instances failed, {left} were not attempted. {ELEMENT} "{failed}": ')
    # What was not attempted is neither changed nor failed.
    assert [(item["name"], item["action"]) for item in result["instances"]] == [
        *((name, "created") for name in created),
        (failed, "none"),
    ]
    assert (result["failed"], result["changed"]) == (True, bool(created))
    assert len(platform.writes) == len(created) + 1


class Left(Exception):
    """The process has been left."""


def test_a_job_that_was_cancelled_says_what_was_done_and_leaves(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    words: list[str] = []

    def leave(_self: Any, text: str) -> None:
        words.append(text)
        raise Left

    monkeypatch.setattr(ce_instances.Cancellation, "cancelled", lambda _self: "POST /instances" in platform.lines)
    monkeypatch.setattr(ce_instances.Cancellation, "leave", leave)
    fleet(named("A"), named("B"), named("C"), concurrency=1)

    assert words == ["1 created, 2 not attempted."]
    assert platform.writes == ["POST /instances"]


# What is pruned


def test_what_the_owner_has_and_the_list_does_not_is_pruned(platform: Platform) -> None:
    listed = platform.add(name="listed", tags=[OURS, OWNER])["id"]
    mine = platform.add(name="mine", tags=[OWNER])["id"]
    kept = [platform.add(name="theirs", tags=["ansible:owner:umbrella"])["id"], platform.add(name="nobody's")["id"]]
    given = {"owner": "acme", "prune": True, "max_delete": "50%"}
    predicted = fleet(named("listed"), **given, check=True, diff=True)
    assert platform.writes == []
    result = fleet(named("listed"), **given)
    (pruned,) = result["instances"]

    assert pruned == {**ITEM, "name": "mine", "id": mine, "action": "deleted", "reasons": ["pruned"]}
    assert result["instances"] == predicted["instances"]
    assert result["summary"] == predicted["summary"] == counts(deleted=1, unchanged=1)
    (diff,) = predicted["diff"]
    assert diff["prepared"] == f'delete {ELEMENT} "mine" (id {mine}), created 2026-01-02T03:04:05Z\n'
    assert [*platform.instances] == [listed, *kept]


@pytest.mark.parametrize("max_delete", ["10%", "2", "0", "0%", "74%"])
def test_more_than_may_be_pruned_fails_before_anything_is_written(platform: Platform, max_delete: str) -> None:
    for name in ("listed", "A", "B", "C"):
        platform.add(name=name, tags=[OURS, OWNER])
    result = fleet(named("listed"), named("new"), owner="acme", prune=True, max_delete=max_delete)

    assert result["failed"]
    assert result["msg"].startswith("3 of 4 instances of the owner acme are not in the list")
    assert platform.writes == []


# Contents of a list file


IN_FILE = [named("A", tags=["}} {{ {%"]), named("B")]


@pytest.mark.parametrize("text", [json.dumps(IN_FILE), yaml.safe_dump(IN_FILE)], ids=["JSON", "YAML"])
def test_a_list_may_stand_in_a_file_which_may_be_named_with_a_variable(
    platform: Platform, tmp_path: Path, text: str
) -> None:
    os.environ["CANARY_FOLDER"] = str(tmp_path)
    (tmp_path / "list").write_text(text, encoding="utf-8")
    result = fleet(instances=None, instances_file="$CANARY_FOLDER/list")
    sent = [sent.body for sent in platform.sent if sent.method == "POST"]

    assert result["summary"] == counts(created=2), result
    assert sorted(body["name"] for body in sent) == ["A", "B"]
    assert {body["configuration"]["password"] for body in sent} == {SECRET}
    assert any("}} {{ {%" in tags for tags in platform.tags)


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataLoader:
    """Return the loader of a playbook, beside which a ca.pem is; another one is where Ansible was started."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project/ca.pem").write_text("at the playbook", encoding="utf-8")
    (tmp_path / "ca.pem").write_text("where Ansible was started", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    loader = DataLoader()
    # Ansible has it as it was typed on the command line.
    loader.set_basedir("project")
    return loader


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("ca.pem", "project/ca.pem"),
        ("./ca.pem", "project/./ca.pem"),
        ("../project/ca.pem", "project/../project/ca.pem"),
        ("$CANARY_FILE", "project/ca.pem"),
        ("{0}/ca.pem", "ca.pem"),
        ("~/ca.pem", "ca.pem"),
        ("$HOME/ca.pem", "ca.pem"),
    ],
)
def test_certificates_are_searched_for_at_the_playbook_and_elsewhere_named_in_full(
    platform: Platform, tmp_path: Path, beside: DataLoader, path: str, found: str
) -> None:
    os.environ.update(CANARY_FILE="ca.pem", HOME=str(tmp_path))
    said = refused(platform, ACME, ca_path=path.format(tmp_path), loader=beside)

    assert f"ca_path {tmp_path}/{found} cannot be used: it contains no certificate in" in said


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("ca.pem", "{0}/project/ca.pem"),
        ("$CANARY_FILE", "{0}/project/ca.pem"),
        ("/etc/ca.pem", "/etc/ca.pem"),
        ("~/ca.pem", "~/ca.pem"),
    ],
)
def test_a_module_on_this_machine_gets_certificates_from_the_playbook(
    tmp_path: Path, beside: DataLoader, module_arguments: Callable[..., Any], path: str, given: str
) -> None:
    os.environ["CANARY_FILE"] = "ca.pem"

    for plugin in (ce_instance_info, ce_element_info, ce_instance_export):
        assert module_arguments(plugin, beside, ca_path=path)["ca_path"] == given.format(tmp_path)
    one = module_arguments(ce_instance, beside, ca_path=path, name="Acme", element=ELEMENT)
    assert one["ca_path"] == given.format(tmp_path)


@pytest.mark.parametrize("path", ["ca.pem", "$HOME/ca.pem", "/etc/ca.pem"])
def test_a_module_on_another_host_gets_the_path_as_it_is(
    beside: DataLoader, module_arguments: Callable[..., Any], path: str
) -> None:
    assert module_arguments(ce_instance_info, beside, transport="ssh", ca_path=path)["ca_path"] == path


@pytest.fixture
def module_arguments(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return what returns the arguments that a module gets."""
    monkeypatch.setattr(Normal, "run", lambda self, _tmp, _vars: self._task.args)

    def arguments(plugin: Any, loader: DataLoader, transport: str = "local", **given: Any) -> Any:
        action = action_of(plugin, **given)
        action._loader, action._connection.transport = loader, transport
        return action.run()

    return arguments


SECRET_OF = "- name: Acme\n  element: examplebasic\n  secrets: {{password: {}}}\n"
WRONG_LISTS = [
    *(
        (SECRET_OF.format(text), "instances[0]", "in quotes")
        for text in ("!!binary Y2FuYXJ5", "2024-01-02", "0123", "yes", "1.10")
    ),
    (
        json.dumps([ACME, {"name": "B", "autotask": {"hub": "canary-hub", "password": "canary-hub"}}]),
        'instances[1] "B": ',
        "autotask.hub must be one of",
    ),
]


@pytest.mark.parametrize(("text", "place", "sentence"), WRONG_LISTS)
def test_a_problem_in_a_file_is_reported_with_its_place_and_without_its_secrets(
    platform: Platform, tmp_path: Path, text: str, place: str, sentence: str
) -> None:
    (tmp_path / "list.yml").write_text(text, encoding="utf-8")
    said = refused(platform, instances=None, instances_file=str(tmp_path / "list.yml"))

    assert said.startswith(place)
    assert sentence in said


def pipe(path: Path) -> None:
    os.mkfifo(path)


def large(path: Path) -> None:
    path.touch()
    os.truncate(path, 2**28 + 1)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


NO_FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "nothing": (str, "No such file or directory). A relative path starts at the playbook."),
    "a pipe": (pipe, "not a regular file). Use the path of a file."),
    "a device": (device, "not a regular file). Use the path of a file."),
    "a large file": (large, "larger than 256 MiB). Use the path of a file."),
    "a directory": (Path.mkdir, "Is a directory). Use the path of a file."),
}


@pytest.mark.parametrize("what", NO_FILES)
def test_what_is_no_file_is_refused_before_it_is_opened(platform: Platform, tmp_path: Path, what: str) -> None:
    make, why = NO_FILES[what]
    make(tmp_path / "list.yml")
    said = refused(platform, instances=None, instances_file=str(tmp_path / "list.yml"))

    assert said.startswith(f"instances_file {tmp_path / 'list.yml'} cannot be read ({why}")


def test_a_pipe_with_certificates_is_refused_before_it_is_opened(platform: Platform, tmp_path: Path) -> None:
    pipe(tmp_path / "ca.pem")

    assert "is neither a file nor a directory" in refused(platform, ACME, ca_path=str(tmp_path / "ca.pem"))


def test_an_empty_list_changes_nothing_and_beside_a_file_it_is_none(platform: Platform, tmp_path: Path) -> None:
    result = fleet()

    assert (result["changed"], result["instances"]) == (False, [])
    assert result["warnings"] == ["The list of instances is empty, so nothing was done."]
    assert platform.sent == []
    (tmp_path / "list.json").write_text(json.dumps(IN_FILE), encoding="utf-8")
    assert fleet(instances_file=str(tmp_path / "list.json"))["summary"] == counts(created=2)


def test_an_option_that_is_empty_counts_as_unset(platform: Platform) -> None:
    result = fleet(ACME, **dict.fromkeys(("timeout", "validate_certs", "prune", "max_delete", "on_error", "owner"), ""))

    assert result["summary"] == counts(created=1)
    assert platform.writes == ["POST /instances"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"user_secret": ""}, "user_secret is missing or empty"),
        ({"instances": [{"name": "A"}]}, f'instances[0] "A": one of {SOURCES} is missing'),
        ({"instances": [ACME, ACME]}, "instances[0] and instances[1] are the same instance"),
        ({"instances": None}, "instances is missing"),
        ({"instances": None, "instances_file": ""}, "instances is missing"),
        ({"instances_file": "list.yml"}, "instances and instances_file are mutually exclusive. Use one of them."),
        ({"color": "red"}, "color"),
        ({"retries": "many"}, "retries"),
        ({"concurrency": 0}, "concurrency is 0, but must be at least 1."),
        ({"on_error": "ignore"}, "on_error must be one of continue, stop."),
        ({"max_delete": "some"}, "max_delete is some, but must be a number, or a percentage such as 10%."),
        ({"prune": True}, "prune needs owner"),
        ({"prune": True, "owner": "acme", "instances": []}, "prune with an empty list would delete all"),
        ({"prune": True, "owner": "acme", "instances": [named("A", owner="umbrella")]}, "has another owner"),
    ],
)
def test_wrong_options_are_reported_and_nothing_is_sent(
    platform: Platform, given: dict[str, Any], sentence: str
) -> None:
    assert sentence in refused(platform, **{"instances": [ACME], **given})


@pytest.mark.parametrize("option", ["validate_certs", "timeout", "retries", "color"])
def test_a_secret_typed_into_another_option_is_not_shown(platform: Platform, option: str) -> None:
    assert option in refused(platform, ACME, **{option: "canary-shared"}, autotask={"password": "canary-shared"})


def test_a_listing_that_fails_fails_the_task(platform: Platform) -> None:
    platform.once("GET /instances", problem(401, "Invalid"))
    result = fleet(named("A"), named("B"))

    assert result["failed"]
    assert "Check user_secret" in result["msg"]


def test_an_unexpected_exception_is_reported_without_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any) -> Any:
        raise KeyError(SECRET)

    monkeypatch.setattr(ce_instances, "connect", broken)
    result = fleet(ACME)

    assert result["msg"] == "internal error, please report it: KeyError"
    assert "canary" not in str(result)


def test_warnings_are_reported_once(platform: Platform) -> None:
    platform.once("GET /instances", *[problem(503, headers={"Retry-After": "0"})] * 2)
    result = fleet(named("A"), named("B"))

    assert result["warnings"] == [WAITED_MESSAGE]


def test_the_task_s_environment_counts(platform: Platform) -> None:
    result = fleet(
        ACME,
        user_secret=None,
        environment=[{"CLOUD_ELEMENTS_USER_SECRET": "of-the-play"}, {"CLOUD_ELEMENTS_USER_SECRET": "of-the-task"}],
    )

    assert not result.get("failed")
    assert {sent.authorization.split(",")[0] for sent in platform.sent} == {"User of-the-task"}


@pytest.mark.parametrize(
    ("attempts", "kept"),
    [
        ({"until": [], "retries": None}, False),
        ({"until": ["x"], "retries": 3}, True),
        ({"until": [], "retries": 3}, True),
    ],
)
@pytest.mark.usefixtures("platform")
def test_the_list_goes_no_further_unless_another_attempt_needs_it(attempts: dict[str, Any], kept: bool) -> None:
    task = MagicMock(**attempts)

    assert fleet(ACME, task=task)["summary"] == counts(created=1)
    assert ("instances" in task.args) is kept
    assert task.args["user_secret"]


def ce_instance_action(**arguments: Any) -> Any:
    return action_of(ce_instance, **arguments)


def action_of(plugin: Any, **arguments: Any) -> Any:
    made = plugin.ActionModule.__new__(plugin.ActionModule)
    made._task = SimpleNamespace(args=arguments, async_val=0, no_log=False, module_defaults=[], _role=None)
    # As another user, so that the module is run.
    context = SimpleNamespace(no_log=False, become=True)
    made._connection = SimpleNamespace(_play_context=context, transport="local", become=object())
    made._play_context = context
    made._loader = DataLoader()
    made._display = MagicMock()
    return made


def test_wrong_arguments_of_ce_instance_never_reach_the_module() -> None:
    result = ce_instance_action(name="Acme", autotask={"hub": "canary", "password": {"value": "canary"}}).run()

    wrong = "autotask.hub must be one of crm, helpdesk, finance. autotask.password must be a string, not a dictionary."
    assert result == {"failed": True, "code": "bad_input", "msg": wrong}


@pytest.mark.parametrize("plugin", [ce_instance_info, ce_element_info, ce_instance_export])
def test_a_password_in_base_url_never_reaches_the_module(plugin: Any) -> None:
    result = action_of(plugin, base_url="https://user:canary@example.com").run()

    assert result["msg"].startswith("base_url must look like https://api.cloud-elements.com/")
    assert "canary" not in str(result)


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    "configuration", [{"clientSecret": "canary"}, {"color": "red", "sfdc.security.token": "canary"}]
)
def test_a_secret_in_configuration_never_reaches_the_module(configuration: dict[str, str], state: str) -> None:
    result = ce_instance_action(name="Acme", element=ELEMENT, state=state, configuration=configuration).run()

    assert result["failed"]
    assert result["msg"].startswith('instance "Acme": The configuration key ')
    assert "canary" not in str(result)


def test_what_goes_on_to_the_module_is_converted_and_what_was_given(
    monkeypatch: pytest.MonkeyPatch, environment: pytest.MonkeyPatch
) -> None:
    went: list[Any] = []
    monkeypatch.setattr(Normal, "run", lambda self, _tmp, _vars: went.append(self._task.args) or {})
    environment.setenv("CLOUD_ELEMENTS_USER_SECRET", "canary")
    texts = {"id": "5", "secrets": '{"password": "canary"}', "events": "enabled=no signature_key=canary"}
    configuration = {5: True, "since": date(2024, 1, 2)}
    given = {"name": "Acme", "element": ELEMENT, "verify": None, **texts, "configuration": configuration}
    ce_instance_action(**given, _ansible_check_mode=False).run()
    (sent,) = went

    assert sent.pop("events") == {"enabled": False, "signature_key": "canary"}
    assert sent.pop("configuration") == {"5": True, "since": "2024-01-02"}
    assert sent == {"name": "Acme", "element": ELEMENT, "id": 5, "secrets": {"password": "canary"}}


ODD_VALUES = [
    ({"secrets": {"password": date(2024, 1, 2)}}, "secrets"),
    ({"secrets": {"password": [{"a": datetime(2024, 1, 2, tzinfo=timezone.utc)}]}}, "secrets[0]"),
    ({"secrets": {"password": b"canary"}}, "secrets"),
    ({"configuration": {"canary": b"canary"}}, "configuration.canary"),
    ({"configuration": {"can.ary": b"canary"}}, "configuration"),
    ({"autotask": {"hub": "crm", "password": b"canary"}}, "autotask.password"),
    ({"act365": {"api_key": date(2024, 1, 2)}}, "act365.api_key"),
    ({"tags": ("a", b"canary")}, "tags[1]"),
    ({"user_secret": b"canary"}, "user_secret"),
]


@pytest.mark.parametrize(("given", "where"), ODD_VALUES)
def test_dates_in_the_place_of_secrets_and_bytes_are_refused(given: dict[str, Any], where: str) -> None:
    sentence = f"{where} contains a date or bytes instead of a string. Put the value in quotes."

    assert ce_instance_action(name="Acme", **given).run()["msg"] == sentence
    if "user_secret" not in given:
        assert fleet(ACME, {"name": "Acme", **given})["msg"] == f"instances[1].{sentence}"


@pytest.mark.parametrize(
    ("plugin", "right"),
    [
        (ce_instance, {"name": "Acme", "act365": {}, "_ansible_check_mode": False}),
        *((plugin, {"element": ELEMENT}) for plugin in (ce_element_info, ce_instance_export, ce_instance_info)),
    ],
)
def test_a_module_is_run_as_any_other_once_its_arguments_fit(
    plugin: Any, right: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Any] = []
    monkeypatch.setattr(Normal, "run", lambda _self, _tmp, task_vars: ran.append(task_vars) or {"changed": True})
    wrong = action_of(plugin, element={"key": "canary"}).run()

    assert wrong == {"failed": True, "code": "bad_input", "msg": "element must be a string, not a dictionary."}
    assert action_of(plugin, **right).run(task_vars={"a": 1}) == {"changed": True}
    assert ran == [{"a": 1}]


def test_the_module_does_not_log_its_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Normal, "_update_module_args", lambda *_arguments: None)
    arguments: dict[str, Any] = {"_ansible_no_log": False, "enabled": False}
    ce_instance_action()._update_module_args("ce_instance", arguments, {})

    assert arguments == {"_ansible_no_log": True, "enabled": False}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the module answer this; while it runs, the connection must not show it."""

    def answer(**result: Any) -> None:
        def run(self: Any, _tmp: Any, _task_vars: Any) -> dict[str, Any]:
            assert self._connection._play_context.no_log is ("token" in result)
            return dict(result)

        monkeypatch.setattr(Normal, "run", run)

    return answer


def test_a_result_with_a_token_is_hidden_and_keeps_it(answers: Callable[..., None]) -> None:
    answers(changed=True, token=TOKEN)
    action = ce_instance_action(name="Acme", act365={}, return_token=True)

    assert action.run() == {"changed": True, "token": TOKEN, "_ansible_no_log": True}
    assert action._task.no_log is True
    assert action._connection._play_context.no_log is False


def test_warnings_are_reported_beside_a_hidden_result(answers: Callable[..., None]) -> None:
    of_newer_releases = object()
    answers(token=TOKEN, warnings=["a text", of_newer_releases])
    action = ce_instance_action(name="Acme", act365={}, return_token="yes")

    assert action.run()["warnings"] == [of_newer_releases]
    action._display.warning.assert_called_once_with("a text")


@pytest.mark.parametrize("result", [{"token": None, "warnings": ["a text"]}, {"failed": True, "msg": "No."}])
def test_a_result_without_a_token_is_shown(monkeypatch: pytest.MonkeyPatch, result: dict[str, Any]) -> None:
    monkeypatch.setattr(Normal, "run", lambda *_arguments: result)
    action = ce_instance_action(name="Acme", act365={}, return_token=True)

    assert (action.run(), action._task.no_log) == (result, False)


def test_without_return_token_nothing_is_hidden(answers: Callable[..., None]) -> None:
    answers(changed=True)
    action = ce_instance_action(name="Acme", act365={}, return_token=False)
    action._task.async_val = 60

    assert action.run() == {"changed": True}


def test_a_token_and_async_exclude_each_other() -> None:
    action = ce_instance_action(name="Acme", act365={}, return_token=True)
    action._task.async_val = 60
    result = action.run()

    assert result["failed"]
    assert result["msg"].startswith('instance "Acme": return_token and async are mutually exclusive')


# A list on the screen


@pytest.mark.parametrize(
    ("given", "hidden", "result", "shown"),
    [
        ({"show": True}, False, {"instances": [], "secrets": [], "left_out": []}, 1),
        ({"show": True}, True, {"instances": [], "secrets": [], "left_out": []}, 0),
        ({"show": True}, False, {"failed": True, "msg": "why"}, 0),
        ({}, False, {"instances": [], "secrets": [], "left_out": []}, 0),
    ],
)
def test_an_export_is_shown_when_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], hidden: bool, result: dict[str, Any], shown: int
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Normal, "run", lambda _self, _tmp, _vars: result)
    monkeypatch.setattr(ce_instance_export, "Display", lambda: SimpleNamespace(display=said.append))
    action = action_of(ce_instance_export, **given)
    action._task.no_log = hidden

    assert action.run() == result
    assert [text.splitlines()[0] for text in said] == ["---"] * shown


def test_an_export_is_not_shown_between_the_lines_of_json(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", "ansible.posix.json", raising=False)
    monkeypatch.setattr(Normal, "run", lambda *_given: {"instances": [], "secrets": [], "left_out": []})
    monkeypatch.setattr(ce_instance_export, "Display", lambda: SimpleNamespace(display=said.append))
    action = action_of(ce_instance_export, show=True)
    action._task.no_log = False
    action.run()

    assert said == []


# Names that look like others


def test_a_new_name_that_looks_like_another_is_reported(platform: Platform) -> None:
    first = fleet(named("Acme\u200b", tags=["Cafe\u0301", "a"]), named("B"))
    second = fleet(named("Acme\u200b", tags=["Cafe\u0301", "a"]), named("B"))

    assert [warning for warning in first["warnings"] if r'"Acme\u200b", "Cafe\u0301"' in warning]
    assert second.get("warnings", []) == []
    assert len(platform.writes) == 2


def test_a_name_that_is_not_there_to_be_deleted_is_reported(platform: Platform) -> None:
    platform.add(name="Acme")
    result = fleet({"name": "Acme\u200b", "element": ELEMENT, "state": "absent"})

    assert not result["changed"]
    assert r'"Acme\u200b"' in result["warnings"][0]


def test_of_many_such_names_some_are_shown_and_no_secret_in_them(platform: Platform) -> None:  # noqa: ARG001
    (warning,) = fleet(*[named(f"{SECRET}\u200b{number}") for number in range(30)], check=True)["warnings"]

    assert warning.count("u200b") == 10
    assert ", and 20 more." in warning
    assert "canary" not in warning


def test_a_warning_about_such_names_fits_on_a_screen(platform: Platform) -> None:  # noqa: ARG001
    (warning,) = fleet(*[named("\u200b" * 250 + str(number)) for number in range(30)], check=True)["warnings"]

    assert len(warning) < 2000


# Words that a short secret is a part of

SHORT: dict[str, Any] = {
    "name": "Tata",
    "autotask": {"hub": "crm", "username": "u", "password": "a", "server_url": "https://a"},
}


TOLD = 'instances[0] "T<secret>t<secret>": '
READABLE: list[tuple[dict[str, Any], str]] = [
    (
        {"tags": ["ansible:owner:x"]},
        f'{TOLD}Tags with the prefix "ansible:" belong to this collection. Remove them from tags.',
    ),
    ({"autotask": {**SHORT["autotask"], "username": {}}}, f"{TOLD}autotask.username must"),
    ({"verify": "maybe"}, f"{TOLD}verify must be one of on_change, always, never."),
    ({"id": 101}, 'autotaskcrm "T<secret>t<secret>" (id 101): There is no instance with this id. Correct id'),
]


@pytest.mark.parametrize(("given", "sentence"), READABLE)
def test_a_message_can_be_read_whatever_the_password_is(
    platform: Platform, given: dict[str, Any], sentence: str
) -> None:
    assert sentence in fleet({**SHORT, **given})["msg"]
    assert platform.writes == []
