# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual environments: where they are, what is in them, and how they are made once and kept.

Run as a program, it makes the named environment and prints its bin directory.
"""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from pythons import TARGETS, VERSIONS, Core, Python, Version, choose, find_pythons, fitting, probe

REPOSITORY = Path(__file__).resolve().parent.parent
REQUIREMENTS = Path(__file__).resolve().parent / "requirements"
ZIP_CACHE = Path(__file__).with_name("zip_cache.py")
FEW_COLLECTIONS = "import gc; gc.set_threshold(500_000, 50, 50)\n"
"""Most programs here end before there is garbage worth a search, which takes a tenth of their time."""
MAKING = threading.Lock()


def work_dir() -> Path:
    """Return the directory that holds all that the tools make."""
    return Path(os.environ.get("CI_WORK") or REPOSITORY / ".work").resolve()


@functools.cache
def here(versions: tuple[Version, ...] = VERSIONS) -> dict[Version, Python]:
    """Return the Pythons of this machine."""
    return find_pythons(os.environ.get("PATH", ""), Path.home(), versions)


@functools.cache
def usable() -> dict[Version, Python]:
    """Return the Pythons to work with: the one that was asked for and no other, else all of this machine.

    make hands PYTHON on when somebody gave it, and runs this program with it.
    """
    if not os.environ.get("PYTHON"):
        return here()
    asked = probe(Path(sys.executable))
    return {asked.version: asked} if asked else {}


def run(command: list[str | Path], environment: dict[str, str] | None = None) -> None:
    """Run a command quietly; on failure say what it said."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def stamp_of(python: Python, arguments: list[str]) -> str:
    """Return a text that changes when an environment has to be made anew."""
    digest = hashlib.sha256(f"{python.path} {arguments} {FEW_COLLECTIONS}".encode())
    for path in sorted([*REQUIREMENTS.glob("*.txt"), *REPOSITORY.glob("tests/*/requirements.txt"), ZIP_CACHE]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def make_faster(folder: Path) -> None:
    """Let programs in an environment keep what they compile of Ansible's modules, and seldom look for garbage."""
    (packages,) = (folder / "lib").glob("python3.*/site-packages")
    (folder / "zip-cache").mkdir()
    shutil.copy2(ZIP_CACHE, packages)
    (packages / "faster.pth").write_text(f"import zip_cache\n{FEW_COLLECTIONS}", encoding="utf-8")


def with_pip(folder: Path, python: Python, arguments: list[str]) -> None:
    """Make an environment with nothing but what comes with Python."""
    run([python.path, "-m", "venv", "--clear", folder])
    run([folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])


def with_uv(uv: Path, folder: Path, python: Python, arguments: list[str]) -> bool:
    """Make an environment ten times faster, and return whether that worked.

    uv reads no pip.conf: where only a mirror named there can be reached, pip gets through and uv does not.
    """
    # A pre-release that is asked for by its number is taken, as pip does it, also where a range is what names it.
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_PRERELEASE": "if-necessary-or-explicit"}
    try:
        run([uv, "venv", "--quiet", "--clear", "--python", python.path, folder], environment)
        run([uv, "pip", "install", "--quiet", "--python", folder / "bin/python", *arguments], environment)
    except RuntimeError as error:
        print(f"uv fails, pip is tried: {error}", file=sys.stderr)
        return False
    return True


def make(folder: Path, python: Python, arguments: list[str], uv: Path | None = None, *, faster: bool = True) -> Path:
    """Return the bin directory of an environment, which is made when it is missing or out of date.

    Several steps may ask for the same one at the same time.

    :param faster: whether it may differ from what a user gets, in nothing but time
    """
    with MAKING:
        return _made(folder, python, arguments, uv, faster)


def _made(folder: Path, python: Python, arguments: list[str], uv: Path | None, faster: bool) -> Path:
    stamp, wanted = folder / "stamp", stamp_of(python, arguments)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return folder / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not (uv and with_uv(uv, folder, python, arguments)):
        with_pip(folder, python, arguments)
    if faster:
        make_faster(folder)
    stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def find_uv(work: Path, python: Python) -> Path | None:
    """Return uv from an environment of its own, None when it is not to be had: then pip does the work."""
    try:
        return make(work / "env/uv", python, ["uv"]) / "uv"
    except RuntimeError as error:
        print(f"uv cannot be installed, pip is used instead (slower): {error}", file=sys.stderr)
        return None


def requirements(name: str) -> list[str]:
    """Return the installer's arguments for a file of tools/requirements."""
    return ["-r", str(REQUIREMENTS / f"{name}.txt")]


def quickstart_env(work: Path, python: Python) -> Path:
    """Return the bin directory of the environment of the quick start: plain pip, and the newest that runs."""
    return make(work / "env/quickstart", python, requirements("quickstart"), faster=False)


def lint_env(work: Path, python: Python, uv: Path | None) -> Path:
    """Return the bin directory of the environment with the linters and the documentation tools."""
    return make(work / "env/lint", python, requirements("lint"), uv)


def tests_env(work: Path, core: Core, python: Python, uv: Path | None) -> Path:
    """Return the bin directory of the environment in which tests run, one per ansible-core."""
    wanted = [core.requirement, *requirements("tests")]
    return make(work / f"env/tests-{core.name}", python, wanted, uv)


def target_env(work: Path, python: Python, uv: Path | None) -> Path:
    """Return the bin directory of an environment in which modules run, as on a host of a playbook.

    On the oldest Python it has the oldest libraries that the collection admits.
    """
    name = "oldest" if python.version == TARGETS[0] else "target"
    return make(work / f"env/target-{python}", python, requirements(name), uv)


def oldest_units_env(work: Path, python: Python, uv: Path | None) -> Path:
    """Return the bin directory of an environment in which unit tests run with the oldest libraries."""
    return make(work / "env/oldest-units", python, requirements("oldest_units"), uv)


def hygiene_env(work: Path, python: Python, uv: Path | None) -> Path:
    """Return the bin directory of the environment with what looks for secrets, dead code and duplicates."""
    return make(work / "env/hygiene", python, requirements("hygiene"), uv)


def runtime_env(work: Path, python: Python, uv: Path | None) -> Path:
    """Return the bin directory of an environment with what the collection runs with, and nothing else."""
    return make(work / "env/runtime", python, requirements("runtime"), uv)


def benchmark_env(work: Path, python: Python, uv: Path | None) -> Path:
    """Return the bin directory of the environment of the benchmark: the newest ansible-core that runs here."""
    return make(work / "env/benchmark", python, requirements("benchmark"), uv, faster=False)


class Environments:
    """The virtual environments of the steps, made when the first step asks."""

    def __init__(self, work: Path, core: Core, python: Python, pythons: Mapping[Version, Python]) -> None:
        self._work, self._core, self._python, self._pythons = work, core, python, pythons
        self.uv = find_uv(work, python)

    def lint(self) -> Path:
        """Return the bin directory of the linters."""
        # The newest Python, whatever ansible-core is tested with.
        return lint_env(self._work, choose(usable())[1], self.uv)

    def tests(self, core: Core | None) -> tuple[Python, Path]:
        """Return the Python and the bin directory for an ansible-core, None: the one of the run.

        Others than the run's are tried with the oldest of its Pythons that they run on, else of this machine's.
        """
        if core is None or core == self._core:
            return self._python, tests_env(self._work, self._core, self._python, self.uv)
        if found := fitting(core, self._pythons) or fitting(core, here()):
            python = min(found, key=lambda one: one.version)
            return python, tests_env(self._work, core, python, self.uv)
        raise LookupError(f"no Python here runs ansible-core {core.name}")


def main(name: str) -> Path:
    """Make the named environment."""
    work = work_dir()
    core, python = choose(usable())
    if name == "quickstart":
        return quickstart_env(work, python)
    uv = find_uv(work, python)
    if name == "lint":
        return lint_env(work, python, uv)
    if name == "tests":
        return tests_env(work, core, python, uv)
    if name == "benchmark":
        return benchmark_env(work, python, uv)
    raise LookupError(f"There is no environment {name!r}: quickstart, lint, tests or benchmark.")


if __name__ == "__main__":
    try:
        print(main(*sys.argv[1:2]))
    except (LookupError, RuntimeError) as failure:
        sys.exit(str(failure))
