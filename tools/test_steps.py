# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that run the collection: sanity, units, integration, the search for leaks, the quick start."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from awx import awx_collections
from lint_steps import counted, total
from pipeline import Context, Step, StepFailed
from processes import group_of

SANDBOX_STARTS_WITHIN = 30.0

# Names in the sandbox's own file, and in the integration tests' variables with this prefix.
SANDBOX_FACTS = ("base_url", "control_url", "user_secret", "organization_secret")

# ansible-test makes a key before it runs integration tests, also where it connects to no host.
SSH = ("ssh-keygen",)

# Another one of the same vendor goes through all of an instance's life at each change, these in the deep run.
LIKE_ANOTHER = ("actessentialsoauth", "autotaskcrm", "autotaskfinance")


def ansible_test(step: Context, command: str, *arguments: str) -> str:
    """Run ansible-test with the Python of the test environment."""
    return step.run(step.tests, "ansible-test", command, "--color", "no", *arguments)


def locally(step: Context) -> tuple[str, ...]:
    """Return the options that make all of it run in the test environment."""
    return ("--local", "--python", str(step.python))


def sanity_of(step: Context, *options: str) -> str:
    """Run ansible-core's sanity tests, with nothing ignored and nothing left out unseen."""
    if ignored := sorted(path.name for path in step.tree.glob("tests/sanity/ignore*")):
        raise StepFailed(f"this project ignores no sanity test: {', '.join(ignored)}")
    said = ansible_test(step, "sanity", *locally(step), *options)
    if left_out := re.findall("(?i)^.*(?:skipp|not found|unavailable).*$", said, re.MULTILINE):
        raise StepFailed("left out, so not proven: " + "; ".join(left_out))
    return counted(len(re.findall("^Running sanity test", said, re.MULTILINE)), "tests")


def pylint(step: Context) -> str:
    """What takes more than half of the time of ansible-core's sanity tests; it reads the plugins, Ruff has the rest."""
    return sanity_of(step, "--test", "pylint", "plugins/")


def sanity_without_pylint(step: Context) -> str:
    """All of ansible-core's sanity tests but pylint."""
    return sanity_of(step, "--skip-test", "pylint")


def sanity(step: Context) -> str:
    """All of ansible-core's sanity tests."""
    pylint(step)
    return f"{sanity_without_pylint(step)}, and pylint of the plugins"


def tests_passed(said: str) -> str:
    """Return how many tests pytest ran; a test that was left out proves nothing."""
    endings = re.findall(r"^=* ?(\d.* in [\d.]+s.*)$", said, re.MULTILINE)
    if left_out := [line for line in endings if re.search("skipped|deselected|xfailed|xpassed", line)]:
        raise StepFailed("tests were left out: " + "; ".join(left_out))
    return counted(total(r"(\d+) passed", "\n".join(endings)), "tests")


def pytest(step: Context, folder: str, *arguments: str, **variables: str) -> str:
    """Run the tests of a folder from the root of the collection, where `tests` is importable."""
    command = ("python", "-m", "pytest", folder, *arguments)
    return tests_passed(step.run(step.tests, *command, cwd=None, PYTHONPATH=f"{step.root}", **variables))


def units_apart(step: Context) -> str:
    """The unit tests of the plugins the way Ansible runs them, a process per test, which takes three times as long."""
    return tests_passed(ansible_test(step, "units", *locally(step), "--exclude", "tests/unit/sandbox/"))


def units_of_sandbox(step: Context) -> str:
    """The unit tests of the sandbox."""
    return pytest(step, "tests/unit/sandbox")


def units_of_tools(step: Context) -> str:
    """The unit tests of these tools."""
    return pytest(step, "tests/tools")


def facts_in(file: Path) -> dict[str, str]:
    """Return what the sandbox says about itself, nothing as long as it has not said all."""
    try:
        facts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts


@contextmanager
def sandbox(step: Context) -> Iterator[dict[str, str]]:
    """Run the stand-in server on a free port and yield its facts."""
    state = step.root / "sandbox"
    # What one before has said about itself is not true of this one.
    shutil.rmtree(state, ignore_errors=True)
    command = ["python", "-m", "tests.sandbox", "--port", "0", "--fresh", "--state", str(state)]
    output = step.log.with_suffix(".sandbox.log")
    give_up = time.monotonic() + SANDBOX_STARTS_WITHIN
    with output.open("w") as log, group_of(command, step.tree, step.variables(step.tests), log) as process:
        while not (known := facts_in(state / "sandbox.json")):
            if process.poll() is not None or time.monotonic() > give_up:
                raise StepFailed(f"the sandbox did not start: {output.read_text(encoding='utf-8')}")
            time.sleep(0.1)
        yield known


def integration_of(step: Context, *arguments: str, **variables: object) -> set[str]:
    """Run integration targets against a sandbox of their own, and return which ran.

    :param arguments: where, and which targets; none are all
    :param variables: more variables of the targets
    """
    with sandbox(step) as facts:
        known = {f"cloud_elements_{name}": facts[name] for name in SANDBOX_FACTS}
        # JSON is YAML.
        config = step.tree / "tests/integration/integration_config.yml"
        config.write_text(json.dumps({**known, **variables}), encoding="utf-8")
        said = ansible_test(step, "integration", *arguments)
    return set(re.findall(r"^Running (\S+) integration test", said, re.MULTILINE))


def integration(step: Context) -> str:
    """Every integration target, against a sandbox of its own, with one element of each vendor."""
    return every_target(step, cloud_elements_off_ladder=LIKE_ANOTHER)


def integration_all(step: Context) -> str:
    """Every integration target with every element."""
    return every_target(step)


def every_target(step: Context, **variables: object) -> str:
    """Run all integration targets, and see that all did run."""
    ran = integration_of(step, *locally(step), **variables)
    aliases = step.tree.glob("tests/integration/targets/*/aliases")
    # A hidden target only serves others.
    wanted = {path.parent.name for path in aliases if "hidden" not in path.read_text(encoding="utf-8").split()}
    if left_out := wanted - ran:
        raise StepFailed(f"targets that did not run: {', '.join(sorted(left_out))}")
    return counted(len(ran), "targets")


def leak(step: Context) -> str:
    """Canary secrets through every state and failure; nothing may show them."""
    return pytest(step, "tests/leak")


def faults(step: Context) -> str:
    """Every fault at every step, any order of them, strange answers, and several jobs at once."""
    return pytest(step, "tests/faults", FAULTS_PROFILE="quick")


def faults_deep(step: Context) -> str:
    """The same with many times the examples, rounds and pairs of jobs."""
    return pytest(step, "tests/faults", "-n", "2", FAULTS_PROFILE="deep")


def controller(step: Context) -> str:
    """What runs in automation controllers: credentials, setup, jobs under ansible-runner, shards of a list."""
    return jobs_of_controllers(step, "tests/controller", "--ignore", "tests/controller/deep")


def controller_deep(step: Context) -> str:
    """More of the same: slices at once, a cancelled job, costs, empty answers, a controller that people changed."""
    return jobs_of_controllers(step, "tests/controller/deep")


def jobs_of_controllers(step: Context, *what: str) -> str:
    """Run tests in which jobs run."""
    # Jobs wait for their sandbox, and each process has its own.
    return pytest(step, *what, "-n", "2", AWX_COLLECTIONS=str(awx_collections(step.work, step.python)))


def guides(step: Context) -> str:
    """What the guides tell to do, done: the quick start's playbook, and a new vendor in a copy of the collection."""
    return pytest(step, "tests/guides", LINT_BIN=str(step.lint))


def quickstart(step: Context) -> str:
    """What the README promises a newcomer, word for word, in a fresh copy."""
    # A newcomer has no such variable.
    newcomer = ("env", "--unset=ANSIBLE_COLLECTIONS_PATH")
    make = ("make", "quickstart", f"PYTHON={step.python.path}")
    step.run(None, *newcomer, *make, CI_WORK=str(step.work / "quickstart"))
    return "make quickstart"


TEST_STEPS = (
    Step("faults-deep", faults_deep, deep=True),
    Step("faults", faults),
    Step("integration", integration, programs=SSH),
    Step("sanity", sanity),
    Step("leak", leak),
    Step("controller", controller, python=(3, 11)),
    Step("controller-deep", controller_deep, python=(3, 11), deep=True),
    Step("guides", guides),
    Step("quickstart", quickstart),
    Step("units-apart", units_apart, deep=True),
    Step("units-sandbox", units_of_sandbox),
    Step("units-tools", units_of_tools),
)
