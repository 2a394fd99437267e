# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The funnel: what leaves the collection is plain, and without a secret unless its type says that it may stay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.message import Message, Own
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.redact import HIDDEN, Guarded, Redactor
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.release import Disclosed, Lines, release
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.words import Action
from hypothesis import given
from hypothesis import strategies as st

TASK = Redactor(["canary"])
ITEM = TASK.with_secrets(["password"])


@pytest.mark.parametrize(
    ("value", "released"),
    [
        (
            {"a": ["x canary", {"b": ("canary", 5)}], "n": None, "t": True},
            {"a": [f"x {HIDDEN}", {"b": [HIDDEN, 5]}], "n": None, "t": True},
        ),
        (Message("the canary of {name}", name="canary"), f"the canary of {HIDDEN}"),
        (Message("{name}", name="two\nlines"), "two\\nlines"),
        (Own("canary"), "canary"),
        (Disclosed("canary"), "canary"),
        (Action.CREATED, "created"),
        ({5: "a number as a key"}, {"5": "a number as a key"}),
        (Lines([Message("{name}", name="canary"), Message("more")]), f"{HIDDEN}\nmore\n"),
    ],
)
def test_only_our_own_words_and_what_was_asked_for_stay(value: Any, released: Any) -> None:
    assert release(value, TASK) == released
    assert json.loads(json.dumps(release(value, TASK))) == released


def test_a_part_hides_its_own_secrets_and_those_of_the_task() -> None:
    items = [Guarded({"name": "canary password"}, ITEM), {"name": "canary password"}]

    assert release(items, TASK) == [{"name": f"{HIDDEN} {HIDDEN}"}, {"name": f"{HIDDEN} password"}]
    assert release(Message("{name}", name=Guarded("the password", ITEM)), TASK) == f"the {HIDDEN}"


@given(
    st.recursive(
        st.text() | st.integers() | st.none() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet="abc"), inner) | st.tuples(inner, inner),
    )
)
def test_whatever_is_no_word_of_our_own_is_redacted(value: Any) -> None:
    with_secret = [value, "canary", {"deep": ["canary", value]}]

    assert "canary" not in json.dumps(release(with_secret, TASK))


def test_options_get_the_names_that_the_user_knows_in_our_own_words_only() -> None:
    message = Message("{option} of {name}", option=Own("timeout"), name="timeout")

    assert (
        release(message, TASK, lambda words: words.replace("timeout", "instances_timeout"))
        == "instances_timeout of timeout"
    )
