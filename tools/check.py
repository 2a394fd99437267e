# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test pipeline, the one that `make test` runs: every step, some at a time, one line each."""

import argparse
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from coverage_steps import COVERAGE_STEPS
from envs import REPOSITORY, Environments, here, usable, work_dir
from hygiene_steps import HYGIENE_STEPS
from lint_steps import LINT_STEPS
from matrix_steps import MATRIX_STEPS
from package_steps import PACKAGE_STEPS
from pipeline import Context, Outcome, Pipeline, Step, summary, with_needed
from pythons import CORES, NEXT, Core, Python, Version, choose, fitting
from release_steps import RELEASE_STEPS
from site_steps import SITE_STEPS
from test_steps import TEST_STEPS
from tree import copy

# Long ones first, so that no long one is left alone at the end, where most are short.
STEPS = (
    *PACKAGE_STEPS,
    *RELEASE_STEPS,
    *TEST_STEPS,
    *COVERAGE_STEPS,
    *LINT_STEPS,
    *MATRIX_STEPS,
    *SITE_STEPS,
    *HYGIENE_STEPS,
)
# Two more than processors, for many steps wait now and then; not many, for some wait for what they start.
WORKERS = min(4, os.cpu_count() or 1) + 2

# What steps need beside Python, with Debian's and Ubuntu's package of it.
PACKAGES = {"git": "git", "ssh-keygen": "openssh-client"}

# Settings of the user's own work, real credentials among them.
NOT_FOR_STEPS = ("ANSIBLE_", "CLOUD_ELEMENTS_", "GALAXY_IMPORTER_", "GIT_", "MAKE", "MFLAGS", "PYTHON", "VIRTUAL_ENV")


def clean_environment(environment: Mapping[str, str], work: Path) -> dict[str, str]:
    """Return the variables that steps see: the machine's network settings, nothing of the user's own setup."""
    kept = {name: value for name, value in environment.items() if not name.startswith(NOT_FOR_STEPS)}
    folders = environment["PATH"].split(os.pathsep)
    kept |= {
        "HOME": str(work / "home"),
        "PATH": os.pathsep.join([str(work / "bin"), *(folder for folder in folders if Path(folder).name != "shims")]),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "ANSIBLE_NOCOLOR": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return kept


def prepare_home(work: Path, uv: Path | None) -> None:
    """Put the get-pip stand-in where ansible-test looks, uv where the stand-in looks, and link the user's mirrors."""
    cache = work / "home/.ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for pip in {core.pip for core in (NEXT, *CORES)}:
        shutil.copy2(Path(__file__).with_name("get_pip.py"), cache / f"get_pip_{pip.replace('.', '_')}.py")
    links = {work / "bin/uv": uv}
    # HOME moves, and with it the files where a user names a package mirror.
    links |= {work / "home/.config" / name: Path.home() / ".config" / name for name in ("pip", "uv")}
    for link, target in links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        if target and target.exists():
            link.symlink_to(target)


def missing_programs(steps: Iterable[Step], search_path: str) -> str:
    """Return what to do about programs that steps need and that are not there; nothing where all of them are."""
    wanted = ["git", *(program for step in steps for program in step.programs)]
    missing = [name for name in dict.fromkeys(wanted) if not shutil.which(name, path=search_path)]
    packages = " ".join(PACKAGES[name] for name in missing)
    return f"Install {' and '.join(missing)}, such as with `apt install {packages}`." if missing else ""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="run these steps and those they need", metavar="STEP[,STEP]")
    parser.add_argument("--deep", action="store_true", help="run the steps that take too long for each change")
    parser.add_argument("--list", action="store_true", help="name the steps and what they check")
    parser.add_argument("--core", choices=[core.name for core in CORES], help="ansible-core to test with")
    parser.add_argument(
        "--matrix",
        action="store_true",
        default=os.environ.get("CI") == "true",
        help="test with every ansible-core and on every Python that is promised, as in continuous integration, where "
        "CI is true; one that is not there fails",
    )
    parser.add_argument("--keep", action="store_true", help="keep the copies of the collection, for a look inside")
    return parser.parse_args()


def wanted_steps(
    options: argparse.Namespace, pythons: Mapping[Version, Python], core: Core, python: Python
) -> list[Step]:
    """Return the steps to run, and say what is left out because of the Pythons of this machine.

    :param core: what the steps run with that are about no ansible-core of their own, on `python`
    """
    if options.only:
        return with_needed(STEPS, options.only.split(","))
    if options.deep:
        return with_needed(STEPS, [step.name for step in STEPS if step.deep])
    usual = [step for step in STEPS if not step.deep and step.core != core]
    if options.matrix:
        return usual
    others = [other for other in CORES if other != core]
    oldest = next((other for other in reversed(others) if fitting(other, pythons)), None)
    for other in others:
        if not fitting(other, pythons):
            print(f"ansible-core {other.name} is left out: it needs Python {other.pythons}")
    usual = [step for step in usual if not step.matrix or step.core == oldest]
    for step in [step for step in usual if python.version < step.python]:
        print(f"{step.name} is left out: it needs Python {step.python[0]}.{step.python[1]}")
        usual.remove(step)
    return usual


def run(options: argparse.Namespace) -> int:
    """Prepare, run the steps, and say how it went."""
    began = time.monotonic()
    work = work_dir()
    work.mkdir(parents=True, exist_ok=True)
    # Held until the process ends.
    lock = (work / "lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RuntimeError(f"Another run works in {work}: wait for it, or set CI_WORK to another directory.") from None
    core, python = choose(usable(), options.core)
    pythons = here() if options.matrix else usable()
    print(f"ansible-core {core.name} on Python {python}; work directory {work}")
    steps = wanted_steps(options, pythons, core, python)
    if missing := missing_programs(steps, os.environ["PATH"]):
        raise RuntimeError(missing)
    environments = Environments(work, core, python, pythons)
    prepare_home(work, environments.uv)
    shutil.rmtree(work / "logs", ignore_errors=True)
    (work / "logs").mkdir()
    environment = clean_environment(os.environ, work)

    def context_for(step: Step) -> Context:
        own_python, tests = environments.tests(step.core)
        tree = copy(REPOSITORY, work / "copies" / step.name)
        return Context(
            name=step.name,
            work=work,
            tree=tree,
            log=work / "logs" / f"{step.name}.log",
            python=own_python,
            lint=environments.lint(),
            tests=tests,
            uv=environments.uv,
            environment={**environment, "ANSIBLE_COLLECTIONS_PATH": str(work / "copies" / step.name)},
        )

    def report(outcome: Outcome) -> None:
        print(outcome)
        if outcome.word == "ok" and not options.keep:
            shutil.rmtree(work / "copies" / outcome.step.name)

    outcomes = Pipeline(context_for, report, WORKERS).run(steps)
    print(f"{time.monotonic() - began:.0f} s\n{summary(outcomes)}")
    return int(any(outcome.word != "ok" for outcome in outcomes))


def main() -> int:
    """Run the program."""
    options = arguments()
    if options.list:
        print("\n".join(f"{step.name:20}  {step.check.__doc__}" for step in STEPS))
        return 0
    return run(options)


if __name__ == "__main__":
    # Whoever ends a run ends all of it. A shell lets a run in the background ignore SIGINT, and all that the run starts
    # would ignore it too, also the jobs that a test cancels.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main())
    except (LookupError, RuntimeError) as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
