# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens of instances that exist."""

from __future__ import annotations

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import ServiceError
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Desired
from ansible_collections.cloud_elements.platform.plugins.module_utils._query.tokens import read_tokens
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    TOKEN,
    Platform,
    desired,
    problem,
)


def test_an_id_that_no_listing_shows_is_read_by_itself(platform: Platform, client: Client) -> None:
    platform.add()
    platform.add(id=7, name="New", new=True, token="canary-new")
    platform.lag = 1

    assert read_tokens([desired(), Desired(None, id=7)], client) == [TOKEN, "canary-new"]


def test_an_id_that_cannot_be_read_is_no_missing_instance(platform: Platform, client: Client) -> None:
    platform.add()
    platform.once("GET /instances/7", *[problem(500)] * 5)

    with pytest.raises(ServiceError, match="HTTP 500"):
        read_tokens([desired(), Desired(None, id=7)], client)
