# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find a controller's credentials by name, and those that stay attached. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..module_utils._model.errors import BadInput

VAULT = "Vault"
"""A job takes several of this type, one for each vault id. It takes one of any other type."""


def credentials(
    listed: Sequence[Mapping[str, Any]],
    named: Mapping[str, Any],
    organization: int | None = None,
    attached: Sequence[int] = (),
) -> list[int]:
    """Return the ids of the named credentials, then of the attached ones that none of them replaces.

    :param listed: the controller's credentials, as its API returns them
    :param named: credential type to the name of a credential, or to a list of names; an id is a name too
    :param organization: the id of the organization whose credentials win if several have the same name
    :param attached: the ids of the job template's current credentials
    :raises BadInput: no credential has the name, or several have it
    """
    replacements = [_one(listed, kind, name, organization) for kind, names in named.items() for name in _names(names)]
    slots = {_slot(credential) for credential in replacements}
    # Credentials that this user cannot read are not in the listing. The controller's modules leave them attached.
    remaining = [credential for credential in listed if credential["id"] in attached and _slot(credential) not in slots]
    return list(dict.fromkeys(credential["id"] for credential in [*replacements, *remaining]))


def _names(names: Any) -> Iterable[str]:
    """Return names as strings, without those that are unset."""
    values = names if isinstance(names, (list, tuple)) else [names]
    return [str(name) for name in values if name not in ("", None)]


def _type(credential: Mapping[str, Any]) -> str:
    """Return the name of a credential's type."""
    return str(credential["summary_fields"]["credential_type"]["name"])


def _slot(credential: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key of which a job can have only one credential."""
    kind = _type(credential)
    return kind, str(credential["inputs"].get("vault_id", "")) if kind == VAULT else ""


def _one(listed: Iterable[Mapping[str, Any]], kind: str, name: str, organization: int | None) -> Mapping[str, Any]:
    """Return the credential with a name, preferably from the organization."""
    matches = [
        credential
        for credential in listed
        if _type(credential) == kind and name in (credential["name"], str(credential["id"]))
    ]
    # Two accounts, each with its own organization, may use the same names for their credentials.
    for owner in (organization, None):
        matches = [credential for credential in matches if credential["organization"] == owner] or matches
    if not matches:
        raise BadInput(
            'The controller has no credential "{name}" of type "{kind}", or you are not allowed to read it. Check '
            "both names, or create the credential first.",
            name=name,
            kind=kind,
        )
    if len(matches) > 1:
        raise BadInput(
            'The controller has {number} credentials "{name}" of type "{kind}". Rename one, or use the id instead '
            "of the name.",
            number=len(matches),
            name=name,
            kind=kind,
        )
    return matches[0]
