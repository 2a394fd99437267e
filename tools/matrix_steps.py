# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that repeat what depends on ansible-core and on Python, with every release and version that is promised."""

from collections.abc import Sequence

from envs import here, oldest_units_env, target_env
from lint_steps import counted
from pipeline import Context, Step, StepFailed
from pythons import CORES, NEXT, TARGETS, Core, Version
from test_steps import (
    SSH,
    integration_all,
    integration_of,
    leak,
    locally,
    pylint,
    pytest,
    sanity_without_pylint,
    tests_passed,
)

# The first whose sanity tests know the headers and the documentation that newer ones ask for.
SANE_FROM = (2, 18)

# Where Ansible has a part, and one way through each: an instance's life, a list's, a token, the role, of one vendor;
# and which variables and defaults reach playbooks and the role.
WITH_ANSIBLE = ("ce_instance", "ce_instance_token", "ce_instances", "playbook_variables", "role_instances")
PARTS = {
    "cloud_elements_ladder": ["autotaskhelpdesk"],
    "cloud_elements_ce_instances": ["life"],
    "cloud_elements_playbook_variables": ["harmful"],
    "cloud_elements_role_instances": ["encrypted", "defaults"],
    "cloud_elements_with_playbooks": False,
}

# How Ansible itself hides secrets is what is new in the next one.
WITH_NEXT = (*WITH_ANSIBLE, "secret_masking")

# Each runs on the Python of a neighbour, so its unit tests are those that notice another Ansible.
SAME_PYTHON = ("2.17", "2.19", "2.22")
IMPORT_ANSIBLE = (
    *("action", "filter", "lookup", "modules", "plugin_utils"),
    *(f"module_utils/test_{room}.py" for room in ("options", "secrets", "spec")),
)

# The rooms whose tests notice another requests or urllib3.
SPEAKS_HTTP = ("client", "connection", "options", "throttle", "wire")

# What runs on hosts of another Python: a module that only looks shows that all of them start and speak HTTP there.
LOOKS = ("ce_element_info",)
MODULES = (*LOOKS, "ce_instance", "ce_instance_info")


def integration_in_part(step: Context) -> str:
    """What of the integration targets another ansible-core has a part in, with one vendor; all of it is a deep step."""
    return the_targets(step, WITH_ANSIBLE, *locally(step))


def integration_of_next(step: Context) -> str:
    """The same with the next ansible-core, and that it hides secrets."""
    return the_targets(step, WITH_NEXT, *locally(step))


def the_targets(step: Context, names: tuple[str, ...], *where: str) -> str:
    """Run some integration targets, in part, and see that all of them did run."""
    ran = integration_of(step, *where, *names, **PARTS)
    if left_out := set(names) - ran:
        raise StepFailed(f"targets that did not run: {', '.join(sorted(left_out))}")
    return counted(len(names), "targets")


def targets(step: Context) -> str:
    """The modules on a host with the oldest Python, which runs no Ansible; on others they run where Ansible does."""
    return on_hosts(step, TARGETS[:1])


def targets_all(step: Context) -> str:
    """The modules on hosts with every Python that is promised, without Ansible; all of them on the oldest."""
    return on_hosts(step, TARGETS)


def on_hosts(step: Context, versions: Sequence[Version]) -> str:
    """Run modules on hosts with these Pythons; all that are promised have to be there."""
    found = here(TARGETS)
    if missing := [f"{major}.{minor}" for major, minor in TARGETS if (major, minor) not in found]:
        raise StepFailed(f"no Python {', '.join(missing)} here")
    for version in versions:
        bin_dir = target_env(step.work, found[version], step.uv)
        target = f"controller:python={found[version]}@{bin_dir / 'python'}"
        names = MODULES if version == TARGETS[0] else LOOKS
        the_targets(step, names, "--controller", f"origin:python={step.python}", "--target", target)
    return "Python " + ", ".join(f"{major}.{minor}" for major, minor in versions)


def units_oldest(step: Context) -> str:
    """The unit tests of all that speaks HTTP, with the oldest requests that is promised, on the oldest Python."""
    found = here(TARGETS[:1])
    if not found:
        raise StepFailed(f"no Python {TARGETS[0][0]}.{TARGETS[0][1]} here")
    bin_dir = oldest_units_env(step.work, found[TARGETS[0]], step.uv)
    files = [f"tests/unit/plugins/module_utils/test_{room}.py" for room in SPEAKS_HTTP]
    return tests_passed(step.run(bin_dir, "python", "-m", "pytest", *files, PYTHONPATH=f"{step.root}"))


def units(step: Context) -> str:
    """The unit tests of the plugins with this ansible-core, on a Python that no other step has."""
    return units_of(step, "")


def units_with_ansible(step: Context) -> str:
    """The unit tests of what imports Ansible; the others ran on the same Python with another ansible-core."""
    return units_of(step, *IMPORT_ANSIBLE)


def units_of(step: Context, *parts: str) -> str:
    """Run unit tests of the plugins."""
    # Some of the examples will do: the properties are about rooms that import nothing of Ansible.
    return pytest(step, *(f"tests/unit/plugins/{part}" for part in parts), UNITS_PROFILE="some")


def steps_of(core: Core) -> list[Step]:
    """Return the steps that are about one ansible-core."""
    part = integration_of_next if core == NEXT else integration_in_part
    some_units = units_with_ansible if core.name in SAME_PYTHON else units
    steps = [
        Step(f"integration-{core.name}", part, core=core, matrix=True, programs=SSH),
        Step(f"integration-all-{core.name}", integration_all, core=core, deep=True, programs=SSH),
        Step(f"units-{core.name}", some_units, core=core, matrix=True),
    ]
    if core == NEXT:
        # What it will ask for is worth knowing before it is released, and not at each change. Until then it cannot
        # install pylint for itself.
        steps.append(Step(f"sanity-{core.name}", sanity_without_pylint, core=core, deep=True))
        # Its own hiding of secrets is new: what it prints has to be searched too.
        steps.append(Step(f"leak-{core.name}", leak, core=core, deep=True))
    elif core.version >= SANE_FROM:
        steps.append(Step(f"sanity-{core.name}", sanity_without_pylint, core=core, matrix=True))
        steps.append(Step(f"pylint-{core.name}", pylint, core=core, deep=True))
    return steps


MATRIX_STEPS = (
    Step("targets", targets, matrix=True, programs=SSH),
    Step("targets-all", targets_all, deep=True, programs=SSH),
    Step("units-oldest", units_oldest, matrix=True),
    *(step for core in reversed((NEXT, *CORES)) for step in steps_of(core)),
)
