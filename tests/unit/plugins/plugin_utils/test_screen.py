# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines for people: shown to them, kept from programs, and without a secret."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible import constants
from ansible.utils.display import Display
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.message import Message
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.redact import Redactor
from ansible_collections.cloud_elements.platform.plugins.plugin_utils import _screen


@pytest.mark.parametrize(
    ("callback", "no_log", "lines"),
    [
        ("default", False, ["name <secret>"]),
        ("awx_display", False, ["name <secret>"]),
        ("community.general.yaml", False, ["name <secret>"]),
        ("default", True, []),
        ("ansible.posix.json", False, []),
        ("ansible.posix.jsonl", False, []),
    ],
)
def test_a_line_is_shown_where_a_person_reads(
    monkeypatch: pytest.MonkeyPatch, callback: str, no_log: bool, lines: list[str]
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", callback, raising=False)
    monkeypatch.setattr(Display, "display", lambda _self, text: shown.append(text))
    say = _screen.screen_of(SimpleNamespace(no_log=no_log), Redactor(["canary"]), str)
    say(Message("name {name}", name="canary"))

    assert shown == lines
