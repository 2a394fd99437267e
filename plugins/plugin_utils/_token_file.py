# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and write a file of tokens, encrypted by Ansible Vault. Clear text must stay in memory. Private."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import match_encrypt_vault_id_secret

from ..module_utils._model.errors import BadInput, CloudElementsError
from ..module_utils._model.message import Own
from ._files import check_file
from ._marked_yaml import dump, is_writable, load_yaml, marked

VARIABLE = "cloud_elements_tokens"
"""The variable in the file: element key to name to token."""
MODE = 0o600

Tokens = Mapping[tuple[str, str], str]
"""Element key and name to token."""


class TokenFile:
    """One file, and the vault password that encrypts it.

    :param loader: Ansible's, with the vault passwords of the run
    :param vault_id: selects one of them; None if there is only one
    :raises BadInput: there is no such password
    """

    def __init__(self, loader: Any, path: str, vault_id: str | None) -> None:
        self.path = Path(os.path.realpath(loader.path_dwim(path)))
        self._vault = loader._vault
        self._vault_id, self._secret = _secret(self._vault.secrets or [], vault_id)
        self.tokens: Tokens = {}
        """The tokens in the file."""
        self._is_current = False

    def read(self) -> None:
        """Read the file, if it exists.

        :raises CloudElementsError: it is not a file of tokens, or is encrypted with another password
        """
        check_file("path", self.path, self.path)
        try:
            content = self.path.read_bytes()
            mode = self.path.stat().st_mode & 0o777
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadInput(
                "path {path} cannot be read ({reason}). Correct the path or its permissions.",
                path=self.path,
                reason=Own(error.strerror),
            ) from None
        tokens, used_vault_id, plain = None, "", b""
        with contextlib.suppress(AnsibleError):
            # The text of an error here may contain a part of the file.
            plain, used_vault_id, _secret_used = self._vault.decrypt_and_get_vault_id(content)
            tokens = _parse_tokens(plain)
        if tokens is None:
            raise CloudElementsError(
                "path {path} exists, but is not a token file encrypted with a vault password of this run, so it "
                "was not changed. Use another path, provide the password, or move the file away.",
                path=self.path,
            )
        self.tokens = tokens
        # Earlier versions wrote the file without marks, so a token could be a template.
        self._is_current = used_vault_id == self._vault_id and mode == MODE and plain == _text(tokens).encode()

    def differs(self, tokens: Tokens) -> bool:
        """Return whether the file has to be written to contain these tokens."""
        return not self._is_current or self.tokens != tokens

    def write(self, tokens: Tokens) -> None:
        """Replace the file atomically.

        :raises CloudElementsError: it cannot be written; the old file is unchanged
        """
        encrypted = self._vault.encrypt(_text(tokens), secret=self._secret, vault_id=self._vault_id)
        try:
            _replace(self.path, encrypted)
        except OSError as error:
            raise CloudElementsError(
                "path {path} cannot be written ({reason}). Its directory must exist on the control node, and this "
                "user must be able to write to it.",
                path=self.path,
                reason=Own(error.strerror),
            ) from None


def _secret(secrets: list[Any], vault_id: str | None) -> tuple[str, Any]:
    """Return the id and the vault password to encrypt with."""
    vault_ids = sorted({str(name) for name, _secret in secrets})
    if not vault_ids:
        raise BadInput(
            "The run has no vault password to encrypt the tokens with. Provide one, for example with --vault-id or "
            "a vault credential of the controller."
        )
    if not vault_id and len(vault_ids) > 1:
        raise BadInput(
            "The run has several vault passwords ({names}). Choose one with vault_id.", names=", ".join(vault_ids)
        )
    try:
        name, secret = match_encrypt_vault_id_secret(secrets, vault_id or vault_ids[0])
    except AnsibleError:
        raise BadInput(
            "vault_id is {vault_id}, but the vault passwords of the run are {names}. Use one of these.",
            vault_id=vault_id,
            names=", ".join(vault_ids),
        ) from None
    return str(name), secret


def _parse_tokens(plain: bytes) -> Tokens | None:
    """Return the tokens in the text of a file, or None if it is not a file of tokens."""
    try:
        ((variable, elements),) = load_yaml(plain.decode()).items()
        tokens = {
            (str(element), str(name)): str(token)
            for element, tokens_by_name in elements.items()
            for name, token in tokens_by_name.items()
        }
    except Exception:  # noqa: BLE001  # any error means that it is not a file of tokens
        return None
    return tokens if variable == VARIABLE else None


def _text(tokens: Tokens) -> str:
    """Return the content of the file, in which no token is a template.

    :raises CloudElementsError: a file cannot contain one of the texts
    """
    elements: dict[str, dict[str, str]] = {}
    for (element, name), token in tokens.items():
        if not all(map(is_writable, (element, name, token))):
            raise CloudElementsError(
                "A name or token in the list contains half of a surrogate pair, which cannot be written to a file. "
                "Remove the instance from the list."
            )
        elements.setdefault(element, {})[name] = token
    content = {VARIABLE: {element: marked(tokens_by_name) for element, tokens_by_name in elements.items()}}
    return f"---\n{dump(content, indented=False)}"


def _replace(path: Path, content: bytes) -> None:
    # mkstemp creates it with the mode 0600.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise
