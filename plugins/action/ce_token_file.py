# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._api.client import Client
from ..module_utils._engine.find import refuse_duplicates
from ..module_utils._model.errors import Conflict
from ..module_utils._model.instance import Actual, Desired
from ..module_utils._model.message import some_of
from ..module_utils._model.redact import one_line, register
from ..module_utils._options.connection import connect
from ..module_utils._options.lists import identities_from_list
from ..module_utils._options.specs import TOKEN_FILE
from ..module_utils._query.tokens import match_all, read_token
from ..plugin_utils._in_process import InProcessAction
from ..plugin_utils._token_file import TokenFile, Tokens

SHOWN = 50
"""How many instances a sentence names."""


class ActionModule(InProcessAction):
    SPEC = TOKEN_FILE

    def work(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        desired_items, params = identities_from_list(arguments)
        refuse_duplicates(desired_items)
        file = TokenFile(self._loader, params["path"], params["vault_id"])
        file.read()
        client = connect(params)
        matches = match_all(desired_items, client)
        missing = [_shown(desired, client) for desired, actual in zip(desired_items, matches) if actual is None]
        if missing and not self._task.check_mode:
            raise Conflict(
                "{missing} of {total} instances do not exist: {names}. Create them first, or remove them from the list."
                " {path} was not changed.",
                missing=len(missing),
                total=len(desired_items),
                names=some_of(missing, SHOWN),
                path=file.path,
            )
        tokens = _tokens([actual for actual in matches if actual], client)
        changed = bool(missing) or file.differs(tokens)
        if changed and not self._task.check_mode:
            file.write(tokens)
        views = [_view(desired, actual, client) for desired, actual in zip(desired_items, matches) if actual]
        result: dict[str, Any] = {"changed": changed, "path": str(file.path), "instances": views, "missing": missing}
        if missing:
            result["msg"] = (
                f"{len(missing)} of {len(desired_items)} instances do not exist yet: {some_of(missing, SHOWN)}."
            )
        if changed and self._task.diff:
            # Each name is without the secrets of its own item.
            shown = {key: (view["element"], view["name"]) for key, view in zip(tokens, views)}
            result["diff"] = {
                "before_header": str(file.path),
                "after_header": str(file.path),
                "before": client.redactor.redact_text(_lines(file.tokens, file.tokens, shown)),
                "after": client.redactor.redact_text(_lines(tokens, file.tokens, shown) + _not_there(missing)),
            }
        return {**result, **({"warnings": sorted(client.warnings)} if client.warnings else {})}


def _tokens(there: Sequence[Actual], client: Client) -> Tokens:
    tokens: dict[tuple[str, str], str] = {}
    for actual in there:
        key = (actual.element, actual.name)
        if key in tokens:
            raise Conflict(
                '{element} "{name}": The list has several instances with this element and name, but the file can '
                "store only one token for them. Rename one of them, or write a second file.",
                element=actual.element,
                name=actual.name,
            )
        tokens[key] = read_token(actual, client)
    register(tokens.values())
    return tokens


def _shown(desired: Desired, client: Client) -> str:
    return one_line(desired.label.cleaned(client.with_secrets(*desired.secret_texts).redactor.redact_text))


def _view(desired: Desired, actual: Actual, client: Client) -> dict[str, Any]:
    redactor = client.with_secrets(*desired.secret_texts).redactor
    view: dict[str, Any] = redactor.redact({"name": actual.name, "element": actual.element, "id": actual.id})
    return view


def _lines(tokens: Tokens, before: Tokens, shown: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    """Return which tokens there are, and which are others than before."""
    lines = []
    for key in sorted(tokens):
        element, name = map(one_line, shown.get(key, key))
        lines.append(f'{element} "{name}"{": new token" if before.get(key, tokens[key]) != tokens[key] else ""}\n')
    return "".join(lines)


def _not_there(missing: Sequence[str]) -> str:
    return "".join(f"{shown}: does not exist yet\n" for shown in missing)
