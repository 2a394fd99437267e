# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment, as far as ansible-builder tells without a container; `make ee` builds one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.collection import ROOT, collections_in

DEFINITION = ROOT / "extensions/controller/execution-environment/execution-environment.yml"


def builder(*arguments: str | Path, cwd: Path) -> str:
    """Run ansible-builder, which knows nothing of this machine but its own programs."""
    program = Path(sys.executable).with_name("ansible-builder")
    done = subprocess.run(
        [sys.executable, program, *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def create(definition: Path, directory: Path) -> None:
    """Write what an image is built from."""
    # By itself, it names the file after the program that it finds here, podman or docker.
    named = ("--output-filename", "Containerfile")
    builder("create", "--file", definition, "--context", directory / "context", *named, cwd=directory)


@pytest.fixture
def users() -> dict[str, Any]:
    """The definition that users take."""
    read: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    return read


def test_a_definition_makes_an_image_with_the_collection_and_its_engine(tmp_path: Path) -> None:
    create(DEFINITION, tmp_path)

    containerfile = (tmp_path / "context/Containerfile").read_text(encoding="utf-8")
    assert 'ARG EE_BASE_IMAGE="quay.io/fedora/fedora:43"' in containerfile
    assert 'ARG ANSIBLE_INSTALL_REFS="ansible-core>=2.16,<2.22 ansible-runner"' in containerfile
    assert "ansible-galaxy collection install" in containerfile
    # What collections say of themselves is read in the image, and installed.
    assert "/output/scripts/introspect.py introspect" in containerfile
    assert "/output/scripts/assemble" in containerfile
    wanted = yaml.safe_load((tmp_path / "context/_build/requirements.yml").read_text(encoding="utf-8"))
    assert wanted == {"collections": [{"name": "cloud_elements.platform"}]}
    assert not (tmp_path / "context/_build/requirements.txt").exists()


def test_an_image_gets_no_variable_of_a_credential(tmp_path: Path) -> None:
    create(DEFINITION, tmp_path)

    files = [path for path in (tmp_path / "context").rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if b"CLOUD_ELEMENTS_" in path.read_bytes()]


def test_the_collection_asks_for_requests_and_nothing_else(tmp_path: Path) -> None:
    collections = collections_in(tmp_path)

    pip, bindep = tmp_path / "pip", tmp_path / "bindep"
    builder("introspect", "--write-pip", pip, "--write-bindep", bindep, collections, cwd=tmp_path)

    asked = [line.partition("#")[0].strip() for line in pip.read_text(encoding="utf-8").splitlines()]
    assert [line for line in asked if line] == ["requests>=2.25"]
    assert not bindep.exists()


def test_the_metadata_of_the_collection_is_a_definition_that_is_valid(tmp_path: Path) -> None:
    file = ROOT / "meta/execution-environment.yml"
    # Its paths start at the collection, as a collection's metadata has them.
    metadata: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    (tmp_path / "meta").mkdir()
    (tmp_path / metadata["dependencies"]["python"]).write_bytes((ROOT / "meta/ee-requirements.txt").read_bytes())
    (tmp_path / "execution-environment.yml").write_bytes(file.read_bytes())

    builder("create", cwd=tmp_path)

    copied = (tmp_path / "context/_build/requirements.txt").read_text(encoding="utf-8")
    assert "requests>=2.25" in copied.splitlines()


def test_a_checkout_is_built_as_users_build_but_for_where_things_come_from(
    users: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    from ee_definition import Ingredients, for_checkout  # noqa: PLC0415  # tools are no package

    tarball, bundle = tmp_path / "cloud_elements-platform-1.0.0.tar.gz", tmp_path / "bundle.pem"
    tarball.touch()
    bundle.touch()
    made = for_checkout(users, Ingredients("localhost/base:latest", "/usr/bin/apt-get", tarball, bundle))
    (tmp_path / "checkout.yml").write_text(json.dumps(made), encoding="utf-8")
    create(tmp_path / "checkout.yml", tmp_path)

    for engine in ("ansible_core", "ansible_runner"):
        assert made["dependencies"][engine] == users["dependencies"][engine]
    containerfile = (tmp_path / "context/Containerfile").read_text(encoding="utf-8")
    assert 'ARG EE_BASE_IMAGE="localhost/base:latest"' in containerfile
    assert 'ARG PKGMGR="/usr/bin/apt-get"' in containerfile
    assert "COPY _build/certificates/bundle.pem /etc/ssl/certs/ca-certificates.crt" in containerfile
    assert (tmp_path / "context/_build/collections" / tarball.name).exists()
    wanted = yaml.safe_load((tmp_path / "context/_build/requirements.yml").read_text(encoding="utf-8"))
    assert wanted == {"collections": [{"name": f"collections/{tarball.name}", "type": "file"}]}
