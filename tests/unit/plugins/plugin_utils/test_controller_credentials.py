# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which credentials of a controller a name means, and which ones stay attached."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.cloud_elements.platform.plugins.filter.controller_credentials import controller_credentials
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import BadInput
from ansible_collections.cloud_elements.platform.plugins.plugin_utils._controller_credentials import credentials

ACME, BETA = 1, 2


def credential(number: int, kind: str, name: str, organization: int | None = None, **inputs: str) -> dict[str, Any]:
    summary = {"credential_type": {"name": kind}}
    return {"id": number, "name": name, "organization": organization, "inputs": inputs, "summary_fields": summary}


LISTED = [
    credential(11, "AutoTask", "Production", ACME),
    credential(12, "AutoTask", "Production", BETA),
    credential(13, "Act! 365", "Production"),
    credential(14, "Vault", "First", vault_id="first"),
    credential(15, "Vault", "Second", vault_id="second"),
    credential(16, "Vault", "Other first", vault_id="first"),
    credential(17, "AutoTask", "Old"),
    credential(18, "Galaxy", "Public"),
    credential(19, "Galaxy", "Public", BETA),
]


@pytest.mark.parametrize(
    ("named", "organization", "ids"),
    [
        ({"AutoTask": "Production"}, ACME, [11]),
        ({"AutoTask": "Production"}, BETA, [12]),
        ({"AutoTask": "12"}, ACME, [12]),
        ({"AutoTask": 12}, ACME, [12]),
        ({"Act! 365": "Production"}, ACME, [13]),
        # The one that belongs to all organizations comes before that of another one.
        ({"Galaxy": "Public"}, ACME, [18]),
        ({"Galaxy": "Public"}, BETA, [19]),
        ({"Vault": ["Second", "First"]}, None, [15, 14]),
        ({"Vault": ["First", "First"], "AutoTask": "Old"}, None, [14, 17]),
        ({"AutoTask": "", "Vault": [], "Act! 365": None}, ACME, []),
        ({}, ACME, []),
    ],
)
def test_a_name_means_the_credential_of_the_type_in_the_organization(
    named: dict[str, Any], organization: int | None, ids: list[int]
) -> None:
    assert credentials(LISTED, named, organization) == ids


@pytest.mark.parametrize(
    ("named", "attached", "ids"),
    [
        ({"AutoTask": "Old"}, [11, 13], [17, 13]),
        ({"AutoTask": "Old"}, [17], [17]),
        ({"Vault": "First"}, [16, 15], [14, 15]),
        ({}, [11, 14], [11, 14]),
        # Nobody who cannot read a credential can attach or remove it.
        ({"AutoTask": "Old"}, [99], [17]),
    ],
)
def test_an_attached_credential_stays_unless_another_of_its_type_is_named(
    named: dict[str, Any], attached: list[int], ids: list[int]
) -> None:
    assert credentials(LISTED, named, ACME, attached) == ids


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"Autotask": "Old"}, 'no credential "Old" of type "Autotask"'),
        ({"AutoTask": "old"}, 'no credential "old" of type "AutoTask"'),
        ({"AutoTask": "Production"}, '2 credentials "Production" of type "AutoTask"'),
    ],
)
def test_a_name_that_means_none_or_several_is_refused(named: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        credentials(LISTED, named, 3)
    with pytest.raises(AnsibleFilterError, match=sentence):
        controller_credentials(LISTED, named, 3)


def test_ids_may_be_strings_as_old_releases_of_ansible_core_make_them() -> None:
    assert controller_credentials(LISTED, {"AutoTask": "Production"}, "2", ["13"]) == [12, 13]
    assert controller_credentials(LISTED, {"AutoTask": "Old"}, "") == [17]
