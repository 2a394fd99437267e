# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps about a release: what its parts say of its version, and of what it needs at run time."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import yaml_lines
from envs import REPOSITORY, hygiene_env, runtime_env
from package_steps import contents, tarball_of
from pipeline import Context, Step, StepFailed
from tree import FQCN, files, git

# What a tarball consists of. Whatever else turns up has to be put here, or in galaxy.yml's list of what is left out.
SHIPPED = {
    *("CHANGELOG.md", "CONTRIBUTING.md", "FILES.json", "MANIFEST.json", "README.md", "REUSE.toml", "SECURITY.md"),
    *("LICENSES", "changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles", "tests"),
}
KINDS = {".j2", ".json", ".md", ".py", ".rst", ".txt", ".yaml", ".yml"}
# Made by the build, and read by others under these names.
OTHERS = {"FILES.json", "MANIFEST.json", "REUSE.toml", "aliases"}


def strange_in(names: Iterable[str], versioned: Iterable[Path]) -> list[str]:
    """Return the files of a tarball that nobody put there on purpose."""
    known = {*map(str, versioned), "FILES.json", "MANIFEST.json"}
    return sorted(
        name
        for name in names
        if name not in known
        or name.partition("/")[0] not in SHIPPED
        or not (Path(name).suffix in KINDS or Path(name).name in OTHERS)
    )


def wrong_tags(tags: Iterable[str], version: str) -> list[str]:
    """Return the tags that name another version than this."""
    return [tag for tag in tags if re.match(r"v?\d", tag) and tag.removeprefix("v") != version]


def release(step: Context) -> str:
    """The tarball holds what is meant to be in it, and its version is everywhere the same."""
    names = contents(tarball_of(step.work))
    if strange := strange_in(names, files(step.tree)):
        raise StepFailed(f"in the tarball and not expected: {', '.join(strange)}")
    version = yaml_lines.value(step.tree / "galaxy.yml", "version")
    released = yaml_lines.releases(step.tree / "changelogs/changelog.yaml")
    if not released or released[-1] != version:
        raise StepFailed(f"galaxy.yml says {version}, changelog.yaml {released[-1:] or 'nothing'}")
    if f'<a id="v{version.replace(".", "-")}"></a>' not in (step.tree / "CHANGELOG.md").read_text(encoding="utf-8"):
        raise StepFailed(f"CHANGELOG.md has no section for {version}")
    tags = git(REPOSITORY, "tag", "--points-at", "HEAD").split()
    if wrong := wrong_tags(tags, version):
        raise StepFailed(f"the commit is tagged {', '.join(wrong)}, and the version is {version}")
    if tags and (told := sorted(path.name for path in step.tree.glob("changelogs/fragments/*.y*ml"))):
        raise StepFailed(f"the commit is tagged {', '.join(tags)}, and the changelog lacks {', '.join(told)}")
    return f"{version}, {len(names)} files, {'tagged ' + ', '.join(tags) if tags else 'not tagged yet'}"


def quickstart_release(step: Context) -> str:
    """The quick start, with the very tarball that would be published."""
    tarball = tarball_of(step.work)
    program = (step.python.path, "tools/quickstart.py", tarball)
    step.run(None, *program, CI_WORK=str(step.work / "quickstart-release"), PYTHON=str(step.python.path))
    return tarball.name


def sbom(step: Context) -> str:
    """A list of what the collection needs at run time, in CycloneDX's form, valid."""
    runtime = runtime_env(step.work, step.python, step.uv)
    target = step.work / "release/sbom.json"
    target.parent.mkdir(exist_ok=True)
    tool = hygiene_env(step.work, step.python, step.uv)
    # The tool reads what it is about from such a file.
    about = step.root / "pyproject.toml"
    version = yaml_lines.value(step.tree / "galaxy.yml", "version")
    about.write_text(f'[project]\nname = "{FQCN}"\nversion = "{version}"\n', encoding="utf-8")
    options = ("--output-format", "JSON", "--output-reproducible", "--validate", "--output-file", target)
    step.run(tool, "cyclonedx-py", "environment", "--pyproject", about, *options, runtime / "python")
    bill = json.loads(target.read_text(encoding="utf-8"))
    names = [bill["metadata"]["component"]["name"], *(part["name"] for part in bill["components"])]
    if missing := {FQCN, "ansible-core", "requests"} - set(names):
        raise StepFailed(f"{', '.join(sorted(missing))} is missing in {target}")
    return f"{len(names) - 1} packages in {target}"


RELEASE_STEPS = (
    Step("release", release, after=("build",)),
    Step("sbom", sbom),
    Step("quickstart-release", quickstart_release, after=("build",), deep=True),
)
