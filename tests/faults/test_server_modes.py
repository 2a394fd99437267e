# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modes that the real service may have, and outside changes at the worst moment: what comes of them, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.change import (
    OWNER_LOST,
    STAMP_LOST,
    TAGS_DIFFER,
    TAGS_STAY,
    UNSENT_CHANGED,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.create import UNCONFIRMED_MESSAGE

from tests.faults.table import CHANGED, KNOWN, STALE
from tests.faults.world import BAD, GOOD, OLD, Ended, World, contents
from tests.sandbox.settings import REFUSAL_MODES

MANUAL = {
    "name": "Acme",
    "element": {"key": "examplebasic"},
    "configuration": {"username": "example", "password": GOOD},
    "tags": ["by hand"],
}
SENTENCES = {
    STAMP_LOST: "the stamp is lost",
    TAGS_DIFFER: "tags are stored in another form",
    TAGS_STAY: "tags stay",
    UNCONFIRMED_MESSAGE: "not listed",
    UNSENT_CHANGED % "event.notification.enabled": "events are off",
}

# What a create, the same again, a change of tags and a rotation come to, each with what it warns of.
LIVES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], tuple[str, ...]]] = {
    "nothing special": ({}, KNOWN, ("created", "none", "updated", "updated")),
    "lists do not carry what is asked for": ({"hydrates": False}, KNOWN, ("created", "none", "updated", "updated")),
    "list items are short": ({"short_items": True}, KNOWN, ("created", "none", "updated", "updated")),
    "the newest comes first": (
        {"order": "descending", "page_size": 1},
        KNOWN,
        ("created", "none", "updated", "updated"),
    ),
    "pages of one": ({"page_size": 1}, KNOWN, ("created", "none", "updated", "updated")),
    "an empty list is 200": ({"empty_list_status": 200}, KNOWN, ("created", "none", "updated", "updated")),
    "lists lag": ({"listing_lag": 0.1}, KNOWN, ("created", "none", "updated", "updated")),
    "tags are lower-cased": ({"tags": "lowered"}, KNOWN, ("created", "none", "updated", "updated")),
    "tags are lower-cased, and one is not": (
        {"tags": "lowered"},
        {**KNOWN, "tags": ["One"]},
        (
            "created, tags are stored in another form",
            # Sent again, and stored as before.
            "none, tags are stored in another form",
            "updated, tags are stored in another form",
            "updated, tags are stored in another form",
        ),
    ),
    "tags are cut": (
        {"tags": "cut"},
        KNOWN,
        ("created, the stamp is lost", *["updated, the stamp is lost"] * 3),
    ),
    "tags are cut, and secrets are sent once": (
        {"tags": "cut"},
        {**KNOWN, "update_secrets": "on_create"},
        ("created, the stamp is lost", "none", "updated", "none"),
    ),
    "tags are dropped": (
        {"tags": "dropped"},
        {**KNOWN, "tags": None},
        ("created, the stamp is lost", *["updated, the stamp is lost"] * 3),
    ),
    "answers to writes show a part only": ({"whole_answers": False}, KNOWN, ("created", "none", "updated", "updated")),
    "answers show a part only, lists too": (
        {"whole_answers": False, "hydrates": False},
        KNOWN,
        ("created", "none", "updated", "updated"),
    ),
    "a patch adds tags": ({"patch_adds_tags": True}, KNOWN, ("created", "none", "updated", "updated")),
}


@pytest.mark.parametrize("mode", LIVES)
def test_a_life_with(world: World, mode: str) -> None:
    settings, wanted, expected = LIVES[mode]
    world.mode(**settings)
    wanted = {**wanted, "verify": "never"}
    changed = {**wanted, "tags": [*wanted["tags"], "two"]} if wanted["tags"] else wanted
    rotated = {**changed, "secrets": {"password": OLD}}
    assert tuple(_in_words(world.run(options)) for options in (wanted, wanted, changed, rotated)) == expected
    assert [one["name"] for one in world.there().values()] == ["Acme"]


@pytest.mark.parametrize("refusals", REFUSAL_MODES)
@pytest.mark.parametrize("exists", [False, True], ids=["new", "existing"])
def test_a_refused_login_is_tried_once_however_the_refusal_reads(world: World, refusals: str, exists: bool) -> None:
    right = [{"name": f"Acme {number}", "act365": {"api_key": "api key", "developer_key": GOOD}} for number in range(5)]
    wrong = [{**one, "act365": {"api_key": "api key", "developer_key": BAD}} for one in right]
    if exists:
        world.run(*right)
    before = contents(world.there())
    world.mode(refusals=refusals)
    ended = world.run(*wrong)
    assert len(ended.writes) == 1
    assert [str(error).count("The vendor rejected") for error in ended.errors] == [0, 1, 1, 1, 1]
    assert contents(world.there()) == before


OWNED = {**KNOWN, "owner": "customer-alpha-production", "verify": "never"}
CUT_OWNER = "ansible:owner:customer-alpha-pro"
NOTHING_REMAINS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], str]] = {
    "names are cut": ({"names": "cut"}, {"name": "Acme Corporation"}, 'stores the name as "Acme Cor", so the new'),
    "names are lower-cased": ({"names": "lowered"}, {}, 'stores the name as "acme", so the new'),
    "names are cut and tags dropped": (
        {"names": "cut", "tags": "dropped"},
        {"name": "Acme Corporation"},
        'stores the name as "Acme Cor", so the new',
    ),
    "names are cut, tags dropped, answers short": (
        {"names": "cut", "tags": "dropped", "whole_answers": False, "hydrates": False},
        {"name": "Acme Corporation"},
        'stores the name as "Acme Cor", so the new',
    ),
    "an owner's tag is cut": ({"tags": "cut"}, {}, OWNER_LOST),
    "an owner's tag is dropped": ({"tags": "dropped"}, {}, OWNER_LOST),
    "an owner's tag is cut, answers are short": ({"tags": "cut", "whole_answers": False}, {}, OWNER_LOST),
}


@pytest.mark.parametrize("mode", NOTHING_REMAINS)
def test_no_run_leaves_an_instance_that_the_next_one_would_not_know(world: World, mode: str) -> None:
    settings, more, sentence = NOTHING_REMAINS[mode]
    world.mode(**settings)
    for _run in range(2):
        ended = world.run({**OWNED, **more})
        assert sentence in str(ended.errors[0])
        assert not ended.results[0]["changed"]
    assert world.there() == {}


@pytest.mark.parametrize("answers", [{}, {"whole_answers": False}], ids=["whole", "short"])
def test_an_owner_s_tag_that_is_cut_is_taken_off_what_existed(world: World, answers: Mapping[str, Any]) -> None:
    world.run({**KNOWN, "verify": "never"})
    before = world.there()
    world.mode(tags="cut", **answers)
    # Existing instances keep their tags, and the stamp is longer than what is kept of a new one.
    ended = world.run({**OWNED, "update_secrets": "on_create"})
    assert OWNER_LOST in str(ended.errors[0])
    assert "restored. Choose a shorter owner" in str(ended.errors[0])
    (after,) = world.there().values()
    assert CUT_OWNER not in after["tags"]
    assert [one["tags"][0] for one in before.values()] == after["tags"][:1]


@pytest.mark.parametrize("answers", [{}, {"whole_answers": False}], ids=["whole", "short"])
def test_events_that_a_re_authentication_switches_off_are_told(world: World, answers: Mapping[str, Any]) -> None:
    world.run({**KNOWN, "verify": "never"})
    (number,) = world.there()
    world.outside_change("PATCH", f"/instances/{number}", {"configuration": {"event.notification.enabled": "true"}})
    world.mode(put_replaces=True, **answers)
    rotated = {**KNOWN, "secrets": {"password": OLD}, "verify": "never"}
    assert _in_words(world.run(rotated)) == "updated, events are off"
    assert _in_words(world.run(rotated)) == "none"


def test_tags_that_cannot_be_taken_off_are_told(world: World) -> None:
    world.run({**KNOWN, "verify": "never"})
    world.mode(patch_adds_tags=True)
    for _run in range(2):
        assert _in_words(world.run({**CHANGED, "verify": "never"})).endswith("tags stay")


@pytest.mark.parametrize("answers", [{}, {"whole_answers": False}], ids=["whole", "short"])
def test_a_rename_that_is_ignored_fails_and_is_no_change(world: World, answers: Mapping[str, Any]) -> None:
    world.run({**KNOWN, "verify": "never"})
    (number,) = world.there()
    world.mode(renames=False, **answers)
    ended = world.run({"id": number, "name": "Other"})
    assert 'is still called "Acme"' in str(ended.errors[0])
    assert not ended.results[0]["changed"]


def test_what_is_listed_too_late_is_said(world: World) -> None:
    world.mode(listing_lag=60)
    assert _in_words(world.run(KNOWN)) == "created, not listed"


def test_a_lost_answer_is_found_though_lists_lag(world: World) -> None:
    world.mode(listing_lag=0.1)
    world.fault(method="POST", path="/instances", drop=True, after=True)
    ended = world.run(KNOWN)
    assert _in_words(ended) == "created"
    assert ended.results[0]["reasons"] == ["not_found", "recovered"]
    assert len(world.there()) == 1


# Somebody else, at the worst moment of one operation

OUTSIDE_CHANGES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any] | None, Mapping[str, Any], str, int]] = {
    "creates the same before us": (
        KNOWN,
        None,
        {"method": "POST", "path": "/instances", "meanwhile": [{"create": MANUAL}]},
        "updated",
        1,
    ),
    "creates the same after us": (
        KNOWN,
        None,
        {"method": "POST", "path": "/instances", "meanwhile": [{"create": MANUAL}], "after": True},
        "created",
        2,
    ),
    "creates two before us": (
        KNOWN,
        None,
        {"method": "POST", "path": "/instances", "meanwhile": [{"create": MANUAL}] * 2},
        "fails: 2 instances have this element and name",
        2,
    ),
    "deletes what we made": (
        KNOWN,
        None,
        {"method": "POST", "path": "/instances", "meanwhile": [{"delete": True}], "after": True},
        "created, not listed",
        0,
    ),
    "deletes what we change": (
        CHANGED,
        KNOWN,
        {"method": "PATCH", "path": "/instances/{id}", "meanwhile": [{"delete": True}]},
        "fails: Cloud Elements answered PATCH",
        0,
    ),
    "deletes what we give another password": (
        KNOWN,
        STALE,
        {"method": "PUT", "path": "/instances/{id}", "meanwhile": [{"delete": True}]},
        "fails: Cloud Elements answered PUT",
        0,
    ),
    "deletes what we delete": (
        {**KNOWN, "state": "absent"},
        KNOWN,
        {"method": "DELETE", "path": "/instances/{id}", "meanwhile": [{"delete": True}]},
        "none",
        0,
    ),
    "takes our tags off before we change it": (
        CHANGED,
        KNOWN,
        {"method": "PATCH", "path": "/instances/{id}", "meanwhile": [{"update": {"tags": []}}]},
        "updated",
        1,
    ),
    "renames what we made": (
        KNOWN,
        None,
        {"method": "POST", "path": "/instances", "meanwhile": [{"update": {"name": "Else"}}], "after": True},
        'fails: Cloud Elements stores the name as "Else"',
        0,
    ),
}


@pytest.mark.parametrize("change", OUTSIDE_CHANGES)
def test_an_outside_change(world: World, change: str) -> None:
    wanted, first, fault, expected, remain = OUTSIDE_CHANGES[change]
    if first:
        assert world.run({**first, "verify": "never"}).errors == [None]
    world.fault(**fault)
    ended = world.run({**wanted, "verify": "never"})
    assert _in_words(ended).startswith(expected)
    assert len(world.there()) == remain


def _in_words(ended: Ended) -> str:
    (result,), (error,) = ended.results, ended.errors
    said = sorted(SENTENCES.get(warning, warning) for warning in ended.warnings)
    return f"fails: {error}" if error else ", ".join((result["action"], *said))
