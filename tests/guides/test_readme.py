# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first example of the README works as it is pasted, and every link of a README leads somewhere from everywhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.collection import ROOT, collections_in
from tests.guides.playing import run
from tests.sandbox.process import running
from tools import environment

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
FILES = f"{GALAXY['repository']}/blob/main/"
"""Where the repository shows its files."""
RAW_FILES = f"{GALAXY['repository'].replace('//github.com/', '//raw.githubusercontent.com/')}/main/"
"""Where it serves them as they are, such as pictures."""
SHOWN_ELSEWHERE = sorted([ROOT / "README.md", *ROOT.glob("roles/*/README.md")])
"""Galaxy and Automation Hub show these pages too, where a relative link leads nowhere."""
SHOWN_IN_THE_REPOSITORY = sorted({*ROOT.glob("*.md"), *ROOT.glob("tests/*/README.md")} - {*SHOWN_ELSEWHERE})
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`|<!--.*?-->", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|^ *\[[^\]]+\]:\s*(\S+)|\b(?:href|src)\s*=\s*[\"']?([^\s\"'>]+)", re.MULTILINE)


def links(text: str) -> list[str]:
    """Return where the links and pictures of a page in Markdown lead; those within code are none."""
    return ["".join(found) for found in LINK.findall(CODE.sub("", text))]


def missing_files(found: list[str], start: str, folder: Path) -> list[str]:
    """Return the links that begin so and name no file of the folder."""
    names = {link: link.removeprefix(start).partition("#")[0] for link in found if link.startswith(start)}
    return [link for link, name in names.items() if not (folder / name).exists()]


def test_the_first_example_connects_three_accounts_once(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    playbook, (vault,) = blocks[0], [block for block in blocks if block.startswith("vault_")]
    assert {*re.findall(r"vault_\w+", playbook)} == {*yaml.safe_load(vault)}
    place = tmp_path / "place"
    place.mkdir()
    (place / "site.yml").write_text(playbook, encoding="utf-8")
    (place / "password").write_text("the vault password\n", encoding="utf-8")
    home, collections = tmp_path / "home", collections_in(tmp_path)
    known = ("--vault-password-file", "password")
    with running(tmp_path / "sandbox", "--fresh") as sandbox:
        own_values = {
            "the-user-secret": sandbox.user_secret,
            "the-organization-secret": sandbox.organization_secret,
            "the-autotask-password": "autotask-example-password",
            "the-api-key": "act-example-api-key",
            "the-developer-key": "act-example-developer-key",
        }
        for example, own in own_values.items():
            assert example in vault
            vault = vault.replace(example, own)
        (place / "vault.yml").write_text(vault, encoding="utf-8")
        run(["ansible-vault", "encrypt", *known, "vault.yml"], place, home, collections)
        said = [
            run(["ansible-playbook", "site.yml", *known], place, home, collections, CLOUD_ELEMENTS_BASE_URL=address)
            for address in [sandbox.base_url] * 2
        ]
    assert ["changed=1" in said[0], "changed=0" in said[1]] == [True, True], said


def of_noxfile(name: str) -> Any:
    """Return a constant of the file that says what is tested."""
    (found,) = re.findall(rf"^{name} = (.+)$", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    return ast.literal_eval(found)


def test_the_readme_names_the_versions_that_are_tested() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d., ]+) \| [\d.]+ to [\d.]+ \| ([\d.]+) \|$", text, re.MULTILINE)
    tested = {**of_noxfile("CORES")}
    unreleased = of_noxfile("NEXT")
    del tested[unreleased]
    # The newest release runs on nox's own Python, which is the best of the machine.
    newest = max(tested, key=lambda core: int(core.partition(".")[2]))
    tested[newest] = environment.VERSIONS[0]

    assert {core: python for cores, python in rows for core in cores.split(", ")} == tested
    assert f"a pre-release of ansible-core {unreleased}" in text
    hosts = of_noxfile("TARGETS")
    assert f"Python {hosts[0]} to {hosts[-1]} are tested there" in text
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == f">={min(tested)}.0"


@pytest.mark.parametrize("page", SHOWN_ELSEWHERE, ids=str)
def test_a_readme_has_absolute_links_and_those_into_the_repository_name_a_file(page: Path) -> None:
    found = links(page.read_text(encoding="utf-8"))

    assert [link for link in found if not link.startswith("https://")] == []
    assert [*missing_files(found, FILES, ROOT), *missing_files(found, RAW_FILES, ROOT)] == []
    assert GALAXY["documentation"].startswith(FILES)


@pytest.mark.parametrize("page", SHOWN_IN_THE_REPOSITORY, ids=str)
def test_a_page_of_the_repository_has_no_dead_link(page: Path) -> None:
    found = [link for link in links(page.read_text(encoding="utf-8")) if not link.startswith("#")]
    inside = [link for link in found if not link.startswith("https://")]

    assert missing_files(inside, "", page.parent) == []
    assert missing_files(found, FILES, ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "See [it](docs/a.rst).",
        "![A picture](docs/a.svg)",
        "[it]: docs/a.rst",
        '<img src="docs/a.svg">',
        "[\na\nb](docs/a.rst)",
    ],
)
def test_a_relative_link_is_found_however_it_is_written(text: str) -> None:
    assert [link.startswith("docs/a.") for link in links(f"Text\n\n{text}\n")] == [True]


def test_code_has_no_links() -> None:
    assert links("`[a](b)`\n\n```yaml\nx: [a](b)\n```\n\n<!-- [a](b) -->\n[a](https://example.com)") == [
        "https://example.com"
    ]


def test_the_licence_of_the_collection_is_at_the_top() -> None:
    assert (ROOT / "LICENSE").read_bytes() == (ROOT / "LICENSES/GPL-3.0-or-later.txt").read_bytes()
