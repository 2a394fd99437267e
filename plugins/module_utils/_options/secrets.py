# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which of a task's arguments are secrets, whatever else is wrong with them. Private to this collection."""

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
    """Yield every text that is, in raw arguments or in the environment, where a secret belongs."""
    variables = [name for option in SECRET_OPTIONS.values() for name in option.get("fallback", (None, ()))[1]]
    yield from secrets_in(arguments)
    yield from (os.environ[name] for name in variables if name in os.environ)


def _secret_options(spec: Spec) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the options that must not be logged, and those in other options: the specification is the only list."""
    for name, option in spec.items():
        if option.get("no_log"):
            yield name, option
        yield from _secret_options(option.get("options", {}))


SECRET_OPTIONS = dict(_secret_options(INSTANCE))


def secrets_in(arguments: Mapping[str, Any]) -> list[str]:
    """Return every string that is where a secret belongs, in raw or in checked arguments."""
    words = []
    for option, value in arguments.items():
        if option in SECRET_OPTIONS:
            # A dictionary may be given as one text: of that, each value is a secret too.
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
    """Return the secrets that are, by mistake, in the readable configuration."""
    configuration = dictionary(value) if isinstance(value, str) else value
    if not isinstance(configuration, Mapping):
        return _words_of_text(value) if isinstance(value, str) else []
    return [word for key, item in configuration.items() if is_secret(element, str(key)) for word in iter_scalars(item)]


def _words_of_text(text: str) -> list[str]:
    """Return the secrets in a dictionary that is given as one text; of another text, all that looks like a value."""
    arguments = dictionary(text)
    return re.findall(r"=\s*([^\s,]+)", text) if arguments is None else secrets_in(arguments)
