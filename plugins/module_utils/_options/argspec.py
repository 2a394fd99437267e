# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check arguments against Ansible's specifications. It must never show a value. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Callable

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict
from ansible.module_utils.errors import ArgumentValueError

from .._model.errors import BadInput
from .._model.message import Message, Own
from .._model.redact import iter_scalars
from .._model.strings import expected_string, kind_of
from .._model.values import parse_json

Spec = dict[str, dict[str, Any]]
Rules = Mapping[str, Any]

MAX_MESSAGES = 10
"""Maximum number of messages about one set of arguments."""
NAME_MAX = 40
"""Characters. A longer name of an unknown option may be a secret in the wrong place."""

_EXACT: dict[str, Any] = {"str": str, "int": int, "bool": bool, "dict": dict, "list": list}
_PLAIN = frozenset({str, int, float, bool, type(None)})
"""The classes of JSON's own scalars. Ansible's strings have other ones."""
_EXPECTED = {
    "str": "a string",
    "path": "a path",
    "int": "a whole number",
    "bool": "true or false",
    "dict": "a dictionary",
    "list": "a list",
}


def plain(value: Any) -> Any:
    """Return the value with JSON types only, as a module gets it: without Ansible's own types, with strings as keys."""
    if value.__class__ in _PLAIN:
        return value
    # A large list consists of strings and dictionaries. Asking for the abstract class takes far longer.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (dict, Mapping)):
        return {key if key.__class__ is str else plain_text(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value if isinstance(value, (bool, int, float)) else plain_text(value)


def plain_text(value: Any) -> str:
    """Return a value as a plain string, in the form of JSON."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    # Since ansible-core 2.19, str() of one of Ansible's own strings is still of that type.
    return value.isoformat() if isinstance(value, date) else str.__str__(str(value))


def dictionary(text: str) -> dict[str, Any] | None:
    """Return the dictionary that Ansible reads from JSON or ``key=value`` text, and None for any other text."""
    try:
        result = check_type_dict(text)
    except Exception:  # noqa: BLE001  # the class of the error differs between releases
        return None
    return plain(result) if isinstance(result, dict) else None


def is_showable_name(name: Any) -> bool:
    """Return whether a name may be shown: it could be the name of an option, and not a secret in the wrong place."""
    return isinstance(name, str) and name.isascii() and name.isidentifier() and len(name) <= NAME_MAX


class Checker:
    """Checks arguments against one specification. Creating a checker takes longer than using it.

    :param spec: as for AnsibleModule
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._exact = _Exact(spec)
        self._validator = ArgumentSpecValidator(spec)

    def __call__(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments with defaults, environment and types by the specification; null and '' are unset.

        :raises BadInput: they do not fit; no value is shown, because it may be a secret in the wrong place
        """
        # Ansible's own check of thousands of items would take longer than the rest of the run, and most do not need it.
        set_arguments = without_unset(self._spec, arguments)
        return self._exact.complete(set_arguments) or self._validated(set_arguments)

    def as_given(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return only the arguments that are set, with the types of the specification.

        Defaults and environment are left to the machine where the module runs, and so is a path.

        :raises BadInput: they do not fit
        """
        set_arguments = without_unset(self._spec, arguments)
        return _without_defaults(self._spec, _structured(self._spec, set_arguments), self(set_arguments))

    def _validated(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        structured = _structured(self._spec, arguments)
        if not any(_Refusals(_misshape).of(self._spec, structured)):
            # Ansible's check copies its input, which takes long for a list of thousands of dictionaries.
            lists = {name: value for name, value in structured.items() if _is_free_list(self._spec[name])}
            result = self._validator.validate({**structured, **{name: [] for name in lists}})
            if not result.errors.errors:
                return {**result.validated_parameters, **lists}
        # Ansible's errors have no attributes, and their texts contain values. So the options are checked one by one,
        # and only the class of each error is used.
        messages = _Refusals(_misfit, frozenset(iter_scalars(structured))).of(self._spec, structured)
        unique_messages = [*{str(message): message for message in messages}.values()]
        if not unique_messages:
            raise BadInput("Ansible does not accept this combination of options.")
        more = (
            [Message("and {count} more", count=len(unique_messages) - MAX_MESSAGES)]
            if len(unique_messages) > MAX_MESSAGES
            else []
        )
        raise BadInput(Message.joined([*unique_messages[:MAX_MESSAGES], *more]))


def _structured(spec: Spec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without nulls, which would replace defaults, and with dictionaries and lists parsed."""
    return {name: _structure(spec.get(name, {}), value) for name, value in arguments.items() if value is not None}


def _structure(rules: Rules, value: Any) -> Any:
    kind = rules.get("type")
    if kind == "dict" and isinstance(value, str):
        parsed_value = dictionary(value)
        value = value if parsed_value is None else parsed_value
    if kind == "list" and rules.get("elements") != "dict":
        value = _to_list(value)
    if kind == "list" and isinstance(value, list):
        return [_structure({**rules, "type": rules.get("elements")}, item) for item in value]
    return _structured(rules["options"], value) if "options" in rules and isinstance(value, Mapping) else value


def _to_list(value: Any) -> Any:
    """Return the list for a value that is one string or the only item. Return any other value unchanged."""
    if isinstance(value, int) and not isinstance(value, bool):
        return [str(value)]
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return [part.strip() for part in value.split(",")]
    # Up to ansible-core 2.18, Ansible turns such a string into a list. Splitting it at the commas would cut its items.
    items = parse_json(value)
    return items if isinstance(items, list) else value


def _without_defaults(spec: Spec, arguments: Mapping[str, Any], checked_arguments: Mapping[str, Any]) -> dict[str, Any]:
    result = {}
    for name, value in arguments.items():
        rules = spec[name]
        if "options" in rules and rules["type"] == "dict":
            result[name] = _without_defaults(rules["options"], value, checked_arguments[name])
        else:
            result[name] = value if rules["type"] == "path" else checked_arguments[name]
    return result


def without_unset(spec: Spec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that are set.

    Null and an empty string are unset: surveys and role defaults pass an empty string for an unset option, and it would
    replace a default, the environment or module_defaults. An empty dictionary is unset only if all of its options have
    another source. An empty list is always set, because it means that there are no items.
    """
    set_arguments = {}
    for name, value in arguments.items():
        rules = spec.get(name)
        has_options = rules and "options" in rules and isinstance(value, Mapping)
        cleaned = _without_unset_options(rules["options"], value) if rules and has_options else value
        if not _is_unset(rules, cleaned):
            set_arguments[name] = cleaned
    return set_arguments


def _is_unset(rules: Mapping[str, Any] | None, value: Any) -> bool:
    if value is None or rules is None:
        return value is None
    return value == "" or (value == {} and "apply_defaults" in rules)


def _without_unset_options(spec: Spec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the suboptions that are set. '' is a value, unless an environment variable can replace it."""
    return {
        name: value
        for name, value in arguments.items()
        if value is not None and not (value == "" and "fallback" in spec.get(name, ()))
    }


class _Exact:
    """Completes arguments whose types are exactly those of a specification. It looks at the given options only."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._defaults = {option: rules.get("default") for option, rules in spec.items()}
        self._needed = frozenset(
            option
            for option, rules in spec.items()
            if rules.get("required") or "fallback" in rules or "apply_defaults" in rules
        )
        self._inner = {option: _Exact(rules["options"]) for option, rules in spec.items() if "options" in rules}

    def complete(self, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the arguments with defaults, and None if in doubt.

        :param arguments: without those that are unset
        """
        if not self._needed <= arguments.keys() <= self._spec.keys():
            return None
        if not all(_is_exact(self._spec[option], value) for option, value in arguments.items()):
            return None
        complete = {**self._defaults, **arguments}
        for option in self._inner.keys() & arguments.keys():
            inner = self._inner[option].complete(arguments[option])
            if inner is None:
                return None
            complete[option] = inner
        return complete


def _is_exact(rules: Rules, value: Any) -> bool:
    """Return whether a value has exactly the specified type, and is one of the choices."""
    if value.__class__ is not _EXACT.get(rules["type"]) or ("choices" in rules and value not in rules["choices"]):
        return False
    return rules["type"] != "list" or all(item.__class__ is _EXACT.get(rules["elements"]) for item in value)


def _is_free_list(rules: Rules) -> bool:
    """Return whether an option is a list of dictionaries with any keys."""
    return rules["type"] == "list" and rules.get("elements") == "dict" and "options" not in rules


@dataclass(frozen=True)
class _Refusals:
    """Builds a message for each option that does not fit.

    :param wrong: returns what the value of an option must be, or '' if it fits
    :param values: strings that must not be shown as the name of an unknown option
    """

    wrong: Callable[[Rules, Any], str]
    values: frozenset[str] = frozenset()

    def of(self, spec: Spec, arguments: Mapping[str, Any], prefix: str = "") -> Iterator[Message]:
        """Yield a message for each option that does not fit.

        :param prefix: the path of the options that contain these, with a dot at the end
        """
        for name in sorted(arguments.keys() - spec.keys(), key=str):
            yield self._unknown(name, spec, prefix)
        for option, rules in spec.items():
            value, path = arguments.get(option), f"{prefix}{option}"
            if value is not None:
                yield from self._of_one(path, rules, value)
            elif rules.get("required"):
                choices = f"choose one of {', '.join(rules['choices'])}" if "choices" in rules else "set it"
                yield Message("{path} is missing: {choices}.", path=Own(path), choices=Own(choices))

    def _of_one(self, path: str, rules: Rules, value: Any) -> Iterator[Message]:
        expected = self.wrong(rules, value)
        if expected:
            yield Message("{path} must be {expected}.", path=Own(path), expected=Own(expected))
        elif "options" in rules and isinstance(value, Mapping):
            yield from self.of(rules["options"], value, f"{path}.")
        elif "elements" in rules and isinstance(value, list):
            inner = {**rules, "type": rules["elements"]}
            del inner["elements"]
            for number, item in enumerate(value):
                yield from self._of_one(f"{path}[{number}]", inner, item)

    def _unknown(self, name: Any, spec: Spec, prefix: str) -> Message:
        choices = ", ".join(sorted(spec))
        if name in self.values or not is_showable_name(name):
            return Message(
                "unsupported option {place}. Its name is not shown, because it may be a secret. Choose from {choices}.",
                place=Own(f"in {prefix[:-1]}" if prefix else "here"),
                choices=Own(choices),
            )
        full_name = Message("{prefix}{name}", prefix=Own(prefix), name=name)
        similar = _similar(name.lower(), spec)
        if similar:
            suggestion = Own(prefix + similar)
            return Message(
                "unsupported option: {full_name}. Did you mean {suggestion}?",
                full_name=full_name,
                suggestion=suggestion,
            )
        return Message(
            "unsupported option: {full_name}. Choose from {choices}.", full_name=full_name, choices=Own(choices)
        )


def _similar(name: str, spec: Spec) -> str:
    """Return the option that is most similar to a lower-case name, or ''.

    A suboption with this name comes first, because a user may have put it next to the option that contains it.
    """
    inner = (f"{option}.{name}" for option, rules in spec.items() if name in rules.get("options", ()))
    return next(inner, "") or next(iter(get_close_matches(name, spec, 1)), "")


def _misshape(rules: Rules, value: Any) -> str:
    """Return what the value must be if a dictionary, list or scalar is in the place of another, or ''.

    Ansible would accept a dictionary as a string in Python's form, and split a string into a list at each comma.
    """
    kind = rules["type"]
    expected = "a list of dictionaries" if (kind, rules.get("elements")) == ("list", "dict") else _EXPECTED[kind]
    if kind == "dict":
        is_wrong = not isinstance(value, Mapping)
    elif kind == "list":
        is_wrong = not isinstance(value, list)
    else:
        is_wrong = value is None or isinstance(value, (Mapping, list, tuple))
    if not is_wrong:
        return expected_string(value, rules.get("no_log", False)) if kind == "str" and "choices" not in rules else ""
    advice = ": convert it with the filter from_json or from_yaml" if isinstance(value, str) else ""
    return f"{expected}, not {kind_of(value)}{advice}"


def _misfit(rules: Rules, value: Any) -> str:
    """Return what the value must be, or '' if it fits."""
    expected = _misshape(rules, value)
    if expected or rules["type"] in ("dict", "list"):
        return expected
    alone = {"option": {name: rules[name] for name in ("type", "choices") if name in rules}}
    errors = ArgumentSpecValidator(alone).validate({"option": value}).errors.errors
    if any(isinstance(error, ArgumentValueError) for error in errors):
        return f"one of {', '.join(rules['choices'])}"
    return _EXPECTED[rules["type"]] if errors else ""
