# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the definition of an execution environment with this checkout, from the one for users."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Definition = Mapping[str, Any]
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
"""The path in the image for the certificates of a network that has its own."""


@dataclass(frozen=True)
class Ingredients:
    """The parts of a checkout's execution environment that differ from the users' one.

    :param base_image: an image with Python and pip
    :param package_manager: the path of its package manager
    :param tarball: the collection
    :param certificates: a file with certificates of authorities, in PEM format
    """

    base_image: str
    package_manager: str
    tarball: Path
    certificates: Path | None = None


def for_checkout(users: Definition, made_of: Ingredients) -> Definition:
    """Return the users' definition with another base image and another source of the collection."""
    # Use the base image's own Python and pip, which work together.
    dependencies = {name: value for name, value in users["dependencies"].items() if name != "python_interpreter"}
    name = f"collections/{made_of.tarball.name}"
    dependencies["galaxy"] = {"collections": [{"name": name, "type": "file"}]}
    files = [{"src": str(made_of.tarball), "dest": "collections"}]
    steps = {}
    if made_of.certificates:
        files.append({"src": str(made_of.certificates), "dest": "certificates"})
        copied = f"_build/certificates/{made_of.certificates.name}"
        steps["prepend_base"] = [f"COPY {copied} {CERTIFICATES}", f"ENV PIP_CERT={CERTIFICATES}"]
    return {
        **users,
        "images": {"base_image": {"name": made_of.base_image}},
        "dependencies": dependencies,
        "additional_build_files": files,
        "additional_build_steps": steps,
        "options": {"package_manager_path": made_of.package_manager, "skip_pip_install": True},
    }
