# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option that is '' counts as unset, so that the defaults of a play reach the tasks of a role."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.executor import module_common
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import (
    FLEET,
    INSTANCE,
    INSTANCE_INFO,
)
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._module_defaults import set_arguments

NAME = "cloud_elements.platform.ce_instances"
OMITTED = "__omit_place_holder__1"
GROUPS = {NAME: ["cloud_elements.platform.all"]}


def arguments(given: dict[str, Any], spec: Any = FLEET, *defaults: dict[str, Any]) -> dict[str, Any]:
    """Return what a task takes; nothing in its defaults is a template."""
    play = SimpleNamespace(_action_groups=GROUPS)
    task = SimpleNamespace(
        args=given, module_defaults=list(defaults), resolved_action=NAME, _parent=SimpleNamespace(_play=play)
    )
    templar = SimpleNamespace(template=lambda value: value)
    return set_arguments(SimpleNamespace(_task=task, _templar=templar), spec, {"omit": OMITTED})  # type: ignore[arg-type]


@pytest.fixture(params=["up to 2.18", "since 2.19"])
def _release(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ansible-core have the one or the other function that its own action plugins ask."""

    def merged(name: str, given: dict[str, Any], defaults: list[dict[str, Any]], groups: dict[str, list[str]]) -> Any:
        known: dict[str, Any] = {}
        for each in defaults:
            known.update(each)
        of_groups = [known.get(f"group/{group}", {}) for group in groups[name]]
        return {key: value for found in (*of_groups, known.get(name, {}), given) for key, value in found.items()}

    def old(name: str, given: Any, defaults: Any, _templar: Any, action_groups: Any) -> Any:
        return merged(name, given, defaults, action_groups)

    def new(name: str, task: Any, given: Any, _templar: Any) -> Any:
        found = merged(name, given, task.module_defaults, task._parent._play._action_groups)
        return {key: value for key, value in found.items() if value != OMITTED}

    if request.param == "since 2.19":
        monkeypatch.setattr(module_common, "_apply_action_arg_defaults", new, raising=False)
    else:
        monkeypatch.delattr(module_common, "_apply_action_arg_defaults", raising=False)
        monkeypatch.setattr(module_common, "get_action_args_with_defaults", old, raising=False)


VENDOR = {"autotask": {"username": "u"}}
GROUP = {"group/cloud_elements.platform.all": {"base_url": "https://a", "stamp_key": "k", "timeout": 5}}
PLUGIN = {NAME: {"owner": "acme", **VENDOR, "timeout": 6}}


@pytest.mark.usefixtures("_release")
def test_defaults_take_the_place_of_what_is_unset() -> None:
    unset = {**dict.fromkeys(("base_url", "timeout", "retries", "owner"), ""), "stamp_key": None, "autotask": {}}
    given = {**unset, "instances": []}

    assert arguments(given, FLEET, GROUP, PLUGIN) == {
        "base_url": "https://a",
        "stamp_key": "k",
        "timeout": 6,
        "owner": "acme",
        "autotask": {"username": "u"},
        "instances": [],
    }


@pytest.mark.usefixtures("_release")
def test_what_is_set_wins_over_a_default_whatever_it_is() -> None:
    # Nothing is set of the login, so it is unset as a whole.
    given = {"base_url": "https://b", "timeout": 0, "autotask": {"username": ""}, "prune": False, "owner": ""}
    taken = arguments(given, FLEET, GROUP, PLUGIN)

    defaults = {"stamp_key": "k", "owner": "acme", **VENDOR}
    assert taken == {"base_url": "https://b", "timeout": 0, "prune": False, **defaults}


@pytest.mark.usefixtures("_release")
def test_a_default_that_is_omitted_or_empty_is_none() -> None:
    defaults = {NAME: {"owner": OMITTED, "autotask": {"username": OMITTED, "password": "p"}, "base_url": ""}}

    taken = arguments({"owner": "", "autotask": {}, "base_url": ""}, FLEET, defaults)

    assert taken.get("autotask", {}).get("password") == "p"
    assert taken.keys() == {"autotask"}


@pytest.mark.usefixtures("_release")
def test_a_list_in_a_default_is_kept_but_for_what_is_omitted() -> None:
    assert arguments({"owner": ""}, FLEET, {NAME: {"instances": [{"name": "A"}, {"name": "B", "id": OMITTED}]}})[
        "instances"
    ][0] == {"name": "A"}


def test_without_anything_unset_ansible_has_applied_the_defaults_already() -> None:
    given = {"base_url": "https://b", "colour": "", "instances": [{"name": ""}]}

    assert arguments(given, FLEET, {NAME: {"owner": "acme"}}) == given


def test_an_option_that_nobody_knows_is_left_to_be_refused() -> None:
    assert arguments({"colour": "", "owner": ""}) == {"colour": ""}


def test_an_empty_dictionary_says_which_vendor_it_is_where_the_environment_has_the_credentials() -> None:
    given = {"name": "Acme", "act365": {}, "tags": [], "configuration": {}}

    assert arguments(given, INSTANCE) == given


def test_an_answer_that_is_empty_leaves_the_credential_to_the_environment() -> None:
    given = {"name": "Acme", "autotask": {"hub": "crm", "username": "", "password": None, "server_url": "https://a"}}

    assert arguments(given, INSTANCE)["autotask"] == {"hub": "crm", "server_url": "https://a"}


def test_what_selects_instances_may_be_empty() -> None:
    given = {"name": "", "id": "", "tags": "", "owner": "", "enabled": "", "valid": False}

    assert arguments(given, INSTANCE_INFO) == {"valid": False}


def test_what_is_omitted_is_in_no_part_of_the_arguments() -> None:
    given = {
        "owner": OMITTED,
        "instances": [{"name": "A", "enabled": OMITTED, "tags": ["a", OMITTED], "act365": {"api_key": OMITTED}}],
    }

    assert arguments(given) == {"instances": [{"name": "A", "tags": ["a"], "act365": {}}]}
