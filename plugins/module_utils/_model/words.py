# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The words in a result that a playbook may branch on: the action, its reasons, and the code of a failure. Private."""

from __future__ import annotations

from enum import Enum


class Action(str, Enum):
    """The action on an instance."""

    NONE = "none"
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class Reason(str, Enum):
    """The reason for an action."""

    NOT_FOUND = "not_found"
    FOUND = "found"
    PRUNED = "pruned"
    RECOVERED = "recovered"
    """The answer to the create request was lost, and the instance was found by its stamp."""

    # Reasons to send secrets again
    ALWAYS = "always"
    INVALID = "invalid"
    SECRETS_CHANGED = "secrets_changed"
    NOT_STAMPED = "not_stamped"
    STAMP_KEY_CHANGED = "stamp_key_changed"
    STAMP_UNREADABLE = "stamp_unreadable"
    NOT_VERIFIED = "not_verified"
    CREDENTIALS = "credentials"

    # Other differences
    NAME = "name"
    CONFIGURATION = "configuration"
    TAGS = "tags"
    OWNER = "owner"
    ENABLED = "enabled"


class Code(str, Enum):
    """The code of a failure."""

    BAD_INPUT = "bad_input"
    BUSY = "busy"
    CHANGED_MEANWHILE = "changed_meanwhile"
    CONFLICT = "conflict"
    CREDENTIALS_REJECTED = "credentials_rejected"
    FAILED = "failed"
    INTERNAL_ERROR = "internal_error"
    NOT_SENT = "not_sent"
    NOT_VERIFIED = "not_verified"
    OUTCOME_UNKNOWN = "outcome_unknown"
    REFUSED = "refused"
    REQUEST_FAILED = "request_failed"
    TIMED_OUT = "timed_out"
    """The keyword ``timeout`` of the task ended it."""
    SEVERAL = "several"
    """Several items of a list failed, with different codes."""
