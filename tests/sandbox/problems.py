# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform answers when it refuses: one exception, and a named maker for each known case."""

from __future__ import annotations

from collections.abc import Iterable

INVALID_SECRETS = "Invalid Organization or User secret, or invalid Element token provided."
NO_OAUTH_CODE = "You must provide an OAuth code in order to create an instance of this element"
NO_INSTANCES = "No element instances found"
# How a vendor's refusal reads: of most elements, of QuickBooks, and of ConnectWise without the vendor's own words.
REQUEST_FAILED = "Request failed"
BAD_REQUEST = "Bad Request"
NO_CONNECTION = "Failed to connect to the API URL. Validate that you are using the correct WSDL path."


class ApiError(Exception):
    """An answer other than 200.

    `status` is the HTTP status, `message` the platform's words, `provider_message` the vendor's own words, when the
    refusal is the vendor's.
    """

    def __init__(self, status: int, message: str, provider_message: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.provider_message = provider_message

    def body(self, request_id: str) -> dict[str, str]:
        """The JSON body of the answer; `request_id` is 24 hex digits."""
        body = {"requestId": request_id, "message": self.message}
        if self.provider_message is not None:
            body["providerMessage"] = self.provider_message
        return body


def bad_request(message: str) -> ApiError:
    """400: the request itself is wrong."""
    return ApiError(400, message)


def missing_keys(keys: Iterable[str]) -> ApiError:
    """400: required configuration keys that are neither given nor defaulted, all of them named."""
    return ApiError(400, f"Missing required configuration: {', '.join(keys)}")


def unauthorized() -> ApiError:
    """401: wrong or missing secrets, or a dead token."""
    return ApiError(401, INVALID_SECRETS)


def disabled(instance_id: int) -> ApiError:
    """403: a hub call through a disabled instance."""
    return ApiError(403, f"Element instance {instance_id} is disabled")


def no_instances() -> ApiError:
    """404: the platform's way to say that a list is empty."""
    return ApiError(404, NO_INSTANCES)


def unknown_instance(instance_id: int) -> ApiError:
    """404: no instance has this id (under this element)."""
    return ApiError(404, f"No element instance found with ID {instance_id}")


def unknown_element(key_or_id: str) -> ApiError:
    """404: no element has this key or id."""
    return ApiError(404, f"No element found with key or ID {key_or_id}")


def unknown_path() -> ApiError:
    """404: nothing lives under this path."""
    return ApiError(404, "The requested resource does not exist")


def in_use(instance_id: int) -> ApiError:
    """409: the instance is used by a formula instance and cannot be deleted."""
    return ApiError(409, f"Element instance {instance_id} is in use by a formula instance and cannot be deleted")


def vendor_refused(habit: str, status: int, provider_message: str) -> ApiError:
    """The vendor did not accept the credentials: 400 while provisioning, 401 on a hub call.

    `habit`: one of REFUSAL_HABITS, of which two know no other status than 400.
    """
    if habit == "bad_request":
        return ApiError(400, BAD_REQUEST, provider_message)
    if habit == "no_connection":
        return ApiError(400, NO_CONNECTION)
    return ApiError(status, REQUEST_FAILED, provider_message)


def unknown_entry(entry_id: int) -> ApiError:
    """404: the instance has no configuration entry with this id."""
    return ApiError(404, f"No configuration found with ID {entry_id}")
