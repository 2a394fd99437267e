# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a controller refuses: the rules for credential types, surveys, schedules and job templates, as pure functions.

Each returns what is wrong, in words; nothing is good. They are AWX 24.6.1's rules, written down again: that they are
all of them is an assumption.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from awx_plugins.interfaces._temporary_private_inject_api import ENV_BLOCKLIST
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FIELD_KEYS = {"id", "label", "type", "help_text", "secret", "multiline", "format", "choices", "default"}
TYPES_OF_DEFAULTS: Mapping[str, type] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": float,
}


def credential_type(body: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a credential type."""
    inputs, injectors = body.get("inputs") or {}, body.get("injectors") or {}
    return [*_kind(body), *_inputs(inputs), *_injectors(injectors, [field.get("id") for field in inputs["fields"]])]


def _kind(body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("kind") not in ("cloud", "net"):
        yield f"kind {body.get('kind')} is for the controller's own types"


def _inputs(inputs: Mapping[str, Any]) -> Iterator[str]:
    if unknown := set(inputs) - {"fields", "required"}:
        yield f"inputs: unknown {sorted(unknown)}"
    ids = [field.get("id") for field in inputs["fields"]]
    if len(set(ids)) < len(ids):
        yield "fields must have unique ids"
    if lost := set(inputs.get("required", ())) - set(ids):
        yield f"required: no fields {sorted(lost)}"
    for field in inputs["fields"]:
        yield from _field(field)
        if field.get("format") == "url" and field["id"] not in inputs.get("required", ()):
            yield f"field {field['id']}: a URL that may be left out is refused when it is empty"


def _field(field: Mapping[str, Any]) -> Iterator[str]:
    if lacking := {"id", "label", "type"} - set(field):
        yield f"field {field.get('id')}: lacks {sorted(lacking)}"
    if unknown := set(field) - FIELD_KEYS:
        yield f"field {field.get('id')}: unknown {sorted(unknown)}"
    if field.get("type") not in ("string", "boolean"):
        yield f"field {field.get('id')}: type {field.get('type')}"
    if field.get("format", "url") not in ("url", "ssh_private_key"):
        yield f"field {field.get('id')}: format {field['format']}"
    if not NAME.fullmatch(str(field.get("id"))) or field.get("id") == "tower":
        yield f"field {field.get('id')}: not a name that can be used"


def _injectors(injectors: Mapping[str, Any], ids: list[str]) -> Iterator[str]:
    if unknown := set(injectors) - {"env", "extra_vars", "file"}:
        yield f"injectors: unknown {sorted(unknown)}"
    for name, text in injectors.get("env", {}).items():
        if not NAME.fullmatch(name) or name.startswith("ANSIBLE_") or name in ENV_BLOCKLIST:
            yield f"{name}: not a variable that may be set"
        try:
            ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(dict.fromkeys(ids, "x"))
        except TemplateError as error:
            yield f"{name}: {error}"


def survey(body: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a survey."""
    return [*_survey(body)]


def _survey(body: Mapping[str, Any]) -> Iterator[str]:
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(body.get(key), kind):
            yield f"survey: {key} is missing or no {kind.__name__}"
    variables = [question.get("variable") for question in body.get("spec", ())]
    if len(set(variables)) < len(variables):
        yield "survey: two questions set one variable"
    for question in body.get("spec", ()):
        yield from _question(question)


def _question(question: Mapping[str, Any]) -> Iterator[str]:
    about, kind = f"question {question.get('variable')}", question.get("type", "")
    for key, expected in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(key), expected):
            yield f"{about}: {key} is missing or no {expected.__name__}"
    if kind not in TYPES_OF_DEFAULTS:
        yield f"{about}: type {kind}"
        return
    yield from _default(question, about)
    for key in ("min", "max"):
        if not isinstance(question.get(key, 0), (int, type(None))):
            yield f"{about}: {key} is no number"


def _default(question: Mapping[str, Any], about: str) -> Iterator[str]:
    kind, default = question["type"], question.get("default", "")
    if default != "" and not isinstance(default, TYPES_OF_DEFAULTS[kind]):
        yield f"{about}: default {default} is no {kind}"
    if kind.startswith("multi"):
        if not isinstance(question.get("choices"), list):
            yield f"{about}: choices are missing"
        elif default != "" and not set(default.split("\n")) <= set(question["choices"]):
            yield f"{about}: default {default} is no choice"


def schedule(body: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a schedule."""
    return [*_schedule(body)]


def _schedule(body: Mapping[str, Any]) -> Iterator[str]:
    rule = str(body.get("rrule"))
    start, repeat = [*rule.split(" ", 1), ""][:2]
    if not re.fullmatch(r"DTSTART(;TZID=[A-Za-z_/]+)?:\d{8}T\d{6}Z?", start):
        yield f"rrule {rule}: begins with no DTSTART"
    elif ("TZID" in start) == start.endswith("Z"):
        yield f"rrule {rule}: the time needs either a zone or a Z"
    parts = dict(part.split("=", 1) for part in repeat.removeprefix("RRULE:").split(";") if "=" in part)
    if not repeat.startswith("RRULE:") or "INTERVAL" not in parts:
        yield f"rrule {rule}: RRULE or INTERVAL is missing"
    if parts.get("FREQ") not in ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        yield f"rrule {rule}: FREQ"
    if "unified_job_template" not in body:
        yield "schedule: of no template"


def job_template(body: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a job template."""
    return [*_job_template(body)]


def _job_template(body: Mapping[str, Any]) -> Iterator[str]:
    for key in ("name", "project", "playbook"):
        if not body.get(key):
            yield f"job template: {key} is missing"
    if "inventory" not in body and not body.get("ask_inventory_on_launch"):
        yield "job template: inventory is missing"
    if body.get("job_type", "run") not in ("run", "check"):
        yield f"job template: job_type {body['job_type']}"
    try:
        json.loads(body.get("extra_vars", "{}"))
    except ValueError:
        yield "job template: extra_vars"
