# Copyright: Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test pipeline, the one that `make test` runs: every step, two at a time, one line each."""

import argparse
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from awx import awx_collections
from envs import REPOSITORY, find_uv, here, lint_env, tests_env, work_dir
from lint_steps import LINT_STEPS
from package_steps import PACKAGE_STEPS
from pipeline import Context, Outcome, Pipeline, summary, with_needed
from pythons import CORES, choose
from site_steps import SITE_STEPS
from test_steps import TEST_STEPS
from tree import copy

# Long ones first, so that no long one is left alone at the end.
STEPS = (*PACKAGE_STEPS, *TEST_STEPS, *SITE_STEPS, *LINT_STEPS)
WORKERS = 2

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


def prepare_home(work: Path, pip: str, uv: Path | None) -> None:
    """Put the get-pip stand-in where ansible-test looks, uv where the stand-in looks, and link the user's mirrors."""
    cache = work / "home/.ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    shutil.copy2(Path(__file__).with_name("get_pip.py"), cache / f"get_pip_{pip.replace('.', '_')}.py")
    links = {work / "bin/uv": uv}
    # HOME moves, and with it the files where a user names a package mirror.
    links |= {work / "home/.config" / name: Path.home() / ".config" / name for name in ("pip", "uv")}
    for link, target in links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        if target and target.exists():
            link.symlink_to(target)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="run these steps and those they need", metavar="STEP[,STEP]")
    parser.add_argument("--list", action="store_true", help="name the steps and what they check")
    parser.add_argument("--core", choices=[core.name for core in CORES], help="ansible-core to test with")
    parser.add_argument("--keep", action="store_true", help="keep the copies of the collection, for a look inside")
    return parser.parse_args()


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
    steps = with_needed(
        STEPS, options.only.split(",") if options.only else [step.name for step in STEPS if not step.deep]
    )
    pythons = here()
    core, python = choose(pythons, options.core)
    newest_core, newest_python = choose(pythons)
    print(f"ansible-core {core.name} on Python {python}; work directory {work}")
    if newest_core != CORES[0]:
        print(f"ansible-core {CORES[0].name} is left out: it needs Python {CORES[0].oldest[0]}.{CORES[0].oldest[1]}")
    for step in [step for step in steps if python.version < step.python]:
        print(f"{step.name} is left out: it needs Python {step.python[0]}.{step.python[1]}")
        steps.remove(step)
    uv = find_uv(work, newest_python)
    with ThreadPoolExecutor(WORKERS) as pool:
        lint = pool.submit(lint_env, work, newest_python, uv)
        tests = pool.submit(tests_env, work, core, python, uv)
    prepare_home(work, core.pip, uv)
    shutil.rmtree(work / "logs", ignore_errors=True)
    (work / "logs").mkdir()
    environment = clean_environment(os.environ, work)
    print(f"prepared in {time.monotonic() - began:.0f} s")

    def context_for(name: str) -> Context:
        tree = copy(REPOSITORY, work / "copies" / name)
        variables = {**environment, "ANSIBLE_COLLECTIONS_PATH": str(work / "copies" / name)}
        log = work / "logs" / f"{name}.log"
        return Context(
            name=name,
            work=work,
            tree=tree,
            log=log,
            python=str(python),
            lint=lint.result(),
            tests=tests.result(),
            awx=lambda: awx_collections(work, python),
            environment=variables,
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
        print("\n".join(f"{step.name:12}  {step.check.__doc__}" for step in STEPS))
        return 0
    return run(options)


if __name__ == "__main__":
    # Whoever ends a run ends all of it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except (LookupError, RuntimeError) as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
