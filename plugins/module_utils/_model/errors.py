# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What can go wrong. Every text is one sentence for a person, without a secret. Private to this collection."""

from __future__ import annotations

import traceback
from typing import Any, ClassVar

from .message import Message, Own
from .words import Code


class CloudElementsError(Exception):
    """Work on an instance stops here; ``str()`` says what happened and what to do.

    :param text: a message, or our own words with a name in braces for each value
    :param values: as for :class:`Message`
    """

    code: ClassVar[Code] = Code.FAILED
    """What a playbook may branch on."""

    def __init__(self, text: Message | str, /, **values: Any) -> None:
        self.message = text if isinstance(text, Message) else Message(text, **values)
        super().__init__(str(self.message))


class BadInput(CloudElementsError):
    """What was asked for cannot be done; found before anything was written."""

    code = Code.BAD_INPUT


class Conflict(CloudElementsError):
    """What exists on the platform forbids the plan: several matches, another owner, another element."""

    code = Code.CONFLICT


class NotVerified(CloudElementsError):
    """The instance exists, but the vendor did not accept a call through it."""

    code = Code.NOT_VERIFIED


class CredentialsRejected(NotVerified):
    """The vendor said no to the credentials."""

    code = Code.CREDENTIALS_REJECTED


class NotTried(CredentialsRejected):
    """The vendor said no to these credentials for another instance, so nothing was sent for this one."""


class OutcomeUnknown(CloudElementsError):
    """A write was sent, and no later read could prove whether it happened."""

    code = Code.OUTCOME_UNKNOWN


class ServiceError(CloudElementsError):
    """A request failed. The subclasses say what that means for a write."""

    code = Code.REQUEST_FAILED


class NotSent(ServiceError):
    """The request surely did not reach the platform: nothing can have happened."""

    code = Code.NOT_SENT


class BadConnection(NotSent):
    """The server cannot be reached with these settings: nothing was sent, and trying again cannot help."""


class Refused(ServiceError):
    """The platform answered with a definite no: nothing happened.

    :param status: the HTTP status of the answer
    :param from_vendor: the answer passes on what the vendor said
    """

    code = Code.REFUSED

    def __init__(self, text: Message, status: int, from_vendor: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.from_vendor = from_vendor


class MaybeProcessed(ServiceError):
    """The request may or may not have been processed."""


class PlanOutdated(CloudElementsError):
    """What was found may have changed under the plan: look again, then plan again."""

    code = Code.CHANGED_MEANWHILE


class RateLimited(PlanOutdated):
    """The platform asked to come back later, and did nothing: others may take what it gives, many times over."""

    code = Code.BUSY


class ReadableSecret(BadInput):
    """A secret was given where it would be shown.

    :param key: its configuration key
    """

    def __init__(self, key: str) -> None:
        super().__init__(
            "The configuration key {key} is a secret on this element: move it from configuration to secrets.", key=key
        )
        self.key = key


def failure(error: BaseException) -> dict[str, Any]:
    """Return ``failed``, ``msg``, ``code``, and for a bug in this collection ``exception``, the places in its code."""
    if isinstance(error, CloudElementsError):
        return {"failed": True, "msg": error.message, "code": error.code}
    # The text of an unexpected exception may hold a secret: its class and its place in the code do not.
    return {
        "failed": True,
        "msg": Message("internal error, please report it: {kind}", kind=Own(type(error).__name__)),
        "code": Code.INTERNAL_ERROR,
        "exception": Own("".join(traceback.format_tb(error.__traceback__))),
    }
