# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection under test, where Ansible finds it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def collections_in(directory: Path) -> Path:
    """Make a place below a directory where Ansible finds the collection, and return it."""
    home = directory / "collections"
    (home / "ansible_collections/cloud_elements").mkdir(parents=True)
    (home / "ansible_collections/cloud_elements/platform").symlink_to(ROOT)
    return home
