# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files generated from the controller's setup are up to date, and the check notices if they are not."""

from __future__ import annotations

import pytest

from tools import controller_files


def test_all_files_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    controller_files.main(["--check"])

    assert capsys.readouterr().out == ""


def test_the_check_names_a_file_that_is_out_of_date(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(controller_files, "ABOUT", "# Changed\n")

    with pytest.raises(SystemExit, match=r"Run python tools/controller_files\.py"):
        controller_files.main(["--check"])

    assert capsys.readouterr().out == f"{controller_files.CONFIGURATION}: out of date\n"
