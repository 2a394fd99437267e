# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a failed task."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import (
    BadConnection,
    BadInput,
    CloudElementsError,
    Conflict,
    CredentialsRejected,
    MaybeProcessed,
    NotSent,
    NotVerified,
    OutcomeUnknown,
    PlanOutdated,
    RateLimited,
    Refused,
    ServiceError,
    failure,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.redact import Redactor
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.release import release


def released(error: Exception) -> dict[str, Any]:
    """Return the result of a failure, as it leaves the collection."""
    result: dict[str, Any] = release(failure(error), Redactor([]))
    return result


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("A."), "bad_input"),
        (Conflict("A."), "conflict"),
        (NotVerified("A."), "not_verified"),
        (CredentialsRejected("A."), "credentials_rejected"),
        (OutcomeUnknown("A."), "outcome_unknown"),
        (ServiceError("A."), "request_failed"),
        (MaybeProcessed("A."), "request_failed"),
        (NotSent("A."), "not_sent"),
        (BadConnection("A."), "not_sent"),
        (Refused("A.", 400), "refused"),
        (PlanOutdated("A."), "changed_meanwhile"),
        (RateLimited("A."), "busy"),
        (CloudElementsError("A."), "failed"),
    ],
)
def test_a_known_error_is_its_sentence_and_a_code(error: Exception, code: str) -> None:
    assert released(error) == {"failed": True, "msg": "A.", "code": code}


def test_what_a_task_fails_with_is_one_printable_line() -> None:
    assert released(Conflict('It has the name "A\nok: \x1b[2K\u202e".')) == {
        "failed": True,
        "code": "conflict",
        "msg": 'It has the name "A\\nok: \\x1b[2K\\u202e".',
    }


def test_an_unexpected_exception_is_named_and_placed_without_its_data() -> None:
    data = "-".join(["canary", "data"])  # not in the source line that the traceback quotes
    with pytest.raises(KeyError) as caught:
        raise KeyError(data)
    told = released(caught.value)

    assert told["msg"] == "internal error, please report it: KeyError"
    assert "test_an_unexpected_exception_is_named" in told["exception"]
    assert "canary-data" not in str(told)


def test_the_data_of_what_caused_an_unexpected_exception_is_not_shown_either() -> None:
    data = "-".join(["canary", "data"])
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError(f"more {data}") from ValueError(data)
    told = released(caught.value)

    assert told["msg"] == "internal error, please report it: RuntimeError"
    assert "canary-data" not in str(told)
