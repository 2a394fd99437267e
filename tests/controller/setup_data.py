# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the controller's setup, and credentials turned into variables as a controller does it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

from tests.collection import ROOT

SETUP = ROOT / "extensions/controller"


class _Loader(yaml.SafeLoader):
    """Reads also what Ansible must not take for a template."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def loaded(file: Path) -> Any:
    """Return what a file of the setup says."""
    return yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - it is a safe loader


def all_in(folder: str) -> dict[str, dict[str, Any]]:
    """Return what the files in a folder of the setup say, by the names that they give."""
    found = [loaded(file) for file in sorted((SETUP / folder).glob("*.yml"))]
    return {each["name"]: each for each in found}


CREDENTIAL_TYPES = all_in("credential_types")
TEMPLATES = all_in("job_templates")


def injected(name: str, inputs: Mapping[str, str], safe: dict[str, Any] | None = None) -> dict[str, str]:
    """Return the variables that a credential of a type brings into a job.

    :param safe: is given what the controller would show
    """
    body = CREDENTIAL_TYPES[name]
    kind = ManagedCredentialType("test", name, body["kind"], body["inputs"], body["injectors"])
    environment: dict[str, Any] = {}
    arguments: list[str] = []
    inject_credential(kind, Credential(dict(inputs)), environment, {} if safe is None else safe, arguments, "/nowhere")
    assert not arguments, "extra variables would outrank everything"
    return environment
