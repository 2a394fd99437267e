# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration keys that several elements share, written down once. Data."""

from __future__ import annotations

from .element import BOOLEAN, PASSWORD, TEXT_32, TEXT_64, TEXT_128, TEXT_1000, TEXTAREA, ConfigKey

# A stand-in: the real value is a vendor's tracking id and belongs to the platform's operator.
INTEGRATION_KEY = "sandbox-integration-key"


def paging(size: str, kind: str) -> tuple[ConfigKey, ...]:
    """How the element pages through the vendor's lists."""
    return (
        ConfigKey(
            "pagination.max", "Max Page Size (or limit)", TEXT_32, "Rows asked for at once", default=size, hidden=True
        ),
        ConfigKey("pagination.type", "Pagination Type", TEXT_32, "How pages are counted", default=kind, hidden=True),
    )


START_INDEX = ConfigKey(
    "pagination.page.startindex",
    "Pagination Start Index",
    TEXT_32,
    "Number of the first page",
    default="1",
    hidden=True,
)

SELECT_FIELDS = (
    ConfigKey(
        "allow.select.fields",
        "Allow Select Fields parameter",
        BOOLEAN,
        "Allow the fields query",
        default="true",
        hidden=True,
    ),
    ConfigKey(
        "default.select.fields.map",
        "Default select fields",
        TEXTAREA,
        "Fields of bulk jobs",
        hidden=True,
        internal=True,
        order=98,
    ),
)

FILTER_NULLS = ConfigKey(
    "filter.response.nulls",
    "Filter null values from the response",
    BOOLEAN,
    "Leave nulls out",
    default="true",
    order=51,
)


def events(enabled_name: str, interval: str, interval_type: str, poller: str, first: int) -> tuple[ConfigKey, ...]:
    """The switches of event notification; `interval` in minutes, `first` the display order of the first of them."""
    return (
        ConfigKey(
            "event.notification.enabled", enabled_name, BOOLEAN, "Switch events on or off", default="false", order=first
        ),
        ConfigKey(
            "event.notification.callback.url",
            "Event Notification Callback URL",
            TEXT_1000,
            "Where events are posted to",
            order=first + 1,
        ),
        ConfigKey(
            "event.poller.refresh_interval",
            "Event poller refresh interval",
            interval_type,
            "Minutes between two polls",
            default=interval,
            order=first + 2,
        ),
        ConfigKey(
            "event.poller.configuration",
            "Event Poller Resources Configuration",
            TEXTAREA,
            "Which objects are polled, as JSON",
            default=poller,
            order=first + 3,
        ),
        ConfigKey(
            "event.notification.basic.username",
            "Event Notification Basic Authentication UserName",
            TEXT_1000,
            "User name for the callback",
            default="",
            order=110,
        ),
        ConfigKey(
            "event.notification.basic.password",
            "Event Notification Basic Authentication Password",
            PASSWORD,
            "Password for the callback",
            order=112,
        ),
    )


def vendor_type(name: str, type_: str, internal: bool, order: int) -> ConfigKey:
    """How the element learns of events: all of the elements here poll."""
    return ConfigKey(
        "event.vendor.type",
        name,
        type_,
        "polling or webhooks",
        default="polling",
        hidden=True,
        internal=internal,
        order=order,
    )


def signature_key(type_: str, order: int) -> ConfigKey:
    """The key that signs event callbacks."""
    return ConfigKey(
        "event.notification.signature.key",
        "Callback Notification Signature Key",
        type_,
        "Signs the body of a callback",
        order=order,
    )


def subscription_id(type_: str, internal: bool, order: int) -> ConfigKey:
    """The vendor's id of an event subscription."""
    return ConfigKey(
        "event.notification.subscription.id",
        "Event Notification Subscription ID",
        type_,
        "Set by the platform",
        hidden=True,
        internal=internal,
        order=order,
    )


def bulk(date_field: str, mask: str, operator: str) -> tuple[ConfigKey, ...]:
    """How an element runs bulk queries: those with a later date in `date_field`, written as `mask` says."""
    return (
        ConfigKey("bulk.add_metadata", "Bulk Add Metadata", TEXT_128, "Add metadata to rows", hidden=True),
        ConfigKey("bulk.query.date_mask", "Bulk query Date Mask", TEXT_128, "Date format", default=mask, hidden=True),
        ConfigKey(
            "bulk.query.download_format", "Bulk Download Format", TEXT_128, "File format", default="JSON", hidden=True
        ),
        ConfigKey(
            "bulk.query.field_name", "Bulk query FieldName", TEXT_128, "Date field", default=date_field, hidden=True
        ),
        ConfigKey("bulk.query.operator", "Bulk query Operator", TEXT_128, "Comparison", default=operator, hidden=True),
        ConfigKey("bulk.relations", "Bulk Relations", TEXTAREA, "Related objects", hidden=True),
    )


def oauth_client() -> tuple[ConfigKey, ...]:
    """The OAuth 2 keys: the client, the vendor's addresses, and the tokens that the platform itself renews."""
    site = "https://mycloud.act.com/act/oauth/v2"
    landing = "https://snapshot.cloud-elements.com/elements/jsp/home.jsp"
    return (
        ConfigKey("oauth.api.key", "OAuth API Key", TEXT_128, "Client id", required=True, hidden=True, order=0),
        ConfigKey("oauth.api.secret", "OAuth API Secret", PASSWORD, "Client secret", required=True, hidden=True),
        ConfigKey(
            "oauth.authorization.url",
            "OAuth Authorization URL",
            TEXT_1000,
            "Consent",
            required=True,
            default=f"{site}/authorize",
            hidden=True,
            internal=True,
        ),
        ConfigKey(
            "oauth.basic.header", "OAuth basic header", BOOLEAN, "Client in the header", default="true", hidden=True
        ),
        ConfigKey(
            "oauth.callback.url",
            "OAuth Callback URL",
            TEXT_1000,
            "Redirect target",
            required=True,
            default=landing,
            hidden=True,
            order=2,
        ),
        ConfigKey(
            "oauth.token.refresh_url",
            "OAuth Token Refresh URL",
            TEXT_1000,
            "Renewal",
            default=f"{site}/token",
            hidden=True,
            internal=True,
        ),
        ConfigKey(
            "oauth.token.url",
            "OAuth Token URL",
            TEXT_1000,
            "Exchange of codes",
            required=True,
            default=f"{site}/token",
            hidden=True,
            internal=True,
        ),
        ConfigKey(
            "oauth.user.refresh_interval",
            "OAuth Refresh Interval (s)",
            TEXT_32,
            "Token life",
            default="3600",
            hidden=True,
            internal=True,
        ),
        ConfigKey("oauth.user.refresh_time", "OAuth Refresh Time", TEXT_64, "Last renewal", hidden=True, internal=True),
        ConfigKey("oauth.user.refresh_token", "OAuth Refresh Token", TEXT_64, "Renewed", hidden=True, internal=True),
        ConfigKey("oauth.user.token", "OAuth Access Token", TEXT_32, "Renewed", hidden=True, internal=True),
    )
