# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything is run once, and each test looks at a part of what that left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.leak.evidence import Evidence, collected


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """All runs, and all that they left."""
    with collected(tmp_path_factory.mktemp("leak")) as found:
        yield found
