# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..module_utils._api.client import Client
from ..module_utils._engine.find import refuse_duplicates
from ..module_utils._model.errors import Conflict
from ..module_utils._model.instance import Actual, Desired
from ..module_utils._model.message import Message, Own, names_of
from ..module_utils._model.redact import Guarded, register
from ..module_utils._model.release import Lines
from ..module_utils._options.connection import connect
from ..module_utils._options.lists import identities_from_list
from ..module_utils._options.specs import TOKEN_FILE
from ..module_utils._query.tokens import match_all, read_token
from ..plugin_utils._actions import InProcessAction, ListContext
from ..plugin_utils._token_file import TokenFile, Tokens

MAX_NAMES = 50
"""Maximum number of instances that a message names."""
ROOM = 1500
"""Characters for these names. A name can be as long as the platform allows."""


class ActionModule(InProcessAction):
    SPEC = TOKEN_FILE

    def work(self, arguments: Mapping[str, Any], context: ListContext) -> dict[str, Any]:
        desired_items, params = identities_from_list(arguments)
        refuse_duplicates(desired_items)
        file = TokenFile(self._loader, params["path"], params["vault_id"])
        file.read()
        client = connect(params, context.tokens)
        matches = list(zip(desired_items, match_all(desired_items, client)))
        missing = [desired for desired, actual in matches if actual is None]
        missing_labels = [_guard(desired.label, desired, client) for desired in missing]
        short_labels = [_guard(desired.short_label, desired, client) for desired in missing[:MAX_NAMES]]
        names = names_of(short_labels, len(missing), ROOM)
        if missing and not self._task.check_mode:
            raise Conflict(
                "{missing} of {total} instances do not exist: {names}. Create them first, or remove them from the list."
                " {path} was not changed.",
                missing=len(missing),
                total=len(desired_items),
                names=names,
                path=file.path,
            )
        existing = [(desired, actual) for desired, actual in matches if actual]
        tokens = _tokens([actual for _desired, actual in existing], client)
        changed = bool(missing) or file.differs(tokens)
        if changed and not self._task.check_mode:
            file.write(tokens)
        views = [
            _guard({"name": actual.name, "element": actual.element, "id": actual.id}, desired, client)
            for desired, actual in existing
        ]
        result: dict[str, Any] = {
            "changed": changed,
            "path": str(file.path),
            "instances": views,
            "missing": missing_labels,
        }
        if missing:
            result["msg"] = Message(
                "{missing} of {total} instances do not exist yet: {names}.",
                missing=len(missing),
                total=len(desired_items),
                names=names,
            )
        if changed and self._task.diff:
            # Each label is redacted with the secrets of its own item.
            labels = {key: _label(actual, desired, client) for key, (desired, actual) in zip(tokens, existing)}
            not_there = [Message("{label}: does not exist yet", label=label) for label in missing_labels]
            result["diff"] = {
                "before_header": str(file.path),
                "after_header": str(file.path),
                "before": Lines(_lines(file.tokens, file.tokens, labels)),
                "after": Lines([*_lines(tokens, file.tokens, labels), *not_there]),
            }
        return {**result, **({"warnings": sorted(client.warnings)} if client.warnings else {})}


def _tokens(instances: Sequence[Actual], client: Client) -> Tokens:
    tokens: dict[tuple[str, str], str] = {}
    for actual in instances:
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


def _guard(value: Any, desired: Desired, client: Client) -> Guarded:
    return Guarded(value, client.with_secrets(*desired.secret_texts).redactor)


def _label(actual: Actual, desired: Desired, client: Client) -> Guarded:
    return _guard(Message('{element} "{name}"', element=actual.element, name=actual.name), desired, client)


def _lines(tokens: Tokens, before: Tokens, labels: Mapping[tuple[str, str], Guarded]) -> Iterator[Message]:
    """Yield a line for each token, and whether the token is new."""
    for key in sorted(tokens):
        element, name = key
        label = labels.get(key, Message('{element} "{name}"', element=element, name=name))
        change = ": new token" if before.get(key, tokens[key]) != tokens[key] else ""
        yield Message("{label}{change}", label=label, change=Own(change))
