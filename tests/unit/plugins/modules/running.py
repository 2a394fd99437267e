# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as Ansible runs it, in this process."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import CONNECTION

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.16

    @contextlib.contextmanager
    def patch_module_args(args: dict[str, Any]) -> Iterator[None]:
        before = basic._ANSIBLE_ARGS
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        try:
            yield
        finally:
            basic._ANSIBLE_ARGS = before


class Runs:
    """Runs a module as Ansible does: options in, result out.

    :param capsys: where the module prints its result
    """

    def __init__(self, module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
        self._module = module
        self._capsys = capsys
        self.printed = ""

    def __call__(self, check: bool = False, diff: bool = False, **given: Any) -> dict[str, Any]:
        args = {**CONNECTION, **given, "_ansible_check_mode": check, "_ansible_diff": diff}
        with patch_module_args(args), pytest.raises(SystemExit) as left:
            self._module.main()
        captured = self._capsys.readouterr()
        result: dict[str, Any] = json.loads(captured.out)
        # Since 2.22, a module registers its secrets with Ansible, which does not show them.
        result.pop("_ansible_new_secrets", None)
        self.printed += json.dumps(result) + captured.err
        assert left.value.code == (1 if result.get("failed") else 0)
        return result
