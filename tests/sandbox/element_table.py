# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The elements of the sandbox, as data. README.md lists what is proven and what is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from . import element_keys as common
from .elements import (
    BOOLEAN,
    PASSWORD,
    TEXT_32,
    TEXT_64,
    TEXT_128,
    TEXT_1000,
    TEXTAREA,
    ConfigKey,
    Credentials,
    Element,
)

_SWITCH_AUTOTASK = "Enable/Disable Event Notification"
_SWITCH_HTTP = "Event Notifications Enabled"
_ACT_DATES = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"


def _autotask(hub: str, name: str, ids: Mapping[str, int], resources: tuple[str, ...], *keys: ConfigKey) -> Element:
    """Return an AutoTask element with the common keys and these additional ones."""
    login = {part: f"{hub}.autotask.{part}" for part in ("username", "password", "server.url")}
    return Element(
        key=f"autotask{hub}",
        name=f"Autotask {name}",
        hub=hub,
        description=f"The {hub} side of an AutoTask account",
        ids=ids,
        credentials=Credentials("autotask", *login.values()),
        ping_asks_vendor=True,
        resources=resources,
        logo="autotaskcrm",
        keys=(
            *common.SELECT_FIELDS,
            ConfigKey(login["server.url"], "Server URL", TEXT_1000, "Address of the AutoTask zone", required=True),
            *common.paging("500", "cursor"),
            common.START_INDEX,
            ConfigKey(login["username"], "Username", TEXT_128, "AutoTask user", required=True, order=2),
            ConfigKey(login["password"], "Password", PASSWORD, "Password of that user", required=True, order=3),
            common.FILTER_NULLS,
            *keys,
        ),
    )


AUTOTASK_CRM = replace(
    _autotask(
        "crm",
        "CRM",
        {"production": 50, "snapshot": 49},
        ("accounts", "contacts", "users"),
        common.NAME_FOR_AUTOTASK,
        *common.events(_SWITCH_AUTOTASK, "15", TEXT_32, common.POLLED_BY_AUTOTASK_CRM, 8),
        common.signature_key(TEXT_64, 11),
        common.subscription_id(TEXT_64, False, 11),
        common.vendor_type("Vendor Event Type", TEXTAREA, False, 11),
    ),
    description="Accounts, contacts and tasks of an AutoTask account",
    protocol="soap",
    traits={"beta": True, "cloneable": False, "useModelsForMetadata": False},
)

AUTOTASK_HELPDESK = replace(
    _autotask(
        "helpdesk",
        "Helpdesk",
        {"production": 123, "snapshot": 95},
        ("accounts", "contacts", "incidents", "users"),
        common.NAME_FOR_AUTOTASK,
        *common.events(_SWITCH_AUTOTASK, "5", TEXT_32, common.POLLED_BY_AUTOTASK_HELPDESK, 300),
        common.OLDER_POLLER,
        common.signature_key(TEXT_128, 306),
        common.subscription_id(TEXT_32, True, 10),
        common.vendor_type("Vendor Event Type", TEXT_32, True, 0),
    ),
    description="Incidents, contacts and accounts of an AutoTask help desk",
    protocol="soap",
    traits={"cloneable": False},
)

AUTOTASK_FINANCE = replace(
    _autotask(
        "finance",
        "Finance",
        {"production": 4895, "snapshot": 15398},
        ("customers", "invoices", "items"),
        *common.bulk("lastActivityDate", "yyyy-MM-dd'T'HH:mm:ssZ", ">"),
        common.BULK_CREATED,
        *common.events(_SWITCH_HTTP, "15", TEXT_128, common.POLLED_BY_AUTOTASK_FINANCE, 101),
        common.vendor_type("Event Type", TEXT_128, True, 100),
    ),
    traits={"useModelsForMetadata": False},
)

ACT = Element(
    key="actessentials",
    name="Act! 365",
    hub="crm",
    description="Contacts and activities of an Act! 365 account",
    ids={"production": 1160, "snapshot": 7213},
    credentials=Credentials("act365", "username", "password"),
    validates=True,
    resources=("contacts",),
    logo="actessentials",
    keys=(
        *common.SELECT_FIELDS,
        common.ACT_SITE,
        *common.bulk("createdAt", _ACT_DATES, ">="),
        *common.paging("150", "offset"),
        common.START_INDEX,
        ConfigKey("username", "API Key", TEXT_32, "Key of the Act! account", default="", required=True, order=2),
        ConfigKey("password", "Developer Key", PASSWORD, "Key of the application", required=True, order=3),
        common.FILTER_NULLS,
        *common.events(_SWITCH_HTTP, "15", TEXT_128, common.POLLED_BY_ACT, 101),
        common.vendor_type("Event Type", TEXT_128, True, 100),
    ),
)

ACT_OAUTH = Element(
    key="actessentialsoauth",
    name="Act! Essentials",
    hub="crm",
    description="Contacts and activities of an Act! account, through OAuth",
    ids={"production": 1251, "snapshot": 7222},
    authentication="oauth2",
    resources=("contacts",),
    logo="actpremium",
    keys=(
        *common.oauth_client(),
        *common.SELECT_FIELDS,
        common.ACT_SITE,
        *common.bulk("created", _ACT_DATES, ">="),
        *common.paging("150", "offset"),
        common.FILTER_NULLS,
        *common.events(_SWITCH_HTTP, "15", TEXT_128, common.POLLED_BY_ACT, 101),
        common.vendor_type("Event Type", TEXT_128, True, 100),
        common.subscription_id(TEXT_64, True, 300),
    ),
)

EXAMPLE = Element(
    key="examplebasic",
    name="Example Basic",
    hub="general",
    description="Invented for the sandbox: one key of every kind, user name and password",
    ids={"production": 9001, "snapshot": 9101},
    credentials=Credentials("examplebasic", "username", "password"),
    ping_asks_vendor=True,
    keys=(
        ConfigKey("username", "Username", TEXT_128, "User of the example service", required=True),
        ConfigKey("password", "Password", PASSWORD, "Password of that user", required=True, order=2),
        ConfigKey("site.url", "Site URL", TEXT_1000, "Address", default="https://example.com/api", order=3),
        ConfigKey("feature.enabled", "Feature enabled", BOOLEAN, "A switch", default="false", order=4),
        ConfigKey("refresh.minutes", "Refresh interval", TEXT_32, "A number, in minutes", default="30", order=5),
        ConfigKey("mapping", "Field mapping", TEXTAREA, "A JSON object", order=6),
        common.FILTER_NULLS,
        *common.events(_SWITCH_AUTOTASK, "15", TEXT_32, common.POLLED_BY_EXAMPLE, 101),
        common.signature_key(TEXT_128, 111),
        common.vendor_type("Event Type", TEXT_32, True, 100),
    ),
)

EXAMPLE_TEXT = Element(
    key="exampletext",
    name="Example Text",
    hub="general",
    description="Invented for the sandbox: secrets in text fields, which are answered in clear, and names that look so",
    ids={"production": 9002, "snapshot": 9102},
    credentials=Credentials("examplebasic", "username", "password"),
    ping_asks_vendor=True,
    traits={"typeOauth": True},
    keys=(
        # Like several vendors whose only credential is a key.
        ConfigKey("username", "API Key", TEXT_128, "Key of the example service", required=True),
        ConfigKey("password", "Password", TEXT_128, "Password of that key", required=True, order=2),
        ConfigKey("clientSecret", "Client Secret", TEXT_128, "Secret of an application", order=3),
        ConfigKey("example.security.token", "Security Token", TEXT_1000, "A token of the account", order=4),
        ConfigKey("example.token.url", "Token URL", TEXT_1000, "Address", default="https://example.com/token", order=5),
        ConfigKey("integration_key", "Integration Key", TEXT_128, "Names the platform", default=common.INTEGRATION_KEY),
        ConfigKey("note", "Note", TEXTAREA, "Anything", order=6),
        common.FILTER_NULLS,
        *common.events(_SWITCH_AUTOTASK, "15", TEXT_32, "{}", 101),
        common.vendor_type("Event Type", TEXT_32, True, 100),
    ),
)

EXAMPLE_CLONE = replace(
    EXAMPLE,
    key="examplebasicclone",
    name="Example Basic Clone",
    ids={"production": 9003, "snapshot": 9103},
    clone_of=EXAMPLE.key,
)

ELEMENTS = (
    AUTOTASK_CRM,
    AUTOTASK_HELPDESK,
    AUTOTASK_FINANCE,
    ACT,
    ACT_OAUTH,
    EXAMPLE,
    EXAMPLE_TEXT,
    EXAMPLE_CLONE,
)
