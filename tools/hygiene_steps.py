# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that look for what should not be there: secrets, code that nobody calls, code that is there twice."""

import json
import re
from pathlib import Path

from envs import hygiene_env
from lint_steps import counted
from pipeline import Context, Step, StepFailed
from tree import files

# What Ansible, or a library, looks up by its name.
CALLED_BY_NAME = (
    *("DOCUMENTATION", "EXAMPLES", "RETURN", "INFO", "ModuleDocFragment"),
    *("FilterModule", "filters", "LookupModule"),
    *("ignore_aliases", "indentless", "handle_starttag", "content_length"),
    *("response_class", "build_response", "_validate_conn"),
)

# Modules and filters consist of documentation, in which Ansible wants some lines over and over.
CODE = ("plugins/action", "plugins/lookup", "plugins/module_utils", "plugins/plugin_utils", "tools", "tests/sandbox")

# Whatever stands beside a word such as `password` is a made-up one here; the search for leaks works with those.
TOO_EAGER = "KeywordDetector"
# Examples of a user name in an address, of a key, and of texts that stand for hashes: how many there are.
MADE_UP = {
    "tests/faults/table.py": 1,
    "tests/faults/test_strange_answers.py": 1,
    "tests/unit/plugins/module_utils/test_client.py": 1,
    "tests/unit/plugins/module_utils/test_connection.py": 1,
    "tests/unit/plugins/module_utils/test_options.py": 1,
    "tests/unit/plugins/module_utils/test_secrets.py": 1,
    "tests/unit/plugins/module_utils/test_stamp.py": 1,
}
# The files whose every line names one version: another one would say something else about the same code.
OPINIONS = ("awx", "controller", "hygiene", "lint", "shellcheck")
# The release of ansible-core is what is tested; sphinx has a second line, for older Pythons.
LOOSE = ("ansible-core", "sphinx<")

# Split, or this file would be what it looks for.
PLANTED = "-----BEGIN RSA " + "PRIVATE KEY-----\n"


def secrets(step: Context) -> str:
    """No file holds what looks like a secret; one that is planted is found."""
    (step.tree / "planted.txt").write_text(PLANTED, encoding="utf-8")
    names = [name for name in files(step.tree) if name.suffix != ".svg"]
    bin_dir = hygiene_env(step.work, step.python, step.uv)
    said = step.run(bin_dir, "detect-secrets", "scan", "--disable-plugin", TOO_EAGER, *names)
    results = json.loads(said[said.index("{") :])["results"]
    found = {name: [one["line_number"] for one in of_file] for name, of_file in results.items()}
    if not found.pop("planted.txt", None):
        raise StepFailed("a planted secret was not found, so others would not be either")
    counts = {name: len(lines) for name, lines in found.items()}
    if real := [f"{name}, lines {lines}" for name, lines in found.items() if len(lines) > MADE_UP.get(name, 0)]:
        raise StepFailed(f"look for a secret in {'; '.join(real)}")
    if unused := [name for name, count in MADE_UP.items() if count > counts.get(name, 0)]:
        raise StepFailed(f"less looks like a secret than there was in {', '.join(unused)}")
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
    found = [*step.tree.glob("tools/requirements/*.txt"), *step.tree.glob("tests/*/requirements.txt")]
    lines = {path: _lines(path) for path in found}
    pins = [line for name in OPINIONS for line in lines[step.tree / f"tools/requirements/{name}.txt"]]
    if loose := [line for line in pins if "==" not in line and not line.startswith(LOOSE)]:
        raise StepFailed(f"not pinned: {', '.join(loose)}")
    places: dict[str, list[str]] = {_tool(line): [] for line in pins if "==" in line}
    for path, wanted in lines.items():
        # A tool may have several lines in one file, each for other Pythons.
        for tool in {_tool(line) for line in wanted} & places.keys():
            places[tool].append(path.name)
    if twice := [f"{tool} in {', '.join(sorted(names))}" for tool, names in places.items() if len(names) > 1]:
        raise StepFailed(f"pinned in two places: {'; '.join(twice)}")
    floor = f"requests>={lines[step.tree / 'tools/requirements/oldest.txt'][0].partition('==')[2].rpartition('.')[0]}"
    if floor not in _lines(step.tree / "meta/ee-requirements.txt"):
        raise StepFailed(f"what is tested as the oldest is not what is promised: {floor}")
    return counted(len(places), "tools")


def _tool(line: str) -> str:
    return re.split("[ =<>;\\[]", line)[0]


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


HYGIENE_STEPS = (
    Step("secrets", secrets),
    Step("dead-code", dead_code),
    Step("duplicates", duplicates),
    Step("pinned", pinned),
)
