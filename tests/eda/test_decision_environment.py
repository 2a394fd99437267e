# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision environment, as far as ansible-builder checks it without a container."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.collection import ROOT

DEFINITION = ROOT / "extensions/eda/decision-environment/decision-environment.yml"


def test_the_definition_makes_an_image_with_ansible_rulebook_java_and_the_collection(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("ansible-builder")
    options = ("--file", DEFINITION, "--context", tmp_path / "context", "--output-filename", "Containerfile")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    subprocess.run([sys.executable, program, "create", *options], cwd=tmp_path, env=environment, check=True)

    made = tmp_path / "context/_build"
    assert (made / "requirements.txt").read_text(encoding="utf-8").split() == ["ansible-rulebook>=1.3"]
    assert (made / "bindep.txt").read_text(encoding="utf-8").splitlines() == ["java-17-openjdk-headless [platform:rpm]"]
    assert "cloud_elements.platform" in (made / "requirements.yml").read_text(encoding="utf-8")
    containerfile = (tmp_path / "context/Containerfile").read_text(encoding="utf-8")
    assert 'ARG PYPKG="python3.12"' in containerfile
    assert 'ARG EE_BASE_IMAGE="quay.io/centos/centos:stream9"' in containerfile
