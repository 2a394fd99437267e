# Copyright: Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that repeat what depends on ansible-core and on Python, with every release and version that is promised."""

from collections.abc import Callable, Mapping

from envs import here, oldest_units_env, target_env
from lint_steps import counted
from pipeline import Context, Step, StepFailed
from pythons import CORES, NEXT, TARGETS, Core
from test_steps import integration_of, leak, locally, pylint, pytest, sanity_without_pylint, tests_passed

# The first whose sanity tests know the headers and the documentation that newer ones ask for.
SANE_FROM = (2, 18)

# The newest runs every target. Others run those where Ansible has a part, and the oldest the playbooks too, which take
# most of the time.
WITH_ANSIBLE = (
    "ce_instance",
    "ce_instance_token",
    "ce_instances",
    "ce_token_file",
    "role_instances",
    "secret_masking",
)
PLAYBOOKS = ("playbook_drift", "playbook_move")

# One vendor goes through all of an instance's life: the others differ in what they are given, not in Ansible; and so
# does much of what becomes of a list.
PARTS = {
    "cloud_elements_ladder": ["autotaskhelpdesk"],
    "cloud_elements_ce_instances": ["from_file", "life", "failures"],
}

# These are like one of their neighbours in all that the collection uses: what changed came with 2.19 and 2.22.
BETWEEN = ("2.17", "2.18", "2.20")
WITH_ANSIBLE_BETWEEN = ("ce_instance", "ce_instance_token", "ce_instances", "role_instances")
PARTS_BETWEEN = {**PARTS, "cloud_elements_ce_instances": ["life"], "cloud_elements_role_instances": ["encrypted"]}

# The rooms whose tests notice another requests or urllib3.
SPEAKS_HTTP = ("client", "options", "throttle", "wire")

# What runs on hosts of another Python: a module that only looks shows that all of them start and speak HTTP there.
LOOKS = ("ce_element_info",)
MODULES = (*LOOKS, "ce_instance", "ce_instance_info")


def integration(step: Context) -> str:
    """What of the integration targets this ansible-core has a part in, with one vendor."""
    return the_targets(step, WITH_ANSIBLE, PARTS, *locally(step))


def integration_of_oldest(step: Context) -> str:
    """The same, and the targets of the playbooks."""
    return the_targets(step, (*WITH_ANSIBLE, *PLAYBOOKS), PARTS, *locally(step))


def integration_between(step: Context) -> str:
    """One way through each: an instance's life, a list's, a token, the role."""
    return the_targets(step, WITH_ANSIBLE_BETWEEN, PARTS_BETWEEN, *locally(step))


def the_targets(step: Context, names: tuple[str, ...], parts: Mapping[str, list[str]], *where: str) -> str:
    """Run some integration targets, in part, and see that all of them did run."""
    ran = integration_of(step, *where, *names, **parts)
    if left_out := set(names) - ran:
        raise StepFailed(f"targets that did not run: {', '.join(sorted(left_out))}")
    return counted(len(names), "targets")


def targets(step: Context) -> str:
    """The modules on hosts with every Python that is promised, without Ansible; all of them on the oldest."""
    found = here(TARGETS)
    if missing := [f"{major}.{minor}" for major, minor in TARGETS if (major, minor) not in found]:
        raise StepFailed(f"no Python {', '.join(missing)} here")
    for version in TARGETS:
        bin_dir = target_env(step.work, found[version], step.uv)
        target = f"controller:python={found[version]}@{bin_dir / 'python'}"
        names = MODULES if version == TARGETS[0] else LOOKS
        the_targets(step, names, PARTS, "--controller", f"origin:python={step.python}", "--target", target)
    return counted(len(TARGETS), "Pythons")


def units_oldest(step: Context) -> str:
    """The unit tests of all that speaks HTTP, with the oldest requests that is promised, on the oldest Python."""
    found = here(TARGETS[:1])
    if not found:
        raise StepFailed(f"no Python {TARGETS[0][0]}.{TARGETS[0][1]} here")
    bin_dir = oldest_units_env(step.work, found[TARGETS[0]], step.uv)
    files = [f"tests/unit/plugins/module_utils/test_{room}.py" for room in SPEAKS_HTTP]
    return tests_passed(step.run(bin_dir, "python", "-m", "pytest", *files, PYTHONPATH=f"{step.root}"))


def units(step: Context) -> str:
    """The unit tests of the plugins with this ansible-core."""
    # Some of the examples will do: the properties are about rooms that import nothing of Ansible.
    return pytest(step, "tests/unit/plugins", UNITS_PROFILE="some")


def integration_for(core: Core) -> Callable[[Context], str]:
    """Return what runs of the integration targets with an ansible-core that is not the run's."""
    if core == CORES[-1]:
        return integration_of_oldest
    return integration_between if core.name in BETWEEN else integration


def steps_of(core: Core) -> list[Step]:
    """Return the steps that are about one ansible-core."""
    steps = [
        Step(f"integration-{core.name}", integration_for(core), core=core, matrix=True),
        Step(f"units-{core.name}", units, core=core, matrix=True),
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
    Step("targets", targets, matrix=True),
    Step("units-oldest", units_oldest, matrix=True),
    # The oldest one's take longest.
    *(step for core in reversed((NEXT, *CORES)) for step in steps_of(core)),
)
