# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the README and the guides: they render everywhere, and show what the project does today."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator

import pytest
import yaml
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.words import Code, Reason
from ansible_collections.cloud_elements.platform.plugins.module_utils._options.specs import INSTANCE

from tests.collection import ROOT
from tools import requests_picture

PICTURES = ROOT / "docs/images"
NAMES = ("lost_answer", "quickstart", "race", "requests", "stamp")
GUIDES = ROOT / "docs/docsite/rst"
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "desc", "style", "g", "rect", "circle", "path", "polyline", "text", "tspan"}
"""The elements that only draw or describe: nothing here runs, links or loads."""
PHONE = 360
"""How wide a picture is at most where it has to be read on a telephone without zooming."""


def picture(name: str) -> ET.Element:
    """Return a picture, which is well-formed."""
    return ET.parse(PICTURES / f"{name}.svg").getroot()  # noqa: S314  # this project's own file


def words(root: ET.Element) -> str:
    """Return what a picture shows, line by line as it is drawn, with ordinary spaces."""
    lines: dict[float, str] = defaultdict(str)
    for text in root.iter(f"{SVG}text"):
        lines[float(text.attrib["y"])] += "".join(text.itertext()) + " "
    return re.sub(r"\s+", " ", " ".join(lines[y] for y in sorted(lines)))


def address() -> str:
    """Return where the pictures are when they are published."""
    repository = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
    return str(repository).replace("github.com", "raw.githubusercontent.com") + "/main/docs/images/"


def page(name: str) -> str:
    """Return the text of a guide."""
    return (GUIDES / f"guide_{name}.rst").read_text(encoding="utf-8")


def test_these_are_all_pictures() -> None:
    assert sorted(path.name for path in PICTURES.iterdir()) == [f"{name}.svg" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_runs_links_and_loads_nothing(name: str) -> None:
    root = picture(name)
    text = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")

    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= DRAWN
    attributes = {attribute for element in root.iter() for attribute in element.attrib}
    assert [attribute for attribute in attributes if re.search("href|^on", attribute)] == []
    assert re.findall(r"https?://[^\"]*|url\([^#]|@import|@font-face|<[!?][^-]", text) == ["http://www.w3.org/2000/svg"]
    assert len(text) < 20_000


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_what_it_shows(name: str) -> None:
    root = picture(name)
    described = {element.attrib["id"]: element for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}

    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == list(described) == ["title", "desc"]
    assert all((element.text or "").strip() for element in described.values())


@pytest.mark.parametrize("name", [name for name in NAMES if name != "quickstart"])
def test_a_drawing_can_be_read_on_a_telephone_and_on_a_dark_page(name: str) -> None:
    root = picture(name)
    style = "".join(element.text or "" for element in root.iter(f"{SVG}style"))
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")

    assert float(root.attrib["viewBox"].split()[2]) <= PHONE
    assert min(map(int, re.findall(r"(\d+)px", style))) >= 13
    # What has a colour on a light page has one on a dark page.
    assert set(re.findall(r"\.[a-z]+(?=[^}]*#)", light)) <= set(re.findall(r"\.[a-z]+", dark))


def shown() -> Iterator[tuple[str, str]]:
    """Yield the pictures of the pages, with the text that replaces each."""
    yield from re.findall(r"!\[([^]]+)\]\((\S+\.svg)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    for guide in GUIDES.glob("*.rst"):
        figures = r"^\.\. figure:: (\S+)\n   :alt: (.+)$"
        yield from ((alt, file) for file, alt in re.findall(figures, guide.read_text(encoding="utf-8"), re.MULTILINE))


def test_each_picture_is_shown_once_with_an_alternative_text() -> None:
    assert sorted(file for _alt, file in shown()) == [f"{address()}{name}.svg" for name in NAMES]


def test_the_site_shows_the_pictures_of_the_checkout() -> None:
    assert f'"{address()}"' in (ROOT / "docs/site/conf.py").read_text(encoding="utf-8")


def constants(node: ast.AST) -> set[str]:
    """Return the strings in a piece of code."""
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_the_picture_of_the_quick_start_shows_what_it_prints() -> None:
    text = words(picture("quickstart"))
    playbook = yaml.safe_load((ROOT / "playbooks/quickstart.yml").read_text(encoding="utf-8"))
    (task,) = [task for task in playbook[0]["tasks"] if "cloud_elements.platform.ce_instances" in task]
    names = [instance["name"] for instance in task["cloud_elements.platform.ce_instances"]["instances"]]
    code = ast.parse((ROOT / "tools/quickstart.py").read_text(encoding="utf-8"))
    titles = [string for string in constants(code) if re.match(r"\d\. ", string)]
    plays = [node for node in ast.walk(code) if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "play"]
    actions = [string for play in plays for string in constants(play.args[1])]

    assert len(titles) == len(plays) == 4
    assert len(actions) > 4
    assert [line for line in [*titles, *actions, *names] if f" {line} " not in text] == []
    assert re.findall(r"changed=(\d)", text) == ["1", "0", "1", "1"]


def test_the_picture_of_the_quick_start_shows_nothing_of_a_machine() -> None:
    assert re.findall(r"127\.0\.0\.1|localhost:|/\w+/|\.nox|Python|\d s\b", words(picture("quickstart"))) == []


def test_the_picture_of_requests_is_the_one_that_is_drawn_now() -> None:
    assert (PICTURES / "requests.svg").read_text(encoding="utf-8") == requests_picture.picture()


@pytest.mark.parametrize("size", requests_picture.SIZES)
def test_the_picture_of_requests_has_the_numbers_of_the_guide(size: int) -> None:
    table = page("scale").partition("- Nothing to do\n")[2]
    row = re.search(rf"^   \* - {size:,}\n((?:     - .*\n)+)", table, re.MULTILINE)

    assert row
    assert {f"{requests_picture.pages(size):,}", f"{requests_picture.with_new_credentials(size):,}"} <= {
        *re.findall("- (.*)", row[1])
    }


def test_the_picture_of_the_stamp_shows_the_tag_of_the_guide() -> None:
    text = words(picture("stamp"))
    (tag,) = re.findall(r"ansible:v1:[a-z2-7]+\.[a-z2-7]+\.[a-z2-7]+", page("secrets"))
    parts = dict(zip(("key id", "salt", "mac"), tag.removeprefix("ansible:v1:").split(".")))

    assert tag in text.replace(" ", "")
    assert [f"{part}, {len(value)} characters" in text for part, value in parts.items()] == [True] * 3


def test_the_picture_of_a_lost_answer_uses_the_words_of_the_modules() -> None:
    text = words(picture("lost_answer"))
    default = INSTANCE["create_confirm_timeout"]["default"]

    assert f"up to {default} seconds create_confirm_timeout" in text
    assert f"the reason {Reason.RECOVERED.value}." in text
    assert Code.OUTCOME_UNKNOWN.value in text
