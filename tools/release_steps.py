# Copyright: Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps about a release: what its parts say of its version, and of what it needs at run time."""

import re
import subprocess

import yaml_lines
from envs import REPOSITORY, hygiene_env, runtime_env
from package_steps import contents, tarball_of
from pipeline import Context, Step, StepFailed

# What a tarball consists of. Whatever else turns up has to be put here, or in galaxy.yml's list of what is left out.
SHIPPED = {
    *("CHANGELOG.md", "CONTRIBUTING.md", "FILES.json", "MANIFEST.json", "README.md", "REUSE.toml", "SECURITY.md"),
    *("LICENSES", "changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles", "tests"),
}


def release(step: Context) -> str:
    """The tarball holds what is meant to be in it, and its version is everywhere the same."""
    if strange := {name.partition("/")[0] for name in contents(tarball_of(step.work))} - SHIPPED:
        raise StepFailed(f"in the tarball and not expected: {', '.join(sorted(strange))}")
    version = yaml_lines.value(step.tree / "galaxy.yml", "version")
    released = yaml_lines.releases(step.tree / "changelogs/changelog.yaml")
    if not released or released[-1] != version:
        raise StepFailed(f"galaxy.yml says {version}, changelog.yaml {released[-1:] or 'nothing'}")
    if f'<a id="v{version.replace(".", "-")}"></a>' not in (step.tree / "CHANGELOG.md").read_text(encoding="utf-8"):
        raise StepFailed(f"CHANGELOG.md has no section for {version}")
    tags = subprocess.run(
        ["git", "tag", "--points-at", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout.split()
    if tags and f"v{version}" not in tags and version not in tags:
        raise StepFailed(f"the commit is tagged {', '.join(tags)}, and the version is {version}")
    return f"{version}, {'tagged so' if tags else 'not tagged yet'}"


def sbom(step: Context) -> str:
    """A list of what the collection needs at run time, in CycloneDX's form, valid."""
    runtime = runtime_env(step.work, step.python, step.uv)
    target = step.work / "release/sbom.json"
    target.parent.mkdir(exist_ok=True)
    tool = hygiene_env(step.work, step.python, step.uv)
    options = ("--output-format", "JSON", "--output-reproducible", "--validate", "--output-file", target)
    step.run(tool, "cyclonedx-py", "environment", *options, runtime / "python")
    names = re.findall(r'"bom-ref": "([\w.-]+)==', target.read_text(encoding="utf-8"))
    if missing := {"ansible-core", "requests"} - set(names):
        raise StepFailed(f"{', '.join(sorted(missing))} is missing in {target}")
    return f"{len(names)} packages in {target}"


RELEASE_STEPS = (Step("release", release, after=("build",)), Step("sbom", sbom))
