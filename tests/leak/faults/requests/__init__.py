# Copyright: Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for requests: the real one, but for instances whose name asks for a mistake.

The mistakes are of the kind that nobody expects, and their texts hold all that the request held.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

_SELF = Path(__file__).resolve().parent.parent
_shadow = sys.modules.pop("requests")
sys.path[:] = [path for path in sys.path if not path or Path(path).resolve() != _SELF]

import requests  # noqa: E402

_request = requests.Session.request


def _failing(self: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
    prepared = self.prepare_request(
        requests.Request(method, url, params=options.get("params"), json=options.get("json"), auth=options.get("auth"))
    )
    header: Any = prepared.headers["Authorization"]
    text = header.decode() if isinstance(header, bytes) else header
    everything = f"{method} {prepared.url} {text} {prepared.body!r} {options.get('json')}"
    asked = f"{options.get('params')} {options.get('json')}"
    if "raise at once" in asked:
        raise RuntimeError(everything)
    if "raise a key error" in asked:
        raise KeyError(everything, text)
    if "raise an invalid header" in asked:
        raise requests.exceptions.InvalidHeader(everything, text)
    if "raise on creation" in asked and method == "POST":
        raise RuntimeError(everything) from ValueError(text)
    if "/hubs/" in url or "/ping" in url:
        raise RuntimeError(everything)
    return _request(self, method, url, **options)


requests.Session.request = _failing  # type: ignore[method-assign,assignment]
