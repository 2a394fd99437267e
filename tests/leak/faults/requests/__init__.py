# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for requests: the real one, but for instances whose name asks for a mistake.

The mistakes are of the kind that nobody expects, and their texts hold all that the request held.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

_SELF = Path(__file__).resolve().parent.parent
_shadow = sys.modules.pop("requests")
sys.path[:] = [path for path in sys.path if not path or Path(path).resolve() != _SELF]

import requests  # noqa: E402

_send = requests.adapters.HTTPAdapter.send


def _failing(self: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> Any:
    header: Any = request.headers["Authorization"]
    text = header.decode() if isinstance(header, bytes) else header
    everything = f"{request.method} {request.url} {text} {request.body!r}"
    asked = f"{unquote_plus(request.url or '')} {request.body!r}"
    if "raise at once" in asked:
        raise RuntimeError(everything)
    if "raise a key error" in asked:
        raise KeyError(everything, text)
    if "raise an invalid header" in asked:
        raise requests.exceptions.InvalidHeader(everything, text)
    if "raise on creation" in asked and request.method == "POST":
        raise RuntimeError(everything) from ValueError(text)
    if "/hubs/" in asked or "/ping" in asked:
        raise RuntimeError(everything)
    return _send(self, request, **options)


requests.adapters.HTTPAdapter.send = _failing  # type: ignore[method-assign]
