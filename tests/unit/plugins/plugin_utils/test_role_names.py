# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of the role name its variables, and messages of a module its options."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._role_names import ROLE, user_names


def task(role: str | None) -> Any:
    made = None if role is None else SimpleNamespace(get_name=lambda: role)
    return SimpleNamespace(_task=SimpleNamespace(_role=made))


@pytest.mark.parametrize(
    ("words", "renamed"),
    [
        ("timeout", "instances_timeout"),
        ("instances[3]", "instances_list[3]"),
        ("instances is missing: give the list, or with instances_file the file.", None),
        ("prune needs owner: only", "instances_prune needs owner: only"),
        ("max_delete allows {allowed}", "instances_max_delete allows {allowed}"),
        ("Raise max_delete.", "Raise instances_max_delete."),
        ("{max_delete} instances", "{max_delete} instances"),
        ("Nothing after the timeout of the instances.", "Nothing after the timeout of the instances."),
        ("CLOUD_ELEMENTS_BASE_URL", "CLOUD_ELEMENTS_BASE_URL"),
        ("autotask.password", "autotask.password"),
        ("owner", "owner"),
    ],
)
def test_the_role_says_its_variables(words: str, renamed: str | None) -> None:
    expected = renamed or words.replace("instances is", "instances_list is")

    assert user_names(task(ROLE))(words) == expected
    assert user_names(task("somebody.else.role"))(words) == words
    assert user_names(task(None))(words) == words
