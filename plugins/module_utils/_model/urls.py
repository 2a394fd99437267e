# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check whether a text is a URL that a vendor or the platform can call. Pure. Private to this collection."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

_NOT_IN_URLS = re.compile(r"[\s\x00-\x1f\x7f]")


def web_address(text: str) -> SplitResult | None:
    """Return the parts of an HTTP or HTTPS URL with a host and a valid port, if any. Return None for any other text."""
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname and has_port else None


def is_web_address(text: str) -> bool:
    """Return whether a text is such a URL, without white space."""
    return web_address(text) is not None and not _NOT_IN_URLS.search(text)
