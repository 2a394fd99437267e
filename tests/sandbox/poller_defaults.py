# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects each element polls for events by default: the value of `event.poller.configuration`. Data."""

from __future__ import annotations

import json

_SECONDS = "yyyy-MM-dd'T'HH:mm:ss"
_ZONED = "yyyy-MM-dd'T'HH:mm:ssZ"
_MILLISECONDS = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"
_OFFSET = "yyyy-MM-dd'T'HH:mm:ssXXX"


def _since(url: str, date_field: str, operator: str, date_format: str) -> str:
    return f"{url}?where={date_field}{operator}'${{date:{date_format}}}'"


def _dates(updated: tuple[str, str], created: tuple[str, str], zone: str | None = None) -> dict[str, str]:
    """The `datesConfiguration` of one object; each date is (field, format)."""
    dates = {"updatedDateField": updated[0], "updatedDateFormat": updated[1]}
    if zone:
        dates["updatedDateTimezone"] = zone
    dates |= {"createdDateField": created[0], "createdDateFormat": created[1]}
    if zone:
        dates["createdDateTimezone"] = zone
    return dates


def _autotask_crm_object(name: str, updated: str, created: str) -> dict[str, object]:
    return {
        "url": _since(f"/hubs/crm/{name}", updated, ">=", _ZONED),
        "idField": "id",
        "datesConfiguration": _dates((updated, _ZONED), (created, _ZONED)),
    }


def _act_object(name: str, where: str = "lastUpdated", created_format: str = _MILLISECONDS) -> dict[str, object]:
    return {
        "url": _since(f"/hubs/crm/{name}", where, ">", _MILLISECONDS),
        "idField": "id",
        "datesConfiguration": _dates(("lastUpdated", _MILLISECONDS), ("created", created_format)),
    }


def _compact(objects: dict[str, dict[str, object]]) -> str:
    return json.dumps(objects, separators=(",", ":"))


AUTOTASK_CRM = _compact(
    {
        "accounts": _autotask_crm_object("accounts", "lastActivityDate", "createDate"),
        "contacts": _autotask_crm_object("contacts", "lastModifiedDate", "createDate"),
        "tasks": _autotask_crm_object("tasks", "lastActivityDateTime", "createDateTime"),
    }
)


def _autotask_eastern(url: str, updated: str, created: str) -> dict[str, object]:
    dates = _dates((updated, _SECONDS), (created, _SECONDS), "EST")
    return {"url": url, "idField": "id", "datesConfiguration": dates}


# The platform serves these two indented and framed by a line break, unlike the others: a client has to parse them.
AUTOTASK_HELPDESK = "\n" + json.dumps(
    {
        "incidents": _autotask_eastern(
            _since("/hubs/helpdesk/incidents", "lastActivityDate", ">=", _ZONED), "lastActivityDate", "createDate"
        )
    },
    indent=2,
)

AUTOTASK_FINANCE = "\n" + json.dumps(
    {
        "customers": _autotask_eastern(
            _since("/hubs/finance/customers", "lastActivityDate", ">=", _ZONED), "lastActivityDate", "createDate"
        ),
        "invoices": _autotask_eastern("/hubs/finance/invoices", "createDateTime", "createDateTime"),
    },
    indent="\t",
)

ACT = _compact(
    {
        "campaigns": _act_object("campaigns", where="sendDate"),
        "opportunities": _act_object("opportunities"),
        "contacts": _act_object("contacts"),
        "lists": _act_object("lists"),
        "metadata": _act_object("metadata", created_format=_OFFSET),
        "activities": _act_object("activities"),
        "interactions": _act_object("interactions"),
    }
)

EXAMPLE = _compact(
    {
        "records": {
            "url": _since("/hubs/general/records", "updated", ">=", _ZONED),
            "idField": "id",
            "datesConfiguration": _dates(("updated", _ZONED), ("created", _ZONED)),
        }
    }
)
