# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step that builds the documentation site, and follows its links."""

import shutil
import zlib

from links import broken
from lint_steps import counted
from pipeline import Context, Step, StepFailed
from tree import FQCN

# What our pages refer to on Ansible's own site, by Sphinx's label. Its whole inventory is not reached everywhere.
ANSIBLE = {
    "action_plugins": ("plugins/action.html#$", "Action plugins"),
    "ansible_configuration_settings": ("reference_appendices/config.html#$", "Ansible Configuration Settings"),
    "common_return_values": ("reference_appendices/common_return_values.html#$", "Common return values"),
}


def inventory() -> bytes:
    """Return the labels in the format in which Sphinx keeps those of other sites."""
    lines = (f"{label} std:label -1 {place} {title}\n" for label, (place, title) in ANSIBLE.items())
    head = "# Sphinx inventory version 2\n# Project: ansible\n# Version: \n# The remainder is compressed using zlib.\n"
    return head.encode() + zlib.compress("".join(lines).encode())


def site(step: Context) -> str:
    """The documentation site: it builds without a warning, and no link in it is broken."""
    source, built = step.root / "source", step.work / "site"
    shutil.copytree(step.tree / "docs/site", source)
    (source / "ansible.inv").write_bytes(inventory())
    # antsibull-docs insists that nobody else can write there.
    source.chmod(0o755)
    shutil.rmtree(built, ignore_errors=True)
    options = ("--use-current", "--fail-on-error", "--cleanup", "similar-files", "--dest-dir", source)
    step.run(step.lint, "antsibull-docs", "collection", *options, FQCN)
    doctrees = step.root / "doctrees"
    step.run(step.lint, "sphinx-build", "-W", "--keep-going", "-b", "html", "-d", doctrees, source, built)
    pages = sorted(built.rglob("*.html"))
    if found := [problem for page in pages for problem in broken(page, built)]:
        raise StepFailed("; ".join(found))
    return f"{counted(len(pages), 'pages')} in {built}"


SITE_STEPS = (Step("site", site),)
