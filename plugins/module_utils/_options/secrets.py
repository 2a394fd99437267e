# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find the secrets in a task's arguments, even if the arguments are wrong. Private to this collection."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._model.element import is_secret
from .._model.redact import iter_scalars
from .argspec import Spec, dictionary
from .specs import INSTANCE


def secret_words(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Yield every string in raw arguments or in the environment that is in the place of a secret."""
    variables = [name for option in SECRET_OPTIONS.values() for name in option.get("fallback", (None, ()))[1]]
    yield from secrets_in(arguments)
    yield from (os.environ[name] for name in variables if name in os.environ)


def _secret_options(spec: Spec) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the options that must not be logged, including suboptions. The specification is the only list of them."""
    for name, option in spec.items():
        if option.get("no_log"):
            yield name, option
        yield from _secret_options(option.get("options", {}))


SECRET_OPTIONS = dict(_secret_options(INSTANCE))


def secrets_in(arguments: Mapping[str, Any]) -> list[str]:
    """Return every string in the place of a secret, in raw or in checked arguments."""
    words = []
    for option, value in arguments.items():
        if option in SECRET_OPTIONS:
            # A dictionary may be one string. Then each of its values is a secret as well.
            is_text = isinstance(value, str) and SECRET_OPTIONS[option]["type"] == "dict"
            words += [*iter_scalars(value), *(iter_scalars(dictionary(value)) if is_text else ())]
        elif option == "configuration":
            words += _words_of_configuration(value, str(arguments.get("element") or ""))
        elif isinstance(value, Mapping):
            words += secrets_in(value)
        elif option == "instances" and isinstance(value, (list, tuple)):
            items = (dictionary(item) if isinstance(item, str) else item for item in value)
            words += [word for item in items if isinstance(item, Mapping) for word in secrets_in(item)]
        elif isinstance(value, str) and INSTANCE.get(option, {}).get("type") == "dict":
            words += _words_of_text(value)
    return words


def _words_of_configuration(value: Any, element: str) -> list[str]:
    """Return the secrets that are in the readable configuration by mistake."""
    configuration = dictionary(value) if isinstance(value, str) else value
    if not isinstance(configuration, Mapping):
        return _words_of_text(value) if isinstance(value, str) else []
    return [word for key, item in configuration.items() if is_secret(element, str(key)) for word in iter_scalars(item)]


def _words_of_text(text: str) -> list[str]:
    """Return the secrets in a dictionary that is one string. In any other string, return everything like a value."""
    arguments = dictionary(text)
    return re.findall(r"=\s*([^\s,]+)", text) if arguments is None else secrets_in(arguments)
