# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""The little of YAML that the tools read, which run with nothing but Python."""

import re
from pathlib import Path


def value(file: Path, key: str) -> str:
    """Return the value of a key at the top of a file."""
    found = re.search(rf"^{key}: (\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise LookupError(f"{file} has no {key}")
    return found.group(1)


def releases(file: Path) -> list[str]:
    """Return the versions of a changelog, the oldest first."""
    found: list[str] = re.findall(r"^  (\d+\.\d+\.\d+):$", file.read_text(encoding="utf-8"), re.MULTILINE)
    # The file has them in the order of the alphabet.
    return sorted(found, key=lambda version: [int(number) for number in version.split(".")])
