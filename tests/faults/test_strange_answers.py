# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that no server should give: each ends in a correct reading or in a sentence, and never in a traceback."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import CloudElementsError, failure
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.table import AUTOTASK, CHANGED, KNOWN, STALE
from tests.faults.world import GOOD, STAMP_KEY, Ended, World

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(("", "0", "-1", "12", "1e400", "\ud800", "\0", STAMP_KEY, "ansible:v1:", "********")),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
)
KEYS = (
    *("id", "name", "element", "tags", "disabled", "valid", "eventsEnabled", "configuration", "createdDate", "token"),
    *("key", "type", "required", "defaultValue", "requestId", "message", "providerMessage"),
)
INSTANCE = {
    "id": 7,
    "name": "Acme",
    "element": {"key": "examplebasic"},
    "tags": ["one"],
    "disabled": False,
    "valid": True,
    "eventsEnabled": False,
    "configuration": {"username": "example", "password": "********"},
    "createdDate": "2026-01-02T03:04:05Z",
    "token": "canary",
}
ELEMENT = {"key": "examplebasic", "configuration": [{"key": "username", "type": "TEXTFIELD_128", "required": True}]}
ERROR = {"requestId": "5b04a3c1f6d27e9081b2c3d4", "message": f"No {STAMP_KEY} found", "providerMessage": "none"}


@st.composite
def bent(draw: st.DrawFn, body: Any) -> Any:
    """Draw a body with some of its values replaced or taken away."""
    copy = json.loads(json.dumps(body))
    for _bend in range(draw(st.integers(1, 3))):
        place = copy[0] if isinstance(copy, list) and copy else copy
        while isinstance(place, dict) and draw(st.booleans()):
            inner = [value for value in place.values() if isinstance(value, dict) and value]
            place = draw(st.sampled_from(inner)) if inner else None
        if isinstance(place, dict):
            key = draw(st.sampled_from((*place, *KEYS)))
            place[key] = draw(ANYTHING)
            if draw(st.booleans()):
                del place[key]
    return copy


BODIES = st.one_of(ANYTHING, *(bent(body) for body in (INSTANCE, [INSTANCE], ELEMENT, ERROR)))
RAW = st.one_of(
    BODIES.map(lambda body: json.dumps(body).encode("utf-8", "surrogatepass")),
    st.binary(max_size=40),
    BODIES.map(lambda body: json.dumps(body).encode("utf-16")),
    BODIES.map(lambda body: json.dumps(body, ensure_ascii=False).encode("latin-1", "replace")),
)
HEADERS = st.dictionaries(
    st.sampled_from(("elements-total-count", "elements-next-page-token", "Retry-After", "Content-Type", "Location")),
    st.one_of(
        st.sampled_from(("", "0", "-1", "1e9", "9" * 30, "text/html")),
        st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=5),
    ),
    max_size=2,
)
STATUSES = st.sampled_from((200, 200, 200, 201, 204, 302, 400, 401, 404, 418, 429, 500, 503))
PLACES: Mapping[str, tuple[str, str, Mapping[str, Any], Mapping[str, Any] | None]] = {
    "search": ("GET", "/instances", KNOWN, None),
    "element": ("GET", "/elements/{element}", KNOWN, None),
    "create": ("POST", "/instances", KNOWN, None),
    "update": ("PATCH", "/instances/{id}", CHANGED, KNOWN),
    "rotate": ("PUT", "/instances/{id}", KNOWN, STALE),
    "read": ("GET", "/instances/{id}", {**KNOWN, "enabled": False}, KNOWN),
    "delete": ("DELETE", "/instances/{id}", {**KNOWN, "state": "absent"}, KNOWN),
    "verify": ("GET", "/hubs/{hub}/{resource}", AUTOTASK, None),
}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=settings.default.max_examples // 4)
@given(status=STATUSES, headers=HEADERS, body=RAW, after=st.booleans())
def test_a_strange_answer(
    everywhere: World, place: str, *, status: int, headers: dict[str, str], body: bytes, after: bool
) -> None:
    answer = {"status": status, "headers": headers, "base64": base64.b64encode(body).decode()}
    ended = _answered(everywhere, place, answer, after=after)
    for error in filter(None, ended.errors):
        assert isinstance(error, CloudElementsError), failure(error)
    json.dumps(ended.results).encode()


HUGE = 3 * 2**20
ODD: Mapping[str, bytes] = {
    "deeply nested": b"[" * 200_000 + b"]" * 200_000,
    "nested within an instance": json.dumps(INSTANCE).encode()[:-1]
    + b', "configuration": '
    + b'{"a":' * 500
    + b"1"
    + b"}" * 501,
    "a number of ten thousand digits": b'{"id": ' + b"9" * 10_000 + b"}",
    "not a number": json.dumps({**INSTANCE, "id": float("nan")}).encode(),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(INSTANCE).encode(),
    "many instances": json.dumps([{**INSTANCE, "id": number} for number in range(20_000)]).encode(),
    "zeros": bytes(1000),
    "megabytes of nothing": b" " * HUGE,
    "megabytes of a message": json.dumps({**ERROR, "message": f"{STAMP_KEY} " * 2**16}).encode(),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_answer(world: World, place: str, odd: str) -> None:
    ended = _answered(world, place, {"base64": base64.b64encode(ODD[odd]).decode()}, after=True)
    for error in filter(None, ended.errors):
        assert isinstance(error, CloudElementsError), failure(error)


def _answered(world: World, place: str, answer: Mapping[str, Any], *, after: bool) -> Ended:
    """Run a job which gets this answer once; the rest of the answers are true."""
    method, path, options, first = PLACES[place]
    world.reset()
    if first:
        world.accept(first["secrets"]["password"])
        assert world.run(first).errors == [None]
        world.accept(GOOD)
    world.fault(method=method, path=path, answer=answer, after=after)
    return world.run(options)


READINGS: Mapping[str, Mapping[str, Any]] = {
    "the id as a text": {"id": str},
    "tags as objects": {"tags": lambda tags: [{"id": number, "name": tag} for number, tag in enumerate(tags)]},
    "no configuration": {"configuration": lambda _held: None},
    "no tags": {"tags": lambda _tags: None},
    "a number, a boolean and an object in the configuration": {
        "configuration": lambda held: {**held, "refresh.minutes": 30, "feature.enabled": False, "mapping": {"a": [1]}}
    },
    "what nobody has heard of": {"tomorrow": lambda _nothing: {"new": ["key"]}},
}


@pytest.mark.parametrize("reading", READINGS)
def test_another_form_of_the_same_is_read_right(world: World, reading: str) -> None:
    wanted = {
        **KNOWN,
        "configuration": {
            **KNOWN["configuration"],
            "refresh.minutes": 30,
            "feature.enabled": False,
            "mapping": {"a": [1]},
        },
    }
    assert world.run(wanted).errors == [None]
    answer = world.outside_change("GET", "/instances?hydrate=true")
    assert answer
    (true,) = answer.json()
    changed = {**true, **{key: change(true.get(key)) for key, change in READINGS[reading].items()}}
    world.fault(method="GET", path="/instances", answer={"json": [changed]})
    ended = world.run(wanted)
    assert ended.errors == [None]
    assert (ended.results[0]["changed"], ended.writes) == (False, [])
    assert ended.results[0]["instance"]["id"] == true["id"]
