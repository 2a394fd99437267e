# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the vendor profiles to the files that repeat them. With `--check`, only name the files that are out of date."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
import playbook_texts
import vendor_texts

from plugins.module_utils._model.vendors import VENDORS

BEGIN, END = "# Vendors: written by tools/vendor_docs.py", "# Vendors: end"
ROLE, CONTROLLER = "roles/instances", "extensions/controller"
LIFE_CYCLE = "tests/integration/targets/ce_instance/tasks/life_cycle.yml"
FORMS = {
    "authenticate": vendor_texts.questions_to_authenticate,
    "rotate": vendor_texts.questions_to_rotate,
}
WITH_EVERY_TYPE = ("drift", "export", "provision")
"""The job templates that may have a credential of each vendor."""


@dataclass(frozen=True)
class Part:
    """The generated blocks of a file, in their order. Each is between two marker lines with any indentation."""

    file: str
    blocks: Sequence[str]
    begin: str = BEGIN
    end: str = END

    def in_place(self, whole: str) -> str:
        """Return the text of the file with these blocks in their places, each indented like its end marker."""
        lines = whole.splitlines(keepends=True)
        places = list(zip(self.blocks, self._marked(lines, self.begin), self._marked(lines, self.end), strict=True))
        for block, first, last in reversed(places):
            margin = lines[last][: -len(lines[last].lstrip())]
            lines[first + 1 : last] = [indent(block, margin)]
        return "".join(lines)

    def _marked(self, lines: list[str], mark: str) -> list[int]:
        found = [number for number, line in enumerate(lines) if line.strip() == mark]
        if len(found) != len(self.blocks):
            sys.exit(f"{self.file} has {len(found)} instead of {len(self.blocks)} lines that read: {mark}")
        return found


def whole_files() -> Mapping[str, str]:
    """Return the files that are generated as a whole."""
    types = {f"{CONTROLLER}/credential_types/{option}.yml": vendor for option, vendor in VENDORS.items()}
    return {
        "plugins/doc_fragments/vendors.py": vendor_texts.doc_fragment(),
        **{file: vendor_texts.credential_type(vendor) for file, vendor in types.items()},
    }


def parts() -> Iterator[Part]:
    """Yield the generated blocks of all other files."""
    yield Part(f"{ROLE}/meta/argument_specs.yml", [vendor_texts.argument_specs()])
    yield Part(f"{ROLE}/defaults/main.yml", [vendor_texts.lines_for_each("instances_<option>: {}")])
    for file in ("look", "apply", "events"):
        handed_on = vendor_texts.lines_for_each('<option>: "{{ instances_<option> }}"')
        yield Part(f"{ROLE}/tasks/{file}.yml", [handed_on])
    yield Part(LIFE_CYCLE, [vendor_texts.lines_for_each('<option>: "{{ credentials.<option> | default(omit) }}"')])
    yield Part("playbooks/authenticate.yml", playbook_texts.to_authenticate())
    yield Part("playbooks/rotate.yml", playbook_texts.to_rotate())
    for name in WITH_EVERY_TYPE:
        yield Part(f"{CONTROLLER}/job_templates/{name}.yml", [vendor_texts.lines_for_each("- <title>")])
    yield Part(
        "docs/docsite/rst/guide_controller.rst",
        [vendor_texts.rows_of_types()],
        begin=":ansenvvar:`CLOUD_ELEMENTS_BASE_URL`",
        end="* - Cloud Elements stamp key",
    )
    for option, vendor in VENDORS.items():
        for name, questions in FORMS.items():
            file = f"{CONTROLLER}/job_templates/{name}_{option}.yml"
            # Not every vendor has forms.
            if (ROOT / file).exists():
                yield Part(file, [questions(vendor)])


def wanted_texts() -> Mapping[str, str]:
    """Return the content that each file should have."""
    texts = {part.file: part.in_place((ROOT / part.file).read_text(encoding="utf-8")) for part in parts()}
    return {**whole_files(), **texts}


def out_of_date() -> Mapping[str, str]:
    """Return the files whose content differs, with the content that they should have."""
    return different(wanted_texts())


def different(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return those of these texts that are not the content of their files."""
    return {file: text for file, text in texts.items() if _read_text(ROOT / file) != text}


def _read_text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def write_or_check(arguments: list[str], changed: Mapping[str, str], command: str = "vendor_docs.py") -> None:
    """Write the changed files, or with `--check` fail if there are any. Name them."""
    if arguments not in ([], ["--check"]):
        sys.exit(f"usage: {command} [--check]")
    for file in changed:
        print(f"{file}: {'out of date' if arguments else 'written'}")
    if arguments and changed:
        sys.exit(f"Run python tools/{command}, and commit what it writes.")
    for file, text in changed.items():
        (ROOT / file).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / file).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Write or check the files, and name those that were out of date."""
    write_or_check(arguments, out_of_date())


if __name__ == "__main__":
    main(sys.argv[1:])
