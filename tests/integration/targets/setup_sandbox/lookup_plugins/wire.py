# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrived at the sandbox since the last look. Looking empties its log, so look once: in a `loop`."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    """`query('wire', cloud_elements_control_url)` returns one dictionary.

    `writes`: method, path and query of each, in their order. `bodies`: what these carried. `reads`: how many there
    were, calls to the vendor not counted. `hub`: the paths of those.
    """

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        """Read the log, then empty it. Faster than the lookup `url`, which takes 0.15 s to import."""
        requests = _call(terms[0], "GET")["requests"]
        _call(terms[0], "DELETE")
        writes = [request for request in requests if request["method"] != "GET"]
        hub = [request["path"] for request in requests if _to_vendor(request)]
        return [
            {
                "writes": [_line(request) for request in writes],
                "bodies": [request["body"] for request in writes],
                "reads": len(requests) - len(writes) - len(hub),
                "hub": hub,
            }
        ]


def _call(control_url: str, method: str) -> Any:
    address = urlsplit(control_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request(method, f"{address.path}/requests")
    return json.loads(connection.getresponse().read())


def _line(request: dict[str, Any]) -> str:
    query = urlencode(request["query"], doseq=True)
    return f"{request['method']} {request['path']}" + (f"?{query}" if query else "")


def _to_vendor(request: dict[str, Any]) -> bool:
    path: str = request["path"]
    return path.startswith("/hubs/") or path == "/ping"
