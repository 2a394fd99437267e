# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The errors of this collection. Every text is for a person and must not contain a secret. Private."""

from __future__ import annotations

import traceback
from typing import Any, ClassVar

from .message import Message, Own
from .words import Code


class CloudElementsError(Exception):
    """Ends the work on an instance. ``str()`` returns the cause and the fix.

    :param text: a message, or its text with a name in braces for each value
    :param values: as for :class:`Message`
    """

    code: ClassVar[Code] = Code.FAILED
    """A stable code for playbooks to branch on."""

    def __init__(self, text: Message | str, /, **values: Any) -> None:
        self.message = text if isinstance(text, Message) else Message(text, **values)
        super().__init__(str(self.message))


class BadInput(CloudElementsError):
    """The input is wrong. This is detected before anything is written."""

    code = Code.BAD_INPUT


class Conflict(CloudElementsError):
    """The existing instances conflict with the input: several matches, another owner, another element."""

    code = Code.CONFLICT


class NotVerified(CloudElementsError):
    """The instance exists, but a call to the vendor did not succeed."""

    code = Code.NOT_VERIFIED


class CredentialsRejected(NotVerified):
    """The vendor rejected the credentials."""

    code = Code.CREDENTIALS_REJECTED


class NotTried(CredentialsRejected):
    """The vendor rejected these credentials for another instance, so nothing was sent for this one."""


class OutcomeUnknown(CloudElementsError):
    """A write was sent, and no later read could prove whether it was carried out."""

    code = Code.OUTCOME_UNKNOWN


class ServiceError(CloudElementsError):
    """A request failed. The subclasses define what that means for a write."""

    code = Code.REQUEST_FAILED


class NotSent(ServiceError):
    """The request did not reach the platform, so nothing was changed."""

    code = Code.NOT_SENT


class BadConnection(NotSent):
    """The server cannot be reached with these settings. Nothing was sent, and a retry cannot help."""


class Refused(ServiceError):
    """The platform refused the request, so nothing was changed.

    :param status: the HTTP status of the answer
    :param from_vendor: whether the answer contains the vendor's reason
    """

    code = Code.REFUSED

    def __init__(self, text: Message, status: int, from_vendor: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.from_vendor = from_vendor


class MaybeProcessed(ServiceError):
    """The request may or may not have been processed."""


class PlanOutdated(CloudElementsError):
    """The instances may have changed since they were listed. List them again, then plan again."""

    code = Code.CHANGED_MEANWHILE


class RateLimited(PlanOutdated):
    """The platform asked for a pause and did nothing. Other clients may use up its rate limit many times in a row."""

    code = Code.BUSY


class ReadableSecret(BadInput):
    """A secret is in an option that is shown.

    :param key: its configuration key
    """

    def __init__(self, key: str) -> None:
        super().__init__(
            "The configuration key {key} is a secret of this element. Move it from configuration to secrets.", key=key
        )
        self.key = key


def failure(error: BaseException) -> dict[str, Any]:
    """Return ``failed``, ``msg``, ``code``, and for a bug in this collection ``exception``, the places in its code."""
    if isinstance(error, CloudElementsError):
        return {"failed": True, "msg": error.message, "code": error.code}
    # The text of an unexpected exception may contain a secret. Its class and its place in the code do not.
    return {
        "failed": True,
        "msg": Message("internal error, please report it: {kind}", kind=Own(type(error).__name__)),
        "code": Code.INTERNAL_ERROR,
        "exception": Own("".join(traceback.format_tb(error.__traceback__))),
    }
