# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that read: style, types, documentation, changelog, licences."""

import re
from pathlib import Path

from pages import written
from pipeline import Context, Step, StepFailed
from tree import documented, files


def counted(number: int, things: str) -> str:
    """Return how many things a step looked at; none is a failure."""
    if number == 0:
        raise StepFailed(f"it looked at no {things}")
    return f"{number} {things}"


def total(pattern: str, said: str) -> int:
    """Return the sum of the numbers in what a tool said."""
    return sum(int(found) for found in re.findall(pattern, said, flags=re.MULTILINE))


def ruff(step: Context) -> str:
    """Rules and format of all Python files."""
    cache = f"--cache-dir={step.work / 'cache/ruff'}"
    step.run(step.lint, "ruff", "check", cache, ".")
    said = step.run(step.lint, "ruff", "format", "--check", cache, ".")
    return counted(total(r"^(\d+) files? already formatted", said), "files")


def mypy(step: Context) -> str:
    """Types, in three places because each has its own import root."""
    collection = step.tree.relative_to(step.root)
    checks: tuple[tuple[Path, str | Path], ...] = (
        (step.root, collection / "plugins/module_utils"),
        (step.tree, "tests/sandbox"),
        (step.tree / "tools", "."),
    )
    config = f"--config-file={step.tree / 'pyproject.toml'}"
    said = ""
    for position, (folder, path) in enumerate(checks):
        cache = f"--cache-dir={step.work}/cache/mypy-{position}"
        said += step.run(step.lint, "mypy", config, cache, path, cwd=folder)
    return counted(total(r"no issues found in (\d+) source file", said), "files")


def yamllint(step: Context) -> str:
    """All YAML files; a warning fails too."""
    step.run(step.lint, "yamllint", "--strict", ".")
    listed = step.run(step.lint, "yamllint", "--list-files", ".")
    return counted(len(listed.splitlines()), "files")


def shellcheck(step: Context) -> str:
    """All shell scripts, whatever their names."""
    scripts = [path for path in files(step.tree) if re.match(rb"#!.*\b(ba)?sh\b", (step.tree / path).read_bytes())]
    step.run(step.lint, "shellcheck", *scripts)
    return counted(len(scripts), "scripts")


def ansible_lint(step: Context) -> str:
    """What users get and what the pages show, against the strictest profile."""
    pages = written(step.tree)
    return f"{linted(step, '--exclude', 'tests')}, {counted(len(pages), 'blocks')} of pages among them"


def ansible_lint_tests(step: Context) -> str:
    """The tests' playbooks and roles too, which are most of all."""
    return linted(step)


def linted(step: Context, *options: str) -> str:
    """Run ansible-lint, and return how much it read."""
    said = step.run(step.lint, "ansible-lint", "--offline", "--strict", "--profile=production", *options)
    return counted(total(r"in (\d+) files processed", said), "files")


def changelog(step: Context) -> str:
    """The fragments and the changelog itself."""
    step.run(step.lint, "antsibull-changelog", "lint")
    step.run(step.lint, "antsibull-changelog", "lint-changelog-yaml", "--strict", "changelogs/changelog.yaml")
    return f"{len(list((step.tree / 'changelogs/fragments').glob('*.y*ml')))} fragments"


def docs(step: Context) -> str:
    """The documentation of plugins and roles, with its links and references."""
    options = ("--plugin-docs", "--validate-collection-refs=self")
    step.run(step.lint, "antsibull-docs", "lint-collection-docs", *options, ".")
    return counted(sum(map(len, documented(step.tree).values())), "plugins and roles")


def reuse(step: Context) -> str:
    """A licence and a copyright holder for every file."""
    said = step.run(step.lint, "reuse", "lint")
    return counted(total(r"Files with license information: (\d+)", said), "files")


LINT_STEPS = (
    Step("ansible-lint", ansible_lint),
    Step("ansible-lint-tests", ansible_lint_tests, deep=True),
    Step("docs", docs),
    Step("mypy", mypy),
    Step("ruff", ruff),
    Step("yamllint", yamllint),
    Step("shellcheck", shellcheck),
    Step("changelog", changelog),
    Step("reuse", reuse),
)
