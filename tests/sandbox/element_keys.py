# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration keys that several elements share, and what each element polls for events by default. Data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial

from .elements import BOOLEAN, PASSWORD, TEXT_32, TEXT_64, TEXT_128, TEXT_1000, TEXTAREA, ConfigKey

# A stand-in: the real value is a vendor's tracking id and belongs to the platform's operator.
INTEGRATION_KEY = "sandbox-integration-key"

_hidden = partial(ConfigKey, hidden=True)
_internal = partial(ConfigKey, hidden=True, internal=True)


def paging(size: str, kind: str) -> tuple[ConfigKey, ...]:
    return (
        _hidden("pagination.max", "Max Page Size (or limit)", TEXT_32, "Rows asked for at once", size),
        _hidden("pagination.type", "Pagination Type", TEXT_32, "How pages are counted", kind),
    )


_START = ("pagination.page.startindex", "Pagination Start Index")
START_INDEX = _hidden(*_START, TEXT_32, "Number of the first page", "1")
SELECT_FIELDS = (
    _hidden("allow.select.fields", "Allow Select Fields parameter", BOOLEAN, "Allow the fields query", "true"),
    _internal("default.select.fields.map", "Default select fields", TEXTAREA, "Fields of bulk jobs", order=98),
)
_NULLS = ("filter.response.nulls", "Filter null values from the response")
FILTER_NULLS = ConfigKey(*_NULLS, BOOLEAN, "Leave nulls out", "true", order=51)
_NAME = ("integration_key", "Integration Key Sent to AutoTask on all api Calls via CE")
NAME_FOR_AUTOTASK = _internal(*_NAME, TEXT_128, "Names the platform to the vendor", INTEGRATION_KEY, order=100)
_OLDER = ("event.poller.urls", "Event Poller Objects|URL")
OLDER_POLLER = _hidden(*_OLDER, TEXTAREA, "Older form of the poller configuration", order=304)
_CREATED = ("bulk.attribute.created_time", "Bulk query Created Field Name")
BULK_CREATED = _hidden(*_CREATED, TEXT_128, "Field of the creation", "createDate")
_ACT_ADDRESS = "https://mycloud.act.com/act/api/"
ACT_SITE = _hidden("base.url", "Base URL", TEXT_1000, "Address of the Act! service", _ACT_ADDRESS)


def events(enabled_name: str, interval: str, interval_type: str, poller: str, first: int) -> tuple[ConfigKey, ...]:
    """Return the switches of event notification; `interval` in minutes, `first` the display order of the first."""
    callback = ("event.notification.callback.url", "Event Notification Callback URL")
    refresh = ("event.poller.refresh_interval", "Event poller refresh interval")
    polled = ("event.poller.configuration", "Event Poller Resources Configuration")
    basic, words = "event.notification.basic", "Event Notification Basic Authentication"
    return (
        ConfigKey("event.notification.enabled", enabled_name, BOOLEAN, "Switch events on or off", "false", order=first),
        ConfigKey(*callback, TEXT_1000, "Where events are posted to", order=first + 1),
        ConfigKey(*refresh, interval_type, "Minutes between two polls", interval, order=first + 2),
        ConfigKey(*polled, TEXTAREA, "Which objects are polled, as JSON", poller, order=first + 3),
        ConfigKey(f"{basic}.username", f"{words} UserName", TEXT_1000, "User name for the callback", "", order=110),
        ConfigKey(f"{basic}.password", f"{words} Password", PASSWORD, "Password for the callback", order=112),
    )


def vendor_type(name: str, type_: str, internal: bool, order: int) -> ConfigKey:
    """Return the event settings of an element: all elements here poll."""
    return _hidden("event.vendor.type", name, type_, "polling or webhooks", "polling", internal=internal, order=order)


def signature_key(type_: str, order: int) -> ConfigKey:
    name = "Callback Notification Signature Key"
    return ConfigKey("event.notification.signature.key", name, type_, "Signs the body of a callback", order=order)


def subscription_id(type_: str, internal: bool, order: int) -> ConfigKey:
    key, name = "event.notification.subscription.id", "Event Notification Subscription ID"
    return _hidden(key, name, type_, "Set by the platform", internal=internal, order=order)


def bulk(date_field: str, mask: str, operator: str) -> tuple[ConfigKey, ...]:
    """Return the settings of bulk queries, which select by a date in `date_field` with the format `mask`."""
    return (
        _hidden("bulk.add_metadata", "Bulk Add Metadata", TEXT_128, "Add metadata to rows"),
        _hidden("bulk.query.date_mask", "Bulk query Date Mask", TEXT_128, "Date format", mask),
        _hidden("bulk.query.download_format", "Bulk Download Format", TEXT_128, "File format", "JSON"),
        _hidden("bulk.query.field_name", "Bulk query FieldName", TEXT_128, "Date field", date_field),
        _hidden("bulk.query.operator", "Bulk query Operator", TEXT_128, "Comparison", operator),
        _hidden("bulk.relations", "Bulk Relations", TEXTAREA, "Related objects"),
    )


def oauth_client() -> tuple[ConfigKey, ...]:
    """Return the OAuth 2 keys: the client, the vendor's addresses, and the tokens that the platform renews."""
    site = "https://mycloud.act.com/act/oauth/v2"
    landing = "https://snapshot.cloud-elements.com/elements/jsp/home.jsp"
    consent, token = f"{site}/authorize", f"{site}/token"
    needed, given = partial(_hidden, required=True), partial(_internal, required=True)
    return (
        needed("oauth.api.key", "OAuth API Key", TEXT_128, "Client id", order=0),
        needed("oauth.api.secret", "OAuth API Secret", PASSWORD, "Client secret"),
        given("oauth.authorization.url", "OAuth Authorization URL", TEXT_1000, "Consent", consent),
        _hidden("oauth.basic.header", "OAuth basic header", BOOLEAN, "Client in the header", "true"),
        needed("oauth.callback.url", "OAuth Callback URL", TEXT_1000, "Redirect target", landing, order=2),
        _internal("oauth.token.refresh_url", "OAuth Token Refresh URL", TEXT_1000, "Renewal", token),
        given("oauth.token.url", "OAuth Token URL", TEXT_1000, "Exchange of codes", token),
        _internal("oauth.user.refresh_interval", "OAuth Refresh Interval (s)", TEXT_32, "Token life", "3600"),
        _internal("oauth.user.refresh_time", "OAuth Refresh Time", TEXT_64, "Last renewal"),
        _internal("oauth.user.refresh_token", "OAuth Refresh Token", TEXT_64, "Renewed"),
        _internal("oauth.user.token", "OAuth Access Token", TEXT_32, "Renewed"),
    )


_SECONDS = "yyyy-MM-dd'T'HH:mm:ss"
_ZONED = "yyyy-MM-dd'T'HH:mm:ssZ"
_MILLISECONDS = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"
_OFFSET = "yyyy-MM-dd'T'HH:mm:ssXXX"


def _since(url: str, date_field: str, operator: str, date_format: str) -> str:
    return f"{url}?where={date_field}{operator}'${{date:{date_format}}}'"


def _polled(url: str, updated: tuple[str, str], created: tuple[str, str], zone: str = "") -> Mapping[str, object]:
    """Return the polling settings of one object; each date is (field, format)."""
    dates: dict[str, str] = {}
    for word, (name, date_format) in (("updated", updated), ("created", created)):
        dates.update({f"{word}DateField": name, f"{word}DateFormat": date_format})
        dates.update({f"{word}DateTimezone": zone} if zone else {})
    return {"url": url, "idField": "id", "datesConfiguration": dates}


def _zoned(path: str, updated: str, created: str) -> Mapping[str, object]:
    return _polled(_since(path, updated, ">=", _ZONED), (updated, _ZONED), (created, _ZONED))


def _eastern(url: str, updated: str, created: str) -> Mapping[str, object]:
    return _polled(url, (updated, _SECONDS), (created, _SECONDS), "EST")


def _act(name: str, where: str = "lastUpdated", created: str = _MILLISECONDS) -> Mapping[str, object]:
    url = _since(f"/hubs/crm/{name}", where, ">", _MILLISECONDS)
    return _polled(url, ("lastUpdated", _MILLISECONDS), ("created", created))


def _compact(objects: Mapping[str, Mapping[str, object]]) -> str:
    return json.dumps(objects, separators=(",", ":"))


POLLED_BY_AUTOTASK_CRM = _compact(
    {
        "accounts": _zoned("/hubs/crm/accounts", "lastActivityDate", "createDate"),
        "contacts": _zoned("/hubs/crm/contacts", "lastModifiedDate", "createDate"),
        "tasks": _zoned("/hubs/crm/tasks", "lastActivityDateTime", "createDateTime"),
    }
)
# The platform serves these two indented and framed by a line break, unlike the others: a client has to parse them.
_INCIDENTS = _since("/hubs/helpdesk/incidents", "lastActivityDate", ">=", _ZONED)
_CUSTOMERS = _since("/hubs/finance/customers", "lastActivityDate", ">=", _ZONED)
_HELPDESK = {"incidents": _eastern(_INCIDENTS, "lastActivityDate", "createDate")}
_FINANCE = {
    "customers": _eastern(_CUSTOMERS, "lastActivityDate", "createDate"),
    "invoices": _eastern("/hubs/finance/invoices", "createDateTime", "createDateTime"),
}
POLLED_BY_AUTOTASK_HELPDESK = "\n" + json.dumps(_HELPDESK, indent=2)
POLLED_BY_AUTOTASK_FINANCE = "\n" + json.dumps(_FINANCE, indent="\t")
POLLED_BY_ACT = _compact(
    {
        "campaigns": _act("campaigns", where="sendDate"),
        "opportunities": _act("opportunities"),
        "contacts": _act("contacts"),
        "lists": _act("lists"),
        "metadata": _act("metadata", created=_OFFSET),
        "activities": _act("activities"),
        "interactions": _act("interactions"),
    }
)
POLLED_BY_EXAMPLE = _compact({"records": _zoned("/hubs/general/records", "updated", "created")})
